// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/response_parser.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using binarly::errc;
using binarly::phase;
using binarly::https::response_head;
using binarly::https::response_parser;
using state = binarly::https::response_parser::state;

class recorder final : public binarly::https::response_reader {
 public:
  void on_head(response_head given) override {
    head = std::move(given);
    ++heads;
  }
  void on_body(std::string_view piece) override {
    body += piece;
    largest = std::max(largest, piece.size());
  }

  response_head head;
  int heads = 0;
  std::string body;
  std::size_t largest = 0;
};

/// Feeds bytes in pieces of the given size until the parser has seen enough.
state feed(response_parser& parser, std::string_view bytes, std::size_t piece_size) {
  state now = state::need_more;
  while (!bytes.empty() && now == state::need_more) {
    const auto room = parser.prepare();
    const std::size_t count = std::min({room.size(), piece_size, bytes.size()});
    std::memcpy(room.data(), bytes.data(), count);
    bytes.remove_prefix(count);
    now = parser.commit(count);
  }
  return now;
}

constexpr std::size_t head_limit = 4096;
constexpr std::size_t body_limit = 10'000;

const std::string sample =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n"
    "X-Request-Id: r-1\r\nRetry-After: 7\r\nDate: now\r\nLocation: /x\r\n\r\nhello";

TEST_CASE("an answer is the same however its bytes arrive") {
  const std::vector<std::string> table{
      sample,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;ext=\"a\"\r\nlo\r\n"
      "0\r\nX-Trailer: a\r\n\r\n",
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + sample,
  };
  for (const auto& bytes : table) {
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
      CAPTURE(bytes);
      CAPTURE(piece);
      response_parser parser(head_limit);
      recorder reader;
      parser.start(reader, body_limit);
      REQUIRE(feed(parser, bytes, piece) == state::complete);
      CHECK(reader.heads == 1);
      CHECK(reader.head.status == 200);
      CHECK(reader.body == "hello");
      CHECK(parser.terms().reusable);
    }
  }
}

TEST_CASE("an empty chunked body is empty however its bytes arrive") {
  const std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    CAPTURE(piece);
    response_parser parser(head_limit);
    recorder reader;
    parser.start(reader, body_limit);
    REQUIRE(feed(parser, bytes, piece) == state::complete);
    CHECK(reader.body.empty());
    CHECK(parser.terms().reusable);
  }
}

TEST_CASE("the date of an answer that is no success is shown") {
  response_parser parser(head_limit);
  recorder reader;
  parser.start(reader, body_limit);
  const std::string busy = "HTTP/1.1 503 Busy\r\nDate: now\r\nContent-Length: 0\r\n\r\n";
  REQUIRE(feed(parser, busy, busy.size()) == state::complete);
  CHECK(reader.head.date == "now");
}

TEST_CASE("the head's fields are shown") {
  response_parser parser(head_limit);
  recorder reader;
  parser.start(reader, body_limit);
  REQUIRE(feed(parser, sample, sample.size()) == state::complete);
  CHECK(reader.head.request_id == "r-1");
  CHECK(reader.head.retry_after == "7");
  CHECK(reader.head.date.empty());  // it serves to read a failure's Retry-After
  CHECK(reader.head.location == "/x");
}

TEST_CASE("one connection serves answer after answer, each with its own reader") {
  response_parser parser(head_limit);
  for (int i = 0; i < 3; ++i) {
    recorder reader;
    parser.start(reader, body_limit);
    CHECK_FALSE(parser.got_some());
    REQUIRE(feed(parser, sample, 11) == state::complete);
    CHECK(reader.body == "hello");
    CHECK(parser.terms().reusable);
    parser.forget_reader();
  }
}

TEST_CASE("what follows or forbids reuse") {
  struct row {
    std::string bytes;
    bool reuse;
  };
  const std::vector<row> table{
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true},
      {"HTTP/1.1 204 No Content\r\n\r\n", true},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", true},
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}", true},
      {"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}", true},
      {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n", false},
  };
  for (const auto& row : table) {
    CAPTURE(row.bytes);
    response_parser parser(head_limit);
    recorder reader;
    parser.start(reader, body_limit);
    REQUIRE(feed(parser, row.bytes, row.bytes.size()) == state::complete);
    CHECK(parser.terms().reusable == row.reuse);
  }
}

TEST_CASE("an answer without a length ends with a proper close, and its connection with it") {
  response_parser parser(head_limit);
  recorder reader;
  parser.start(reader, body_limit);
  REQUIRE(feed(parser, "HTTP/1.1 200 OK\r\n\r\nhello", 100) == state::need_more);
  CHECK(parser.end_of_stream() == state::complete);
  CHECK(reader.body == "hello");
  CHECK_FALSE(parser.terms().reusable);
}

