#!/bin/sh
# Copyright (c) 2026 The binarly-images authors
# Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.
#
# Usage: check.sh SOURCE_ROOT COMPILER [ARGUMENT...]
# Fails when a layer includes one above it, when a public header brings Beast or OpenSSL along, or
# when a source file is not built. Tries itself on planted breaks first.
set -eu

root=$1
shift

# What each folder may include besides itself; the public headers are everybody's vocabulary.
layers='lib/domain
lib/policy
lib/connect domain policy
lib/https   connect domain policy
lib/call    https connect domain policy
lib/client  call domain
lib/bulk
lib/testing
tools
examples
bench       domain
tests/consumer'

# Prints "file:line: what is wrong" for each include that goes up the stair.
climbing_includes() {
  printf '%s\n' "$layers" | while read -r folder below; do
    [ -d "$1/$folder" ] || continue
    find "$1/$folder" -name '*.[ch]pp' -exec awk -v below=" ${folder##*/} $below " \
      -v ground="$(expr " domain policy " : ".* ${folder##*/} ")" -v lib="${folder%%/*}" '
      !/^[ \t]*#[ \t]*include/ { next }
      {
        name = $0
        sub(/^[^"<]*["<]/, "", name)
        sub(/[">].*/, "", name)
        first = index(name, "/") ? substr(name, 1, index(name, "/") - 1) : ""
      }
      first ~ /^(domain|policy|connect|https|call|client|bulk|testing|tools|lib|include|\.\.?)$/ &&
          !index(below, " " first " ") ||
          ground && name ~ /^(boost\/(asio|beast)|openssl)[\/.]/ ||
          lib == "lib" && /"/ && first == "" {
        print FILENAME ":" FNR ": includes " name
      }' {} +
  done
}

# Prints "header: what it brings along" for each public header that leaks.
leaking_headers() {
  tree=$1
  shift
  (cd "$tree/include" && find binarly -name '*.hpp') | while read -r header; do
    printf '#include <%s>\n' "$header" |
      "$@" -std=c++20 -I"$tree/include" -M -x c++ - > "$scratch/depends" ||
      echo "$header: cannot be included alone"
    tr ' ' '\n' < "$scratch/depends" |
      awk -v header="$header" '
        /\/(boost\/beast|openssl)[\/.]|boost\/asio\/ssl[\/.]/ { print header ": brings " $0; exit }'
  done
}

# Prints each source file that its folder's meson.build does not name.
forgotten_sources() {
  for list in lib tools tests bench examples; do
    [ -f "$1/$list/meson.build" ] || continue
    (cd "$1/$list" && find . -name '*.cpp' ! -path './consumer/*') | while read -r file; do
      folder=$1/$list/$(dirname "$file")
      cat "$1/$list/meson.build" "$folder/meson.build" 2> "$scratch/absent" |
        grep -qF "$(basename "$file" .cpp)" || echo "$list/${file#./}: is not built"
    done
  done
}

# Plants a break in a small tree; the given check must find it, and must find nothing before.
must_find() {
  expected=$1 file=$2 line=$3
  shift 3
  tree=$scratch/tree
  rm -rf "$tree"
  mkdir -p "$tree/include/binarly" "$tree/$(dirname "$file")"
  echo '#include <cstddef>' > "$tree/include/binarly/a.hpp"
  echo '#include <binarly/a.hpp>' > "$tree/include/binarly/b.hpp"
  check=$1
  shift
  before=$("$check" "$tree" "$@")
  echo "$line" > "$tree/$file"
  after=$("$check" "$tree" "$@")
  case $before/$after in
    /*"$expected"*) ;;
    *) echo "self-test: '$line' in $file was not found: '$before' '$after'"; return 1 ;;
  esac
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

while read -r file name; do
  must_find "$file:1: includes $name" "$file" "#include \"$name\"" climbing_includes
done <<END
lib/domain/x.cpp policy/retry_policy.hpp
lib/policy/x.hpp domain/image_reader.hpp
lib/policy/x.hpp boost/asio/steady_timer.hpp
lib/connect/x.cpp https/pool.hpp
lib/https/x.cpp call/call.hpp
lib/call/x.hpp client/client_state.hpp
lib/client/x.cpp bulk/verify.hpp
lib/client/x.cpp https/pool.hpp
lib/bulk/x.cpp client/client_state.hpp
lib/bulk/x.cpp domain/rfc3339.hpp
lib/testing/x.cpp https/pool.hpp
lib/testing/x.cpp domain/rfc3339.hpp
lib/https/x.cpp ../call/call.hpp
lib/https/x.cpp pool.hpp
tools/x.cpp domain/rfc3339.hpp
examples/x.cpp https/pool.hpp
END
must_find 'b.hpp: brings' include/binarly/a.hpp '#include <openssl/ssl.h>' leaking_headers "$@"
must_find 'b.hpp: brings' include/binarly/a.hpp '#include <boost/asio/ssl.hpp>' leaking_headers "$@"
must_find 'b.hpp: brings' include/binarly/a.hpp '#include <boost/beast/version.hpp>' \
  leaking_headers "$@"
mkdir -p "$scratch/forgotten/lib/domain"
echo "files('domain/a.cpp')" > "$scratch/forgotten/lib/meson.build"
touch "$scratch/forgotten/lib/domain/a.cpp"
[ -z "$(forgotten_sources "$scratch/forgotten")" ]
touch "$scratch/forgotten/lib/domain/b.cpp"
[ "$(forgotten_sources "$scratch/forgotten")" = 'lib/domain/b.cpp: is not built' ]

found=$(climbing_includes "$root"; leaking_headers "$root" "$@"; forgotten_sources "$root")
[ -z "$found" ] || { printf '%s\n' "$found"; exit 1; }
