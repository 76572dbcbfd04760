#!/bin/sh
# Copyright (c) 2026 The binarly-images authors
# Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.
#
# Usage: check.sh SAMPLE SCHEMA
# Fails when the JUnit output does not fit the schema, when a browser finds fault with a report, or
# when a report does not show what it is asked for. Tries itself on planted breaks first.
set -eu

sample=$1
schema=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
  echo "$*" >&2
  exit 1
}

browser=
for name in chromium chromium-browser google-chrome; do
  [ -n "$browser" ] || browser=$(command -v "$name") || browser=
done
[ -n "$browser" ] || fail 'there is no Chromium, which is needed to look at reports'
command -v xmllint > /dev/null || fail 'there is no xmllint, which is needed to check JUnit output'

# browse PAGE[#STATE] OPTION...: the browser without its window, in a profile of its own. As root it
# cannot build its sandbox; the pages are our own.
browse() {
  address=file://$scratch/$1
  shift
  timeout -k 5 60 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
    --user-data-dir="$scratch/profile" --no-first-run --enable-logging=stderr --v=0 \
    "$@" "$address" 2> "$scratch/log" || {
    tail -n 20 "$scratch/log" >&2
    fail "the browser did not come to an end with $address"
  }
}

# What the browser has to say about the last page.
complaints() { grep 'CONSOLE' "$scratch/log" || true; }

# expect PAGE[#STATE] TEXT [OPTION...]: the page has the text in it once it is shown, and nothing to
# complain about.
expect() {
  page=$1 text=$2
  shift 2
  browse "$page" --dump-dom "$@" > "$scratch/dom"
  said=$(complaints)
  [ -z "$said" ] || fail "$page: $said"
  grep -qF -- "$text" "$scratch/dom" || {
    grep -o '<p id="shown".*' "$scratch/dom" >&2 || true
    fail "$page: does not show '$text'"
  }
}

# rows_of VERDICT: so many rows of the run have it.
rows_of() { awk -F, -v word="$1" '$4 == word { ++count } END { print count + 0 }' "$scratch/rows.csv"; }

# JUnit
fits() { xmllint --noout --schema "$schema" "$1" 2> "$scratch/xml.log"; }
for run in empty one hostile resumed; do
  "$sample" junit "$run" > "$scratch/$run.xml"
  fits "$scratch/$run.xml" || { tail -n 5 "$scratch/xml.log" >&2; fail "JUnit of the run '$run'"; }
done
for break in 's/ classname="[^"]*"//' 's/<failure/<fault/;s/failure>/fault>/' 's/ tests="/ tests="-/'; do
  sed "$break" "$scratch/hostile.xml" > "$scratch/broken.xml"
  ! fits "$scratch/broken.xml" || fail "the schema lets '$break' pass"
done

# The reports
for run in empty one good resumed hostile 20000; do
  "$sample" report "$run" > "$scratch/$run.html"
done
"$sample" csv 20000 > "$scratch/rows.csv"

for break in 's,</main>,<img src="https://x.invalid/a.png">&,' "s,</main>,<script>1</script>&," \
  "s,'use strict';,&throw 1;,"; do
  sed "$break" "$scratch/one.html" > "$scratch/broken.html"
  browse broken.html --dump-dom > "$scratch/dom"
  [ -n "$(complaints)" ] || fail "the browser does not complain about '$break'"
done

expect empty.html '<span>There was nothing to verify</span>'
expect one.html '<span>The upload is verified</span>'
expect good.html '<span>All 3,000 uploads are verified</span>'
expect resumed.html '<title>paused for 23 h 0 min</title>'
expect hostile.html '60 rows</p>'
[ "$(grep -c '<script' "$scratch/dom")" = 1 ] || fail 'a text of the hostile run became a script'

missing=$(rows_of missing)
mismatched=$(rows_of mismatched)
failed=$(rows_of failed)
all=$((missing + mismatched + failed + $(rows_of forbidden)))
[ "$missing" -gt 0 ] && [ "$mismatched" -gt 0 ] && [ "$failed" -gt 0 ] || fail 'the sample is too good'
expect 20000.html ">$all rows</p>"
expect '20000.html#v=missing' ">$missing of $all rows</p>"
[ "$(grep -c '<tr data-v="missing"[^>]*hidden' "$scratch/dom")" = 0 ] || fail 'what was found is hidden'
[ "$(grep -c '<tr data-v="mismatched"[^>]*hidden' "$scratch/dom")" = "$mismatched" ] ||
  fail 'what was not looked for is shown'
expect '20000.html#q=NOT%20found' ">$missing of $all rows</p>"
expect '20000.html#q=not_found' ">$missing of $all rows</p>"
expect '20000.html#q=version&v=mismatched' ">$mismatched of $all rows</p>"
expect '20000.html#v=failed&c=timed_out' 'timed_out ×</button>'
expect '20000.html#q=no+row+has+this' ">0 of $all rows</p>"
expect '20000.html#q=%3Cscript%3Ealert(1)%3C/script%3E' ">0 of $all rows</p>"
expect 'hostile.html#q=onerror' ">4 of 60 rows</p>"

# Colours: as the system has them, unless the address says otherwise.
expect 20000.html '>Dark</button>' --blink-settings=preferredColorScheme=1
expect 20000.html '>Light</button>' --blink-settings=preferredColorScheme=0
expect '20000.html#theme=dark' '>Light</button>' --blink-settings=preferredColorScheme=1
expect '20000.html#theme=light' '>Dark</button>' --blink-settings=preferredColorScheme=0
for theme in light dark; do
  browse "20000.html#theme=$theme" --screenshot="$scratch/$theme.png" --window-size=1200,2400
  said=$(complaints)
  [ -z "$said" ] || fail "$theme: $said"
  [ -s "$scratch/$theme.png" ] || fail "nothing was drawn in $theme colours"
done
! cmp -s "$scratch/light.png" "$scratch/dark.png" || fail 'light and dark look the same'