TEST_CASE("an answer cut short is truncated, wherever the cut is") {
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  const std::string after_interim = "HTTP/1.1 103 Early Hints\r\n\r\n" + sample;
  for (const auto& bytes : {sample, chunked, after_interim}) {
    for (std::size_t size = 1; size < bytes.size(); ++size) {
      CAPTURE(bytes.substr(0, size));
      response_parser parser(head_limit);
      recorder reader;
      parser.start(reader, body_limit);
      REQUIRE(feed(parser, std::string_view(bytes).substr(0, size), 7) == state::need_more);
      CHECK(parser.end_of_stream() == state::failed);
      CHECK(parser.error().code == errc::truncated);
      CHECK_FALSE(parser.terms().reusable);
    }
  }
}

/// Bytes that never end, made as they are needed.
state feed_endlessly(response_parser& parser, std::string_view begin, std::string_view repeated,
                     std::size_t at_most) {
  state now = feed(parser, begin, begin.size());
  std::size_t sent = 0;
  while (now == state::need_more && sent < at_most) {
    now = feed(parser, repeated, repeated.size());
    sent += repeated.size();
  }
  return now;
}

TEST_CASE("nothing that frames an answer is unbounded") {
  struct row {
    std::string what;
    std::string begin;
    std::string repeated;
  };
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::vector<row> table{
      {"a status line", "HTTP/1.1 200 ", "aaaaaaaaaaaaaaaa"},
      {"a header field", "HTTP/1.1 200 OK\r\nX: ", "aaaaaaaaaaaaaaaa"},
      {"header fields", "HTTP/1.1 200 OK\r\n", "Field: value\r\n"},
      {"a chunk extension", chunked + "1;", "aaaaaaaaaaaaaaaa"},
      {"blanks behind a chunk's size", chunked + "1", "                "},
      {"padded chunks", chunked, "1" + std::string(300, ' ') + "\r\nx\r\n"},
      {"chunk extensions", chunked, "1;" + std::string(100, 'a') + "\r\nx\r\n"},
      {"zeros before a chunk's size", chunked, std::string(300, '0') + "1\r\nx\r\n"},
      {"trailers", chunked + "0\r\n", "Field: value\r\n"},
      {"a trailer", chunked + "0\r\nX: ", "aaaaaaaaaaaaaaaa"},
  };
  // Beast has a limit of its own at 8 KiB, which must not be the one that is met.
  for (const std::size_t limit : {head_limit, 4 * head_limit, 16 * head_limit})
    for (const auto& row : table) {
      CAPTURE(row.what);
      CAPTURE(limit);
      response_parser parser(limit);
      recorder reader;
      parser.start(reader, 1'000'000);
      CHECK(feed_endlessly(parser, row.begin, row.repeated, 50'000'000) == state::failed);
      CHECK(parser.error().code == errc::too_large);
      CHECK_FALSE(parser.terms().reusable);
      // However many bytes came, only about a limit's worth of them was ever held.
      CHECK(parser.prepare().size() <= 256 * 1024);
    }
}

TEST_CASE("a head of the full limit is read") {
  const std::string begin = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ";
  const std::string end = "\r\n\r\n";
  for (const std::size_t limit : {head_limit, 16 * head_limit}) {
    const std::string head = begin + std::string(limit - begin.size() - end.size(), 'a') + end;
    REQUIRE(head.size() == limit);
    recorder reader;
    response_parser just(limit);
    just.start(reader, body_limit);
    CHECK(feed(just, head, 1000) == state::complete);
    response_parser below(limit - 1);
    below.start(reader, body_limit);
    CHECK(feed(below, head, head.size()) == state::failed);
    CHECK(below.error().code == errc::too_large);
    CHECK(below.error().step == phase::head);
  }
}

TEST_CASE("many small chunks are no attack") {
  response_parser parser(head_limit);
  recorder reader;
  parser.start(reader, body_limit);
  std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t i = 0; i < body_limit; ++i)
    bytes += "1\r\nx\r\n";
  REQUIRE(feed(parser, bytes + "0\r\n\r\n", 1000) == state::complete);
  CHECK(reader.body.size() == body_limit);
}

