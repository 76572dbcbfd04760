#!/bin/sh
# Copyright (c) 2026 The binarly-images authors
# Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.
#
# Usage: run.sh COMMAND EXAMPLE...
# Runs each example as its reader would, against the fake service that COMMAND serves.
set -eu

command=$1
shift
scratch=$(mktemp -d)
served=
trap 'if [ -n "$served" ]; then kill "$served"; fi; rm -rf "$scratch"' EXIT

mkfifo "$scratch/address"
"$command" serve --port 0 --images 10 --token a-token --ca-out "$scratch/ca.pem" \
  --manifest-out "$scratch/uploads.csv" > "$scratch/address" &
served=$!
# The service says where it listens once all files are written.
read -r BINARLY_API_URL < "$scratch/address"
TOKEN=a-token
export BINARLY_API_URL TOKEN

IFS=, read -r product image rest << END
$(sed -n 2p "$scratch/uploads.csv")
END
for example; do
  echo "${example##*/}"
  "$example" "$product" "$image" "$scratch/ca.pem" > "$scratch/said"
  cat "$scratch/said"
done

# The first prints the image's name and version, which the manifest holds as well.
"$1" "$product" "$image" "$scratch/ca.pem" | grep -qF "$(echo "$rest" | tr ',' ' ')"
