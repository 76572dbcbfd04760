// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/json_feed.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace {

using binarly::errc;
using binarly::domain::json_feed;

/// Writes down what it is told, in short.
struct taker {
  using error_code = boost::json::error_code;
  using view = boost::json::string_view;

  static constexpr std::size_t max_depth = 8;
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = 64;
  static constexpr std::size_t max_key_size = 64;

  [[nodiscard]] static std::string field() { return {}; }
  [[nodiscard]] static std::string flaw() { return {}; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return put("{"); }
  bool on_object_end(std::size_t, error_code&) { return put("}"); }
  bool on_array_begin(error_code&) { return put("["); }
  bool on_array_end(std::size_t, error_code&) { return put("]"); }
  bool on_key_part(view part, std::size_t, error_code&) { return put(part); }
  bool on_key(view last, std::size_t, error_code&) { return put(last) && put(":"); }
  bool on_string_part(view part, std::size_t, error_code&) { return put(part); }
  bool on_string(view last, std::size_t, error_code&) { return put(last) && put(";"); }
  bool on_number_part(view, error_code&) { return true; }
  bool on_int64(std::int64_t value, view, error_code&) { return put(std::to_string(value) + ';'); }
  bool on_uint64(std::uint64_t, view, error_code&) { return true; }
  bool on_double(double, view, error_code&) { return true; }
  bool on_bool(bool, error_code&) { return put("b;"); }
  bool on_null(error_code&) { return put("n;"); }
  bool on_comment_part(view, error_code&) { return true; }
  bool on_comment(view, error_code&) { return true; }

  bool put(view text) {
    seen.append(text.data(), text.size());
    return true;
  }

  std::string seen;
};

}  // namespace

TEST_CASE("json feed: a piece may end where the feed begins in memory") {
  constexpr std::string_view text = R"({"a":"b","c":[1,"d",{"e":null}],"f":{},"g":true})";
  using feed = json_feed<taker>;
  constexpr std::size_t before = 64;
  for (std::size_t split = 0; split <= text.size(); ++split) {
    CAPTURE(split);
    alignas(feed) std::array<char, before + sizeof(feed)> memory{};
    const std::unique_ptr<feed, void (*)(feed*)> here(new (memory.data() + before) feed(),
                                                      [](feed* gone) { std::destroy_at(gone); });
    const auto first = text.substr(0, split);
    char* const begin = memory.data() + before - first.size();
    std::copy(first.begin(), first.end(), begin);
    CHECK(here->write({begin, first.size()}));
    CHECK(here->write(text.substr(split)));
    CHECK(here->end());
    const auto trouble = here->trouble(errc::bad_response);
    CHECK_MESSAGE(!trouble, trouble->message());
    CHECK(here->handler().seen == "{a:b;c:[1;d;{e:n;}]f:{}g:b;}");
  }
}