TEST_CASE("a body beyond its limit is refused, as early as it can be known") {
  struct row {
    std::string what;
    std::string bytes;
  };
  const std::vector<row> table{
      {"announced", "HTTP/1.1 200 OK\r\nContent-Length: 10001\r\n\r\n"},
      {"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\n" +
                      std::string(8192, 'x') + "\r\n2000\r\n"},
      {"until the end", "HTTP/1.1 200 OK\r\n\r\n" + std::string(10'001, 'x')},
  };
  for (const auto& row : table) {
    CAPTURE(row.what);
    response_parser parser(head_limit);
    recorder reader;
    parser.start(reader, body_limit);
    CHECK(feed(parser, row.bytes, row.bytes.size()) == state::failed);
    CHECK(parser.error().code == errc::too_large);
    CHECK(parser.error().step == phase::body);
    CHECK(reader.head.status == 200);
    CHECK(reader.body.size() <= body_limit);
  }
}

TEST_CASE("a limit can be met exactly") {
  response_parser parser(head_limit);
  recorder reader;
  parser.start(reader, body_limit);
  const std::string bytes =
      "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + std::string(body_limit, 'x');
  CHECK(feed(parser, bytes, 999) == state::complete);
  CHECK(reader.body.size() == body_limit);
}

TEST_CASE("what is not HTTP/1.1 is malformed") {
  const std::vector<std::string> table{
      "SSH-2.0-OpenSSH\r\n\r\n",
      "<html>\r\n\r\n",
      "HTTP/2.0 200 OK\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 037 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
      std::string("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", 27),
      "HTTP/1.1 101 Switching Protocols\r\n\r\n",
  };
  for (const auto& bytes : table) {
    CAPTURE(bytes);
    response_parser parser(head_limit);
    recorder reader;
    parser.start(reader, body_limit);
    CHECK(feed(parser, bytes, 3) == state::failed);
    CHECK(parser.error().code == errc::malformed_answer);
    CHECK_FALSE(parser.error().reason.empty());
    CHECK_FALSE(parser.terms().reusable);
  }
}

const std::string chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST_CASE("what is not quite HTTP/1.1 is taken where curl takes it and nobody reads it otherwise") {
  const std::string length = "Content-Length: 5\r\n\r\nhello";
  const std::vector<std::string> table{
      // Without a reason, and without the blank before it.
      "HTTP/1.1 200 \r\n" + length,
      "HTTP/1.1 200\r\n" + length,
      "HTTP/1.0 200\r\n" + length,
      "HTTP/1.1 100\r\n\r\nHTTP/1.1 200\r\n" + length,
      "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      // Blanks behind a chunk's size.
      chunked_head + "5  \r\nhello\r\n0\r\n\r\n",
      chunked_head + "5\t \r\nhello\r\n0   \r\n\r\n",
      chunked_head + "2 \r\nhe\r\n000003     \r\nllo\r\n0\t\r\nX-Trailer: a\r\n\r\n",
      chunked_head + "5 ;a=b\r\nhello\r\n0\r\n\r\n",
      chunked_head + "5;a=\"b c\"\r\nhello\r\n0\r\n\r\n",
      // The same length twice, and blanks around it (RFC 9112, section 6.3).
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + length,
      "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nContent-Length:  5 \t\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nX:\r\n" + length,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      // What follows the head is not the head's.
      "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 8\r\n\r\n\r\n hello",
  };
  for (const auto& bytes : table) {
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
      CAPTURE(bytes);
      CAPTURE(piece);
      response_parser parser(head_limit);
      recorder reader;
      parser.start(reader, body_limit);
      REQUIRE(feed(parser, bytes, piece) == state::complete);
      CHECK(reader.heads == 1);
      CHECK(reader.head.status == 200);
      CHECK(reader.body.ends_with("hello"));
      CHECK(parser.terms().reusable == !bytes.starts_with("HTTP/1.0"));
    }
  }
}

TEST_CASE("what two readers may take for two answers is refused") {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string length = "Content-Length: 5\r\n\r\nhello";
  const std::vector<std::string> table{
      // Lines that end with LF alone.
      "HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 200\nContent-Length: 5\r\n\r\nhello",
      ok + "X: a\n" + length,
      ok + "X: a\rb\r\n" + length,
      ok + "Content-Length: 5\n\nhello",
      chunked_head + "5\nhello\r\n0\r\n\r\n",
      chunked_head + "5 \nhello\r\n0\r\n\r\n",
      chunked_head + "5\r\nhello\n0\r\n\r\n",
      // Status lines that are anything else.
      "\r\n" + ok + length,
      " " + ok + length,
      "HTTP/1.1  200 OK\r\n" + length,
      "HTTP/1.1 200\tOK\r\n" + length,
      "HTTP/1.1 200OK\r\n" + length,
      "HTTP/1.1 2000\r\n" + length,
      "HTTP/1.1 20\r\n" + length,
      "HTTP/1.1\r\n" + length,
      "HTTP/1.1 099\r\n" + length,
      "HTTP/1.2 200\r\n" + length,
      "http/1.1 200\r\n" + length,
      // Fields.
      ok + "Content-Length : 5\r\n\r\nhello",
      ok + "Content-Length\t: 5\r\n\r\nhello",
      ok + " Content-Length: 5\r\n\r\nhello",
      ok + ": 5\r\n" + length,
      ok + "X: a\r\n b\r\n" + length,
      ok + "X: a\r\n\tb\r\n" + length,
      ok + "X: a\r\n \r\n" + length,
      ok + "Content-Length:\r\n 5\r\n\r\nhello",
      // Lengths.
      ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
      ok + "Content-Length: 5, 6\r\n\r\nhello",
      ok + "Content-Length: 5,\r\n\r\nhello",
      ok + "Content-Length: +5\r\n\r\nhello",
      ok + "Content-Length: -5\r\n\r\nhello",
      ok + "Content-Length: 0x5\r\n\r\nhello",
      ok + "Content-Length: 5 5\r\n\r\nhello",
      ok + "Content-Length:\r\n\r\nhello",
      ok + "Content-Length: 18446744073709551621\r\n\r\nhello",
      ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello",
      ok + "Content-Length: 5\r\nTransfer-Encoding: identity\r\n\r\nhello",
      ok + "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
      // Codings whose frame is in doubt.
      ok + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: chunked gzip\r\n\r\n0\r\n\r\n",
      ok + "Transfer-Encoding:\r\n\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      // Chunks.
      chunked_head + " 5\r\nhello\r\n0\r\n\r\n",
      chunked_head + "0 5\r\nhello\r\n0\r\n\r\n",
      chunked_head + "5 5\r\nhello\r\n0\r\n\r\n",
      chunked_head + "5 \r \r\nhello\r\n0\r\n\r\n",
      chunked_head + "5\x0b\r\nhello\r\n0\r\n\r\n",
      chunked_head + "5 x\r\nhello\r\n0\r\n\r\n",
      chunked_head + "0x5\r\nhello\r\n0\r\n\r\n",
      chunked_head + "-5\r\nhello\r\n0\r\n\r\n",
      chunked_head + "\r\nhello\r\n0\r\n\r\n",
      chunked_head + "  \r\nhello\r\n0\r\n\r\n",
      chunked_head + "10000000000000005\r\nhello\r\n0\r\n\r\n",
      chunked_head + "5\r\nhello0\r\n\r\n",
      chunked_head + "5\r\nhello!\r\n0\r\n\r\n",
  };
  for (const auto& bytes : table) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, bytes.size()}) {
      CAPTURE(bytes);
      CAPTURE(piece);
      response_parser parser(head_limit);
      recorder reader;
      parser.start(reader, body_limit);
      CHECK(feed(parser, bytes, piece) == state::failed);
      CHECK(parser.error().code == errc::malformed_answer);
      CHECK_FALSE(parser.error().reason.empty());
      CHECK_FALSE(parser.terms().reusable);
    }
  }
}

