#!/bin/sh
# Copyright (c) 2026 The binarly-images authors
# Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.
#
# Usage: check.sh SOURCE_ROOT
# Fails when a C++ snippet of the documentation is not, letter for letter, part of an example that
# is built. Tries itself on a planted difference first.
set -eu

root=$1

# Prints "file:line" for each snippet of the files that stands in no example of the tree.
strange_snippets() {
  examples=$1
  shift
  awk '
    FILENAME ~ /\.cpp$/ { code = code $0 "\n"; next }
    /^```cpp$/ { inside = 1; snippet = ""; begun = FNR; next }
    /^```$/ && inside {
      inside = 0
      ++snippets
      if (!index(code, snippet)) print FILENAME ":" begun ": stands in no example"
      next
    }
    inside { snippet = snippet $0 "\n" }
    END { if (!snippets) print "there is no snippet to check" }
  ' "$examples"/*.cpp "$@"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
sed 's/co_await/co_wait/' "$root/README.md" > "$scratch/README.md"
if [ -z "$(strange_snippets "$root/examples" "$scratch/README.md")" ]; then
  echo 'a planted difference was not found' >&2
  exit 1
fi

strange=$(strange_snippets "$root/examples" "$root/README.md" "$root"/docs/*.md)
[ -z "$strange" ] || {
  printf '%s\n' "$strange" >&2
  exit 1
}
