// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/span.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

namespace binarly::tools {

using namespace std::chrono_literals;

TEST_CASE("span: what people write") {
  struct row {
    const char* text;
    std::chrono::milliseconds span;
  };
  const row rows[] = {
      {"90", 90s},       {"90s", 90s},       {"2m", 2min},        {"1h30m", 90min},
      {"1d", 24h},       {"500ms", 500ms},   {"0", 0ms},          {"0s", 0ms},
      {"0.5", 500ms},    {".5", 500ms},      {"1.5h", 90min},     {"1d2h3m4s5ms", 93'784'005ms},
      {"1h 30m", 90min}, {" 5 m ", 5min},    {"1m1ms", 60'001ms}, {"0.0001", 1ms},
      {"0.1", 100ms},    {"0.001", 1ms},     {"1.001", 1001ms},   {"1000d", 24'000h},
      {"86400", 24h},    {"000000090", 90s}, {"1.s", 1s},
  };
  for (const auto& [text, span] : rows) {
    CAPTURE(text);
    CHECK(parse_span(text) == span);
  }
  CHECK(parse_span("5", "ms") == 5ms);
  CHECK(parse_span("5s", "ms") == 5s);
  CHECK(parse_span("5", "m") == 5min);
}

TEST_CASE("span: what is none") {
  for (const char* bad : {"",
                          " ",
                          "s",
                          "-1",
                          "-1s",
                          "+1",
                          "1h30",
                          "30m1h",
                          "1m1m",
                          "1ms1s",
                          "1M",
                          "1H",
                          "1sec",
                          "1 h 30",
                          "1.5.5s",
                          ".",
                          ".s",
                          "1e3",
                          "0x10",
                          "inf",
                          "nan",
                          "1001d",
                          "99999999999999999999",
                          "1s\n",
                          "1µs",
                          "ten",
                          "1s.",
                          "1,5s"}) {
    CAPTURE(bad);
    CHECK(parse_span(bad) == std::nullopt);
  }
}

TEST_CASE("span: written as it is read") {
  for (const auto span :
       {0ms, 1ms, 999ms, 1000ms, 90'000ms, 5'400'000ms, 86'400'000ms, 93'784'005ms}) {
    CAPTURE(span_text(span));
    CHECK(parse_span(span_text(span)) == span);
  }
  CHECK(span_text(90min) == "1h30m");
  CHECK(span_text(0ms) == "0s");
  CHECK(span_text(7 * 24h) == "7d");
}

TEST_CASE("span: bounds are told in the same words") {
  CHECK(span_flaw("1ms", 1ms, 24h).empty());
  CHECK(span_flaw("1d", 1ms, 24h).empty());
  CHECK(span_flaw("0", 1ms, 24h) == "\"0\" is not from 1ms to 1d");
  CHECK(span_flaw("25h", 1ms, 24h) == "\"25h\" is not from 1ms to 1d");
  CHECK(span_flaw("60001", 0ms, 60s, "ms") == "\"60001\" is not from 0s to 1m");
  CHECK(span_flaw("soon\x1b", 0ms, 24h) ==
        "\"soon\\x1b\" is no span of time, such as 90s, 2m, 1h30m, 1d or 500ms");
}

}  // namespace binarly::tools
