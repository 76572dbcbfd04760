#!/usr/bin/env bash
# Copyright (c) 2026 The binarly-images authors
# Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.
#
# What: in Boost.Asio 1.81 an operation whose completion signature is void(std::exception_ptr, T) can
# be awaited with asio::use_awaitable, but not when it was made with asio::deferred: that does not
# compile. With void(error_code, T) both can be awaited.
#
# Version: libboost1.81-dev 1.81.0-5+deb12u1 of Debian 12, with any compiler that knows C++20.
#
# Seen: boost/asio/impl/awaitable.hpp:956: no match for 'operator*' (operand type is
# '...awaitable_async_op_handler<void(std::exception_ptr, int), ...>::result_type')
#
# Why it matters: asio::deferred makes the best default token, since it fits every coroutine and can
# be given another token later. An operation whose only error is an exception must have use_awaitable
# instead, or the first co_await of its users ends in a page of errors inside Asio.
#
# Needs apt-get, a C++20 compiler and the network; fails if what was seen changes.
set -euo pipefail
version=1.81.0-5+deb12u1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q "libboost1.81-dev=$version" > apt.log 2>&1 || { cat apt.log >&2; exit 2; }
dpkg -x libboost1.81-dev_*.deb package

cat > awaits.cpp <<'END'
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <iostream>
namespace asio = boost::asio;

template <class Token>
auto async_answer(Token&& token) {
  return asio::async_initiate<Token, void(ERROR, int)>(
      [](auto handler) { std::move(handler)(ERROR(), 42); }, token);
}

asio::awaitable<void> run() {
  const int answer = co_await async_answer(TOKEN);
  std::cout << answer << '\n';
}

int main() {
  asio::io_context loop;
  asio::co_spawn(loop, run(), asio::detached);
  loop.run();
}
END

# build ERROR TOKEN
build() {
  "${CXX:-c++}" -std=c++20 -isystem package/usr/include "-DERROR=$1" "-DTOKEN=$2" awaits.cpp \
    -o awaits -pthread > errors 2>&1
}

for how in 'boost::system::error_code asio::deferred' 'std::exception_ptr asio::use_awaitable'; do
  # shellcheck disable=SC2086  # two words
  build $how
  [ "$(./awaits)" = 42 ]
  echo "$how: awaited"
done
if build std::exception_ptr asio::deferred; then
  echo 'std::exception_ptr asio::deferred: it compiles now' >&2
  exit 1
fi
grep -m 1 'awaitable.hpp.*no match for' errors
echo 'std::exception_ptr asio::deferred: does not compile, as seen before'
