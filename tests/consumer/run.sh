#!/bin/sh
# Copyright (c) 2026 The binarly-images authors
# Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.
#
# Usage: run.sh BUILD_DIRECTORY
# Uses the library as a stranger would: installed, found through pkg-config, with nothing of the
# build's own settings. Each public header must also compile alone.
set -eu

build=$1
here=$(dirname "$0")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

DESTDIR=$scratch meson install -C "$build" --no-rebuild --quiet
file=$(find "$scratch" -name binarly-images.pc)
export PKG_CONFIG_PATH="${file%/*}"
export PKG_CONFIG_SYSROOT_DIR="$scratch"
library_directory=${PKG_CONFIG_PATH%/pkgconfig}
passed=0

compile() { c++ -std=c++20 -Wall -Wextra -Wpedantic -Werror "$@"; }

flags=$(pkg-config --cflags binarly-images-testing)
include=$(pkg-config --variable=includedir binarly-images)
for header in $(cd "$include" && find binarly -name '*.hpp'); do
  echo "$header alone"
  # shellcheck disable=SC2086  # a list of flags
  printf '#include <%s>\n' "$header" | compile $flags -fsyntax-only -x c++ -
  passed=$((passed + 1))
done

echo 'with the shared library'
# shellcheck disable=SC2046  # a list of flags
compile "$here/main.cpp" -o "$scratch/shared" $(pkg-config --cflags --libs binarly-images-testing)
ldd "$scratch/shared" | grep -q libbinarly-images-testing.so
LD_LIBRARY_PATH=$library_directory "$scratch/shared"
passed=$((passed + 1))

echo 'with the static library'
rm "$library_directory"/libbinarly-images*.so*
# shellcheck disable=SC2046  # a list of flags
compile "$here/main.cpp" -o "$scratch/static" \
  $(pkg-config --static --cflags --libs binarly-images-testing)
"$scratch/static"
passed=$((passed + 1))

echo "$passed passed, 0 failed"