TEST_CASE("chunks in an answer of HTTP/1.0 are its connection's last") {
  // RFC 9112, section 6.1: such a framing may be another's.
  response_parser parser(head_limit);
  recorder reader;
  parser.start(reader, body_limit);
  const std::string bytes =
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n0\r\n\r\n";
  REQUIRE(feed(parser, bytes, bytes.size()) == state::complete);
  CHECK(reader.body == "hello");
  CHECK_FALSE(parser.terms().reusable);
}

TEST_CASE("interim answers are passed over, eight of them") {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
  for (const int count : {8, 9}) {
    response_parser parser(head_limit);
    recorder reader;
    parser.start(reader, body_limit);
    std::string bytes;
    for (int i = 0; i < count; ++i)
      bytes += interim;
    CHECK(feed(parser, bytes + sample, 5) == (count == 8 ? state::complete : state::failed));
    CHECK(reader.heads == (count == 8 ? 1 : 0));
  }
}

TEST_CASE("the failure's phase tells how far the answer had come") {
  recorder reader;
  response_parser in_head(head_limit);
  in_head.start(reader, body_limit);
  feed(in_head, "HTTP/1.1 2", 100);
  CHECK(in_head.got_some());
  CHECK_FALSE(in_head.got_head());
  CHECK(in_head.end_of_stream() == state::failed);
  CHECK(in_head.error().step == phase::head);

  response_parser in_body(head_limit);
  in_body.start(reader, body_limit);
  feed(in_body, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", 100);
  CHECK(in_body.got_head());
  CHECK(in_body.end_of_stream() == state::failed);
  CHECK(in_body.error().step == phase::body);
}

TEST_CASE("a forgotten reader is not called") {
  response_parser parser(head_limit);
  recorder reader;
  parser.start(reader, body_limit);
  feed(parser, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", 100);
  parser.forget_reader();
  CHECK(feed(parser, "llo", 3) == state::complete);
  CHECK(reader.body == "he");
}

}  // namespace
