// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// An answer must mean the same in whatever pieces the network delivers it, and stay within bounds.

#include "https/response_parser.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace {

using binarly::https::response_parser;

constexpr std::size_t head_limit = 1024;
constexpr std::size_t body_limit = 512;

void require(bool condition) {
  if (!condition) std::abort();
}

class collector final : public binarly::https::response_reader {
 public:
  void on_head(binarly::https::response_head head) override {
    require(status == 0 && head.status >= 200);
    status = head.status;
  }
  void on_body(std::string_view piece) override {
    require(status != 0);
    body += piece;
    require(body.size() <= body_limit);
  }

  unsigned status = 0;
  std::string body;
};

struct answer {
  unsigned status = 0;
  std::string body;
  bool reusable = false;

  bool operator==(const answer&) const = default;
};

// None when the answer is not complete: a refusal may come sooner or later, but nothing is
// completed by one way of delivery alone.
std::optional<answer> feed(std::string_view bytes, std::size_t most_at_once, bool then_close) {
  collector reader;
  response_parser parser(head_limit);
  parser.start(reader, body_limit);
  auto state = response_parser::state::need_more;
  while (state == response_parser::state::need_more && !bytes.empty()) {
    const auto room = parser.prepare();
    require(!room.empty());
    const auto count = std::min({room.size(), bytes.size(), most_at_once});
    std::ranges::copy(bytes.substr(0, count), room.begin());
    bytes.remove_prefix(count);
    state = parser.commit(count);
  }
  if (state == response_parser::state::need_more && then_close) state = parser.end_of_stream();
  if (state != response_parser::state::complete) return std::nullopt;
  require(parser.got_head());
  // Bytes that were not fed yet cannot forbid to use the connection again.
  return answer{reader.status, reader.body, bytes.empty() && parser.terms().reusable};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool then_close = (data[0] & 1) != 0;
  const auto whole = feed(bytes, bytes.size(), then_close);
  require(feed(bytes, 1 + data[0] / 2U, then_close) == whole);
  require(feed(bytes, 1, then_close) == whole);
  return 0;
}
