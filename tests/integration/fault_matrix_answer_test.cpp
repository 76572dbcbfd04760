// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The fault matrix, second part: answers that are cut short, malformed, too large, too slow, or
// only look odd. Every one of them comes over a connection that is new, so nothing is replayed.

#include "support/fault_matrix.hpp"
#include "support/fault_server.hpp"
#include "support/packed.hpp"

#include <binarly/testing/certificate_authority.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace binarly;
using namespace binarly::testing;
using namespace binarly::testing::server_steps;
using namespace std::chrono_literals;

/// The connection serves on.
const fault_counts kept{.opened = 1, .reused = 1};

/// The connection ends for this reason, and the next one serves.
fault_counts lost(close_reason why) { return {.opened = 2, .closed = {{why, 1}}}; }

/// The answer is the connection's last, and a good one.
const fault_counts ended = lost(close_reason::announced);
const fault_counts broken = lost(close_reason::broken);

server_script joined(server_script first, const server_script& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// Answers the first request with these bytes, and goes on with these steps.
server_script answering(std::string bytes, const server_script& then = {}) {
  return joined({secure(), request(), say(std::move(bytes))}, then);
}

const server_script closing{goodbye(), fin()};

std::string up_to(std::string text, const std::string& end) {
  return text.substr(0, text.find(end));
}

/// A good answer, cut in the middle of its head or of its body.
std::string half_head() { return up_to(good_answer(), "Length"); }
std::string half_body() { return up_to(good_answer(), "\"version"); }

void with_long_token(client_options& options) {
  options.auth = credentials::bearer(std::string(9214, 't'));
}

std::string answer(const std::string& status, const std::string& headers,
                   const std::string& body = {}) {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Headers that say nothing of the body's length, and the good body in this form.
std::string framed(const std::string& headers, const std::string& body) {
  return "HTTP/1.1 200 OK\r\n" + headers + "\r\n" + body;
}

std::string hex(std::size_t number) {
  std::string digits;
  for (; number > 0; number /= 16)
    digits.insert(digits.begin(), "0123456789abcdef"[number % 16]);
  return digits;
}

const std::string chunked = "Transfer-Encoding: chunked\r\n";

/// The good body as one chunk, and the chunk that ends it.
std::string one_chunk() { return hex(good_body().size()) + "\r\n" + good_body() + "\r\n"; }
const std::string last_chunk = "0\r\n\r\n";

std::string with_length(const std::string& value) {
  return framed("Content-Length: " + value + "\r\n", good_body());
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += text;
  return all;
}

/// One byte at a time, the client at rest in between.
server_script byte_by_byte(const std::string& bytes) {
  server_script steps;
  for (const char byte : bytes) {
    steps.push_back(say({byte}));
    steps.push_back(rest());
  }
  return steps;
}

std::vector<fault_outcome> fails(errc code, phase step, const std::string& words,
                                 unsigned status = 0) {
  return {failed(code, step, words, status)};
}
/// The server may be faster than the news that the request is sent.
std::vector<fault_outcome> lost_before_answer(const std::string& words) {
  return {failed(errc::connection_lost, phase::head, words),
          failed(errc::connection_lost, phase::write, words)};
}
std::vector<fault_outcome> malformed(phase step = phase::head) {
  return fails(errc::malformed_answer, step, "", step == phase::head ? 0 : 200);
}
std::vector<fault_outcome> truncated_in_head(const std::string& words) {
  return fails(errc::truncated, phase::head, words);
}
std::vector<fault_outcome> truncated_in_body(const std::string& words) {
  return fails(errc::truncated, phase::body, words, 200);
}

}  // namespace

TEST_CASE("fault matrix: answers that end early") {
  const certificate_authority authority;
  const std::string closed = "the server closed the connection";
  const std::string cut = "without TLS's goodbye";
  run_fault_rows(
      authority,
      {
          {.name = "reset before the answer",
           .scripts = {{secure(), request(), reset()}},
           .sees = lost_before_answer("reset"),
           .counts = broken},
          {.name = "close_notify before the answer",
           .scripts = {{secure(), request(), goodbye(), fin()}},
           .sees = lost_before_answer(closed),
           .counts = broken},
          {.name = "closed without close_notify before the answer",
           .scripts = {{secure(), request(), fin()}},
           .sees = lost_before_answer(cut),
           .counts = broken},
          {.name = "reset in the head",
           .scripts = {answering(half_head(), {rest(), reset()})},
           .sees = truncated_in_head("reset"),
           .counts = broken},
          {.name = "reset after one byte",
           .scripts = {answering("H", {rest(), reset()})},
           .sees = truncated_in_head("reset"),
           .counts = broken},
          {.name = "close_notify in the head",
           .scripts = {answering(half_head(), closing)},
           .sees = truncated_in_head(closed),
           .counts = broken},
          {.name = "closed without close_notify in the head",
           .scripts = {answering(half_head(), {fin()})},
           .sees = truncated_in_head(cut),
           .counts = broken},
          {.name = "reset in the body",
           .scripts = {answering(half_body(), {rest(), reset()})},
           .sees = truncated_in_body("reset"),
           .counts = broken},
          {.name = "close_notify in the body",
           .scripts = {answering(half_body(), closing)},
           .sees = truncated_in_body(closed),
           .counts = broken},
          {.name = "closed without close_notify in the body",
           .scripts = {answering(half_body(), {fin()})},
           .sees = truncated_in_body(cut),
           .counts = broken},
          {.name = "a TLS alert in the body",
           .scripts = {answering(half_body(), {say_raw("\x15\x03\x03\xff\xff")})},
           .sees = truncated_in_body(""),
           .counts = broken},
          {.name = "a body of no length ends with close_notify (no fault)",
           .scripts = {answering(framed("", good_body()), closing)},
           .counts = ended},
          {.name = "a body of no length ends without close_notify",
           .scripts = {answering(framed("", good_body()), {fin()})},
           .sees = truncated_in_body(cut),
           .counts = broken},
          {.name = "a body of no length ends with a reset",
           .scripts = {answering(framed("", good_body()), {rest(), reset()})},
           .sees = truncated_in_body("reset"),
           .counts = broken},
          {.name = "Content-Length too long",
           .scripts = {answering(with_length(std::to_string(good_body().size() + 10)), closing)},
           .sees = truncated_in_body(closed),
           .counts = broken},
          {.name = "Content-Length too short: bytes left over",
           .scripts = {answering(good_answer() + "}}")},
           .counts = ended},
          {.name = "Content-Length too short: a document cut off",
           .scripts = {answering(with_length(std::to_string(good_body().size() - 10)))},
           .sees = fails(errc::bad_response, phase::decode, "", 200),
           .counts = ended},
          {.name = "the last chunk is missing",
           .scripts = {answering(framed(chunked, one_chunk()), closing)},
           .sees = truncated_in_body(closed),
           .counts = broken},
          {.name = "the last chunk lacks its last line end",
           .scripts = {answering(framed(chunked, one_chunk() + "0\r\n"), closing)},
           .sees = truncated_in_body(closed),
           .counts = broken},
      });
}

TEST_CASE("fault matrix: answers that are not HTTP") {
  const certificate_authority authority;
  const auto length = std::to_string(good_body().size());
  run_fault_rows(
      authority,
      {
          {.name = "garbage instead of HTTP",
           .scripts = {answering("\x05\x01nothing that speaks HTTP\r\n\r\n\xff\xfe\r\n")},
           .sees = malformed(),
           .counts = broken},
          {.name = "a frame of HTTP/2",
           .scripts = {answering(std::string("\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x64", 15))},
           .sees = malformed(),
           .counts = broken},
          {.name = "the preface of HTTP/2",
           .scripts = {answering("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")},
           .sees = malformed(),
           .counts = broken},
          {.name = "a document without a head, as HTTP/0.9 has it",
           .scripts = {answering("<html><body>It works!</body></html>\n", closing)},
           .sees = malformed(),
           .counts = broken},
          {.name = "a request instead of an answer",
           .scripts = {answering("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")},
           .sees = malformed(),
           .counts = broken},
          {.name = "an answer of HTTP/2.0 in the form of HTTP/1.1",
           .scripts = {answering("HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")},
           .sees = malformed(),
           .counts = broken},
          {.name = "a status of two digits",
           .scripts = {answering("HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n")},
           .sees = malformed(),
           .counts = broken},
          {.name = "a status of 099",
           .scripts = {answering("HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n")},
           .sees = malformed(),
           .counts = broken},
          {.name = "a header without a colon",
           .scripts = {answering(answer("200 OK", "no colon\r\n"))},
           .sees = malformed(),
           .counts = broken},
          {.name = "a space before a header's colon",
           .scripts = {answering(answer("200 OK", "Server : x\r\n"))},
           .sees = malformed(),
           .counts = broken},
          {.name = "a zero byte in a header",
           .scripts = {answering(answer("200 OK", std::string("Server: a\0b\r\n", 13)))},
           .sees = malformed(),
           .counts = broken},
          {.name = "Content-Length stated twice, and not the same",
           .scripts = {answering(
               framed("Content-Length: " + length + "\r\nContent-Length: 7\r\n", good_body()))},
           .sees = malformed(),
           .counts = broken},
          {.name = "Content-Length beside chunks",
           .scripts = {answering(
               framed("Content-Length: 7\r\n" + chunked, one_chunk() + last_chunk))},
           .sees = malformed(),
           .counts = broken},
          {.name = "a negative Content-Length",
           .scripts = {answering(with_length("-1"))},
           .sees = malformed(),
           .counts = broken},
          {.name = "a Content-Length that is no number",
           .scripts = {answering(with_length("many"))},
           .sees = malformed(),
           .counts = broken},
          {.name = "a Content-Length beyond 64 bits",
           .scripts = {answering(with_length("18446744073709551616"))},
           .sees = malformed(),
           .counts = broken},
          {.name = "a chunk's size that is no number",
           .scripts = {answering(framed(chunked, "xyz\r\n" + one_chunk() + last_chunk))},
           .sees = malformed(phase::body),
           .counts = broken},
          {.name = "a chunk's size beyond 64 bits",
           .scripts = {answering(framed(chunked, "10000000000000000\r\n" + good_body()))},
           .sees = malformed(phase::body),
           .counts = broken},
          {.name = "a chunk without its line end",
           .scripts = {answering(
               framed(chunked, hex(good_body().size()) + "\r\n" + good_body() + last_chunk))},
           .sees = malformed(phase::body),
           .counts = broken},
          {.name = "a switch of protocols (101)",
           .scripts = {answering("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")},
           .sees = fails(errc::malformed_answer, phase::head, "switches protocols"),
           .counts = broken},
      });
}

TEST_CASE("fault matrix: answers without an end") {
  const certificate_authority authority;
  const auto head = below("limits.head", &answer_limits::head, 4096);
  const auto body = below("limits.body", &answer_limits::body, 4096);
  const std::string filler(1000, 'x');
  run_fault_rows(
      authority,
      {
          {.name = "a head beyond its limit",
           .scripts = {answering(good_answer(repeated("X-Filler: " + filler + "\r\n", 5)))},
           // What comes in one piece is seen at its end, with its status.
           .sees = {failed(errc::too_large, phase::head, "4096 bytes"),
                    failed(errc::too_large, phase::head, "4096 bytes", 200)},
           .counts = broken,
           .bound = head},
          {.name = "a status line without an end",
           .scripts = {{secure(), request(), say("HTTP/1.1 200 "), flood(filler)}},
           .sees = fails(errc::too_large, phase::head, "4096 bytes"),
           .counts = broken,
           .bound = head},
          {.name = "a header without an end",
           .scripts = {{secure(), request(), say("HTTP/1.1 200 OK\r\nX: "), flood(filler)}},
           .sees = fails(errc::too_large, phase::head, "4096 bytes"),
           .counts = broken,
           .bound = head},
          {.name = "headers without an end",
           .scripts = {{secure(), request(), say("HTTP/1.1 200 OK\r\n"), flood("X: y\r\n")}},
           .sees = fails(errc::too_large, phase::head, "4096 bytes"),
           .counts = broken,
           .bound = head},
          {.name = "a chunk extension without an end",
           .scripts = {{secure(), request(), say(framed(chunked, "1;")), flood(filler)}},
           .sees = fails(errc::too_large, phase::body, "4096 bytes", 200),
           .counts = broken,
           .bound = head},
          {.name = "chunk extensions without an end",
           .scripts = {{secure(), request(), say(framed(chunked, "")),
                        flood("1;" + filler + "\r\n \r\n")}},
           .sees = fails(errc::too_large, phase::body, "4096 bytes", 200),
           .counts = broken,
           .bound = head},
          {.name = "trailers without an end",
           .scripts = {{secure(), request(), say(framed(chunked, one_chunk() + "0\r\n")),
                        flood("X: y\r\n")}},
           .sees = fails(errc::too_large, phase::body, "4096 bytes", 200),
           .counts = broken,
           .bound = head},
          {.name = "a body beyond its limit, by its length",
           .scripts = {answering(framed("Content-Length: 4097\r\n", ""))},
           .sees = fails(errc::too_large, phase::body, "4096 bytes", 200),
           .counts = broken,
           .bound = body},
          {.name = "a body beyond its limit, in chunks",
           .scripts = {{secure(), request(), say(framed(chunked, "")),
                        flood("3e8\r\n" + filler + "\r\n")}},
           .sees = fails(errc::too_large, phase::body, "4096 bytes", 200),
           .counts = broken,
           .bound = body},
          {.name = "a body beyond its limit, of no length",
           .scripts = {{secure(), request(), say(framed("", "")), flood(filler)}},
           .sees = fails(errc::too_large, phase::body, "4096 bytes", 200),
           .counts = broken,
           .bound = body},
          {.name = "nine interim answers",
           .scripts = {answering(repeated("HTTP/1.1 103 Early Hints\r\n\r\n", 9) + good_answer())},
           .sees = fails(errc::malformed_answer, phase::head, "more than 8 interim answers"),
           .counts = broken,
           .bound = always("8 interim answers")},
          {.name = "interim answers without an end",
           .scripts = {{secure(), request(), flood("HTTP/1.1 100 Continue\r\n\r\n")}},
           .sees = fails(errc::malformed_answer, phase::head, "more than 8 interim answers"),
           .counts = broken,
           .bound = always("8 interim answers")},
      });
}

TEST_CASE("fault matrix: answers that take their time") {
  const certificate_authority authority;
  const auto first_byte = within("first_byte", &timeout_options::first_byte, soon);
  const auto between_bytes = within("between_bytes", &timeout_options::between_bytes, soon);
  const std::string all = good_answer();
  const std::string head = up_to(all, "\r\n\r\n") + "\r\n\r\n";
  run_fault_rows(
      authority,
      {
          {.name = "slow bytes in the head (no fault)",
           .scripts = {joined({secure(), request()},
                              joined(byte_by_byte(head), {say(good_body()), serve()}))},
           .counts = kept},
          {.name = "slow bytes in the body (no fault)",
           .scripts = {joined({secure(), request(), say(head)},
                              joined(byte_by_byte(good_body()), {serve()}))},
           .counts = kept},
          {.name = "no answer",
           .scripts = {{secure(), request()}},
           .sees = fails(errc::timed_out, phase::head,
                         "no byte of an answer came within " + soon_in_words),
           .counts = lost(close_reason::left),
           .bound = first_byte},
          {.name = "an answer that comes too late, and is passed over",
           .scripts = {{secure(), request(), hold(), say(all), serve()}},
           .sees = fails(errc::timed_out, phase::head,
                         "no byte of an answer came within " + soon_in_words),
           .counts = {.opened = 1, .reused = 1, .drained = 1},
           .bound = first_byte},
          {.name = "a head that stops",
           .scripts = {{secure(), request(), say(half_head()), hold(), reset()}},
           .sees = fails(errc::timed_out, phase::head,
                         "nothing more of the answer came for " + soon_in_words),
           .counts = lost(close_reason::left),
           .bound = between_bytes},
          {.name = "a body that stops",
           .scripts = {{secure(), request(), say(half_body()), hold(), reset()}},
           .sees = fails(errc::timed_out, phase::body,
                         "nothing more of the answer came for " + soon_in_words, 200),
           .counts = lost(close_reason::left),
           .bound = between_bytes},
          {.name = "a body that stops, and goes on too late",
           .scripts = {{secure(), request(), say(half_body()), hold(),
                        say(all.substr(half_body().size())), serve()}},
           .sees = fails(errc::timed_out, phase::body,
                         "nothing more of the answer came for " + soon_in_words, 200),
           .counts = {.opened = 1, .reused = 1, .drained = 1},
           .bound = between_bytes},
          {.name = "a large body that stops is not waited for",
           .scripts = {{secure(), request(), say(framed("Content-Length: 1000000\r\n", "x"))}},
           .sees = fails(errc::timed_out, phase::body,
                         "nothing more of the answer came for " + soon_in_words, 200),
           .counts = lost(close_reason::left),
           .bound = between_bytes},
          {.name = "chunks that stop are not waited for",
           .scripts = {{secure(), request(), say(framed(chunked, one_chunk()))}},
           .sees = fails(errc::timed_out, phase::body,
                         "nothing more of the answer came for " + soon_in_words, 200),
           .counts = lost(close_reason::left),
           .bound = between_bytes},
      });
}

TEST_CASE("fault matrix: answers that are complete") {
  const certificate_authority authority;
  const std::string html = "<html><body><h1>502 Bad Gateway</h1></body></html>\r\n";
  run_fault_rows(
      authority,
      {
          {.name = "100 before the answer (no fault)",
           .scripts = {answering("HTTP/1.1 100 Continue\r\n\r\n" + good_answer(), {serve()})},
           .counts = kept},
          {.name = "eight times 103 before the answer (no fault)",
           .scripts = {answering(
               repeated("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 8) + good_answer(),
               {serve()})},
           .counts = kept},
          {.name = "chunks with extensions and trailers (no fault)",
           .scripts = {answering(framed(chunked, hex(good_body().size()) + ";a=b\r\n" +
                                                     good_body() + "\r\n0;c\r\nX-Sum: 1\r\n\r\n"),
                                 {serve()})},
           .counts = kept},
          {.name = "Connection: close (no fault)",
           .scripts = {answering(good_answer("Connection: close\r\n"))},
           .counts = ended},
          {.name = "an answer of HTTP/1.0 (no fault)",
           .scripts = {answering("HTTP/1.0" + good_answer().substr(8))},
           .counts = ended},
          {.name = "an answer of HTTP/1.0 that promises keep-alive (no fault)",
           .scripts = {answering("HTTP/1.0" + good_answer("Connection: keep-alive\r\n").substr(8),
                                 {serve()})},
           .counts = kept},
          {.name = "a body in gzip's coding (no fault)",
           .scripts = {answering(
               answer("200 OK", "Content-Encoding: gzip\r\n", packed(good_body())), {serve()})},
           .counts = kept},
          {.name = "a body in gzip's coding that is cut off",
           .scripts = {answering(
               answer("200 OK", "Content-Encoding: gzip\r\n", packed(good_body()).substr(0, 50)),
               {serve()})},
           .sees = fails(errc::bad_response, phase::decode, "gzip", 200),
           .counts = kept},
          {.name = "a body behind a byte order mark (no fault)",
           .scripts = {answering(answer("200 OK", "", "\xef\xbb\xbf" + good_body()), {serve()})},
           .counts = kept},
          {.name = "202 with a message",
           .scripts = {answering(answer("202 Accepted", "", R"({"message":"soon"})"), {serve()})},
           .sees = fails(errc::not_ready, phase::decode, "", 202),
           .counts = kept},
          {.name = "204 without a body",
           .scripts = {answering("HTTP/1.1 204 No Content\r\n\r\n", {serve()})},
           .sees = fails(errc::not_ready, phase::decode, "", 204),
           .counts = kept},
          {.name = "304, which nobody asked for",
           .scripts = {answering("HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n",
                                 {serve()})},
           .sees = fails(errc::redirected, phase::decode, "", 304),
           .counts = kept},
          {.name = "200 with an empty body",
           .scripts = {answering(answer("200 OK", ""), {serve()})},
           .sees = fails(errc::bad_response, phase::decode, "", 200),
           .counts = kept},
          {.name = "200 with HTML",
           .scripts = {answering(answer("200 OK", "Content-Type: text/html\r\n", html), {serve()})},
           .sees = fails(errc::bad_response, phase::decode, "", 200),
           .counts = kept},
          {.name = "200 with a compressed body that nobody asked for",
           .scripts = {answering(answer("200 OK", "Content-Encoding: gzip\r\n", "\x1f\x8b\x08 x"),
                                 {serve()})},
           .sees = fails(errc::bad_response, phase::decode, "", 200),
           .counts = kept},
          {.name = "a transfer coding that nobody asked for",
           .scripts = {answering(framed("Transfer-Encoding: gzip, chunked\r\n",
                                        "4\r\n\x1f\x8b\x08 \r\n" + last_chunk),
                                 {serve()})},
           .sees = fails(errc::bad_response, phase::decode, "", 200),
           .counts = kept},
          {.name = "a redirect",
           .scripts = {answering(answer("302 Found", "Location: https://elsewhere.invalid/\r\n"),
                                 {serve()})},
           .sees = fails(errc::redirected, phase::decode, "elsewhere.invalid", 302),
           .counts = kept},
          {.name = "a redirect to a signed address, with a user name",
           .scripts = {answering(answer("302 Found",
                                        "Location: https://user:word@elsewhere.invalid/file?"
                                        "X-Amz-Signature=hidden#top\r\n"),
                                 {serve()})},
           .sees =
               fails(errc::redirected, phase::decode, "to https://elsewhere.invalid/file (", 302),
           .counts = kept},
          {.name = "a redirect within the server, with a query",
           .scripts = {answering(answer("302 Found", "Location: /login?next=hidden\r\n"),
                                 {serve()})},
           .sees = fails(errc::redirected, phase::decode, "to /login (", 302),
           .counts = kept},
          {.name = "400 to a token of 9 kB",
           .scripts = {answering(answer("400 Bad Request", "", "<html></html>"), {serve()})},
           .sees =
               fails(errc::rejected, phase::decode,
                     "the request carried a token of 9,214 bytes; servers often allow 8 kB", 400),
           .counts = kept,
           .options = with_long_token},
          {.name = "431 to a token of 9 kB",
           .scripts = {answering(answer("431 Request Header Fields Too Large", ""), {serve()})},
           .sees = fails(errc::rejected, phase::decode, "a token of 9,214 bytes", 431),
           .counts = kept,
           .options = with_long_token},
          {.name = "a bare close after a token of 9 kB",
           .scripts = {joined({secure(), request()}, closing)},
           .sees = fails(errc::connection_lost, phase::head, "a token of 9,214 bytes"),
           .counts = broken,
           .options = with_long_token},
          {.name = "401",
           .scripts = {answering(answer("401 Unauthorized", "", "{}"), {serve()})},
           .sees = fails(errc::unauthorized, phase::decode, "401", 401),
           .counts = kept},
          {.name = "404",
           .scripts = {answering(answer("404 Not Found", "", R"({"message":"no"})"), {serve()})},
           .sees = fails(errc::not_found, phase::decode, "404", 404),
           .counts = kept},
          {.name = "404 of a stranger",
           .scripts = {answering(answer("404 Not Found", "", "{}"), {serve()})},
           .sees = fails(errc::bad_response, phase::decode, "404", 404),
           .counts = kept},
          {.name = "408 with Connection: close",
           .scripts = {answering(answer("408 Request Timeout", "Connection: close\r\n"), closing)},
           .sees = fails(errc::server_error, phase::decode, "408", 408),
           .counts = ended},
          {.name = "429 with Retry-After",
           .scripts = {answering(answer("429 Too Many Requests", "Retry-After: 7\r\n"), {serve()})},
           .sees = fails(errc::throttled, phase::decode, "7 s", 429),
           .counts = kept},
          {.name = "502 with a load balancer's HTML",
           .scripts = {answering(answer("502 Bad Gateway", "Content-Type: text/html\r\n", html),
                                 {serve()})},
           .sees = fails(errc::server_error, phase::decode, "502", 502),
           .counts = kept},
          {.name = "503 with Retry-After",
           .scripts = {answering(answer("503 Service Unavailable", "Retry-After: 7\r\n"),
                                 {serve()})},
           .sees = fails(errc::server_error, phase::decode, "7 s", 503),
           .counts = kept},
          {.name = "500 with a large body",
           .scripts = {answering(answer("500 Oops", "", std::string(50'000, 'x')), {serve()})},
           .sees = fails(errc::server_error, phase::decode, "500", 500),
           .counts = kept},
      });
}
