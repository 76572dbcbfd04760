// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_delivery.hpp"

#include <boost/beast/http/status.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace binarly::testing {

namespace http = boost::beast::http;

void append_chunk(std::string& out, std::string_view piece) {
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), piece.size(), 16).ptr;
  out.append(size.data(), end);
  out += "\r\n";
  out += piece;
  out += "\r\n";
}

namespace {

constexpr std::uint64_t huge_body_size = 100'000'000;
// In a report of a thousand components.
constexpr std::uint64_t middle_of_source = 20'000;
constexpr std::size_t huge_head_size = 1'000'000;

/// Whether an answer of that status ends with its head (RFC 9110, sections 15.3.5 and 15.4.5).
bool has_no_body(unsigned status) { return status == 204 || status == 304; }

enum class body_framing { length, chunked, until_close, none };

std::string head_of(const fake_answer& answer, const framing& frame, body_framing body,
                    std::uint64_t length) {
  std::string head;
  head.reserve(512 + answer.body.size());
  head += "HTTP/1.1 ";
  head += std::to_string(answer.status);
  head += ' ';
  const auto reason = http::obsolete_reason(http::int_to_status(answer.status));
  head.append(reason.data(), reason.size());
  head += "\r\nx-request-id: fake-";
  head += std::to_string(frame.request_number);
  head += "\r\n";
  if (!answer.type.empty() && (length != 0 || answer.source)) {
    head += "Content-Type: ";
    head += answer.type;
    head += "\r\n";
  }
  head += answer.headers;
  switch (body) {
    case body_framing::length:
      head += "Content-Length: ";
      head += std::to_string(length);
      head += "\r\n";
      break;
    case body_framing::chunked:
      head += "Transfer-Encoding: chunked\r\n";
      break;
    case body_framing::until_close:
    case body_framing::none:
      break;
  }
  const bool stays = frame.keep_alive && body != body_framing::until_close;
  head += stays ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

std::string in_chunks(const std::string& body) {
  std::string out;
  const std::size_t most = body.size() / 3 + 1;
  for (std::size_t at = 0; at < body.size(); at += most) {
    const std::string_view piece = std::string_view(body).substr(at, most);
    append_chunk(out, piece);
  }
  append_chunk(out, {});
  return out;
}

std::string filler_headers() {
  const std::string line = "x-filler: " + std::string(1000, 'x') + "\r\n";
  std::string lines;
  while (lines.size() < huge_head_size)
    lines += line;
  return lines;
}

}  // namespace

delivery deliver(fake_answer answer, const misbehaviour& wrong, const framing& frame) {
  delivery made;
  made.then = frame.keep_alive ? ending::next_request : ending::close;
  if (wrong.kind == fault::hang || wrong.kind == fault::reset_before ||
      wrong.kind == fault::close_before) {
    made.then = wrong.kind == fault::hang           ? ending::hang
                : wrong.kind == fault::reset_before ? ending::reset
                                                    : ending::close;
    return made;
  }
  if (wrong.kind == fault::garbage) {
    made.bytes = "\x05\x01nothing that speaks HTTP\r\n\r\n\xff\xfe\r\n";
    made.then = ending::close;
    return made;
  }

  const bool bare = has_no_body(answer.status);
  if (bare) {
    answer.body.clear();
    answer.source = nullptr;
  }
  auto body = bare ? body_framing::none : body_framing::length;
  std::uint64_t length = answer.body.size();
  if (!bare && (wrong.kind == fault::chunked || answer.source)) body = body_framing::chunked;
  if (!bare && wrong.kind == fault::unannounced_end) body = body_framing::until_close;
  if (wrong.kind == fault::huge_body) length = huge_body_size;
  made.bytes = head_of(answer, frame, body, length);
  const std::size_t head_size = made.bytes.size();
  if (answer.source && !frame.head_only) {
    made.in_chunks = body == body_framing::chunked;
    made.source = std::move(answer.source);
    if (wrong.kind == fault::reset_in_body || wrong.kind == fault::truncate_body) {
      made.source_limit = middle_of_source;
    }
  }
  if (!frame.head_only && !made.source) {
    made.bytes += body == body_framing::chunked ? in_chunks(answer.body) : answer.body;
  }
  const std::size_t middle_of_body = head_size + (made.bytes.size() - head_size) / 2;

  switch (wrong.kind) {
    case fault::delay:
      made.wait = wrong.duration;
      break;
    case fault::slow_bytes:
      made.spread = wrong.duration;
      break;
    case fault::reset_in_head:
      made.bytes.resize(head_size / 2);
      made.source = nullptr;
      made.then = ending::reset;
      break;
    case fault::reset_in_body:
      made.bytes.resize(middle_of_body);
      made.then = ending::reset;
      break;
    case fault::reset_after:
      made.then = ending::reset;
      break;
    case fault::close_after:
      made.then = ending::close;
      break;
    case fault::truncate_body:
      made.bytes.resize(middle_of_body);
      made.then = ending::close;
      break;
    case fault::unannounced_end:
      made.then = ending::cut;
      break;
    case fault::huge_body:
      made.filler = length - answer.body.size();
      break;
    case fault::huge_head:
      made.bytes.insert(made.bytes.find("\r\n") + 2, filler_headers());
      break;
    case fault::continue_first:
      made.bytes.insert(0, "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n");
      break;
    default:
      break;
  }
  return made;
}

}  // namespace binarly::testing
