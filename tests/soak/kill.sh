#!/usr/bin/env bash
# Copyright (c) 2026 The binarly-images authors
# Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.
#
# kill.sh COMMAND KILLS UPLOADS: kills one run at random moments, resumes it each time, and wants
# exactly one final verdict for each row in the end, all of them right.
set -euo pipefail
command=$(realpath "$1") kills=$2 uploads=$3
here=$(dirname "$0")
folder=$(mktemp -d)
# shellcheck source=tests/soak/service.sh
. "$here/service.sh"
serve "$uploads" 503=0.05,reset_in_body=0.03,truncate_body=0.02
trap 'kill "$service" 2> /dev/null; rm -rf "$folder"' EXIT

verify() {
  exec "$command" verify "$folder/uploads.csv" --ca-file "$folder/ca.pem" \
    --results "$folder/out.jsonl" --resume --quiet --attempts 20
}

killed=0
for _ in $(seq "$kills"); do
  verify 2> "$folder/verify.log" &
  run=$!
  sleep "0.$(printf '%03d' $((RANDOM % 500)))"
  if kill -KILL "$run" 2> /dev/null; then killed=$((killed + 1)); fi
  wait "$run" 2> /dev/null || true
done
lines=$(cat "$folder/out.jsonl" 2> /dev/null | wc -l)
(verify) 2> "$folder/verify.log" || [ $? -eq 1 ] || { cat "$folder/verify.log" >&2; exit 1; }
check "$folder/out.jsonl"
echo "kill: killed $killed times, with $lines of $uploads rows done by then; every verdict is right"
