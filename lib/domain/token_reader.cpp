// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/token_reader.hpp"

#include "domain/error_reader.hpp"
#include "domain/wipe.hpp"

#include <boost/json/memory_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <utility>

namespace binarly::domain {
namespace {

namespace json = boost::json;

constexpr std::size_t most_bytes = 64 * 1024;
constexpr std::size_t deepest = 32;

/// What the parser keeps for a while, and what it makes, is wiped, too. Nothing in a JSON value
/// asks for more than the usual alignment.
class wiping_memory final : public json::memory_resource {
  void* do_allocate(std::size_t size, std::size_t) override { return ::operator new(size); }
  void do_deallocate(void* place, std::size_t size, std::size_t) override {
    wipe(static_cast<char*>(place), size);
    ::operator delete(place);
  }
  bool do_is_equal(const json::memory_resource& other) const noexcept override {
    return this == &other;
  }
};

failure refuse(const char* reason) {
  failure_detail detail;
  detail.code = errc::bad_response;
  detail.step = phase::decode;
  detail.reason = reason;
  return failure(std::move(detail));
}

std::string_view text_of(const json::object& object, json::string_view key) {
  const auto* const member = object.if_contains(key);
  const auto* const text = member == nullptr ? nullptr : member->if_string();
  return text == nullptr ? std::string_view() : std::string_view(text->data(), text->size());
}

/// The type is required (RFC 6749, section 5.1), and left out by servers that know one alone.
bool is_bearer(const json::object& object) {
  const auto* const member = object.if_contains("token_type");
  if (member == nullptr || member->is_null()) return true;
  const auto type = text_of(object, "token_type");
  constexpr std::string_view expected = "bearer";
  return std::equal(type.begin(), type.end(), expected.begin(), expected.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

/// Some servers, and gateways before them, say what is wrong with a status of success.
failure without_token(const json::object& object, std::string_view secret) {
  const auto envelope = envelope_of(object, secret);
  if (!envelope || envelope->message.empty()) return refuse("the answer has no access_token");
  failure_detail detail;
  detail.code = errc::rejected;
  detail.step = phase::decode;
  detail.reason = "an error, with a status of success";
  detail.server_message = envelope->message;
  return failure(std::move(detail));
}

/// A number, or, as some servers have it, the digits of one.
std::optional<std::chrono::seconds> lifetime_of(const json::object& object) {
  const auto* const member = object.if_contains("expires_in");
  if (member == nullptr) return std::nullopt;
  std::int64_t seconds = -1;
  if (member->is_number()) {
    json::error_code failed;
    const auto number = member->to_number<std::int64_t>(failed);
    if (!failed) seconds = number;
  } else if (const auto digits = text_of(object, "expires_in"); !digits.empty()) {
    std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  }
  if (seconds < 0) return std::nullopt;
  // Far more than any clock holds is as good as that.
  constexpr std::int64_t most = std::int64_t{1} << 32U;
  return std::chrono::seconds(std::min(seconds, most));
}

}  // namespace

token_reader::~token_reader() { wipe(body_); }

void token_reader::write(std::string_view piece) {
  too_long_ = too_long_ || piece.size() > most_bytes - body_.size();
  if (too_long_) return;
  // Never grown, which would leave a part of it behind.
  if (body_.capacity() < most_bytes) body_.reserve(most_bytes);
  body_ += piece;
}

result<access_token> token_reader::finish(std::string_view secret) {
  if (too_long_) return refuse("the answer is larger than 64 KiB");
  std::string_view text = body_;
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  wiping_memory memory;
  json::parse_options options;
  options.max_depth = deepest;
  std::array<unsigned char, 4096> room;
  json::error_code failed;
  // Of the same memory: what is assigned to another one is copied.
  json::value body(&memory);
  {
    json::parser parser(&memory, options, room.data(), room.size());
    parser.reset(&memory);  // what it makes, too
    parser.write({text.data(), text.size()}, failed);
    if (!failed) body = parser.release();
  }
  wipe(reinterpret_cast<char*>(room.data()), room.size());
  wipe_stack_below();
  const json::object* const object = failed ? nullptr : body.if_object();
  if (object == nullptr) return refuse("the answer is not a JSON object");
  const auto token = text_of(*object, "access_token");
  if (token.empty()) return without_token(*object, secret);
  if (!is_bearer(*object)) return refuse("its token_type is not Bearer");
  return access_token(binarly::secret(std::string(token)), lifetime_of(*object));
}

}  // namespace binarly::domain
