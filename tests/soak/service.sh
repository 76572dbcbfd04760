# Copyright (c) 2026 The binarly-images authors
# Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.
#
# For the scripts beside it: a fake service that misbehaves, a manifest in which some uploads are
# wrong, and a look at what became of them. Sourced with $command and $folder set.
# shellcheck shell=bash

# serve UPLOADS FAULTS: starts the service; everything is in $folder then.
serve() {
  "$command" serve --images "$1" --faults "$2" --token soak --ca-out "$folder/ca.pem" \
    --manifest-out "$folder/all.csv" > "$folder/url" 2> "$folder/serve.log" &
  service=$!
  trap 'kill "$service" 2> /dev/null' EXIT
  for _ in $(seq 300); do
    [ -s "$folder/url" ] && break
    kill -0 "$service" || { cat "$folder/serve.log" >&2; exit 1; }
    sleep 0.1
  done
  BINARLY_API_URL=$(cat "$folder/url")
  export BINARLY_API_URL TOKEN=soak
  # Every hundredth upload is another version, or none at all.
  awk -F, -v OFS=, '
    NR > 1 && NR % 100 == 1 { $NF = "x" }
    NR > 1 && NR % 100 == 51 { $2 = "absent" NR }
    { print }' "$folder/all.csv" > "$folder/uploads.csv"
}

# check JOURNAL...: each row has one final verdict, and the right one.
check() {
  "$command" report "$@" --manifest "$folder/uploads.csv" --format csv > "$folder/report.csv" ||
    [ $? -eq 1 ] || return 1
  awk -F, -v rows="$(($(wc -l < "$folder/uploads.csv") - 1))" '
    NR > 1 {
      row = $1 + 1  # the line of the manifest
      right = row % 100 == 1 ? "mismatched" : row % 100 == 51 ? "missing" : "verified"
      if ($4 != right) { print "row " $1 " is " $4 ", not " right; ++wrong }
      ++seen
    }
    END {
      if (seen != rows) { print seen " of " rows " rows"; ++wrong }
      exit wrong != 0
    }' "$folder/report.csv" >&2
}
