#!/usr/bin/env bash
# Copyright (c) 2026 The binarly-images authors
# Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.
#
# What: Boost.JSON's parsers refuse good JSON where a piece of it ends at the very address at which
# the parser begins. The functions of basic_parser return a pointer into the input;
# for "not complete yet" they return the parser's own address, which the end of the input may be.
#
# Version: libboost1.81-dev and libboost-json1.81-dev 1.81.0-5+deb12u1 of Debian 12.
#
# Seen: of {"a":1} in two pieces, cut behind "a", the whole is "incomplete JSON" if the first piece
# ends where the parser begins (cut elsewhere, it may be a "syntax error"); if it ends one byte before
# that, all is well.
#
# Why it matters: malloc of the GNU C library keeps some bytes between two objects, so that this
# cannot be. jemalloc, tcmalloc and the allocators of the sanitizers do not: where a parser on the
# heap is the first member of its object, and a buffer has the same size, now and then a good answer
# is refused. An object with another member before the parser is safe.
#
# Needs apt-get, a C++17 compiler and the network; fails if what was seen changes.
set -euo pipefail
version=1.81.0-5+deb12u1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q "libboost1.81-dev=$version" > apt.log 2>&1 || { cat apt.log >&2; exit 2; }
dpkg -x libboost1.81-dev_*.deb package

cat > pieces.cpp <<'END'
#include <boost/json/src.hpp>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <new>
#include <string>

namespace json = boost::json;

int main(int, char** arguments) {
  const std::size_t gap = std::stoul(arguments[1]);
  alignas(json::stream_parser) static char memory[64 + sizeof(json::stream_parser)];
  const std::string first = "{\"a\"";
  const std::string second = ":1}";
  char* const begin = memory + 64 - gap - first.size();
  std::memcpy(begin, first.data(), first.size());
  auto* const parser = new (memory + 64) json::stream_parser();
  json::error_code error;
  parser->write(begin, first.size(), error);
  if (!error) parser->write(second.data(), second.size(), error);
  if (!error) parser->finish(error);
  std::cout << (error ? error.message() : "good") << '\n';
  parser->~stream_parser();
}
END
"${CXX:-c++}" -std=c++17 -DNDEBUG -isystem package/usr/include pieces.cpp -o pieces

apart=$(./pieces 1)
together=$(./pieces 0)
echo "a piece that ends one byte before the parser: $apart"
echo "a piece that ends where the parser begins: $together"
[ "$apart" = good ]
[ "$together" = 'incomplete JSON' ]
echo 'as seen before'
