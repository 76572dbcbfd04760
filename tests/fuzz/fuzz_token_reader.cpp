// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/token_reader.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

binarly::result<binarly::access_token> read(std::string_view body, std::size_t piece) {
  binarly::domain::token_reader reader;
  for (; !body.empty(); body.remove_prefix(std::min(piece, body.size())))
    reader.write(body.substr(0, piece));
  return reader.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(data, data + size);
  const auto token = read(body, std::max<std::size_t>(size, 1));
  const auto same = read(body, 3);
  require(token.has_value() == same.has_value());
  if (!token) {
    require(token.error().message() == same.error().message());
    return 0;
  }
  require(!token->value.empty() && token->value.reveal().size() < size);
  require(token->value == same->value && token->lifetime == same->lifetime);
  require(!token->lifetime || *token->lifetime >= std::chrono::seconds(0));
  return 0;
}
