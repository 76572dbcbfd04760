// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_answers.hpp"

#include "testing/byte_source.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace binarly::testing {
namespace {

constexpr std::size_t json_nesting = 10'000;
constexpr std::size_t longest_body = std::size_t{1} << 20U;
constexpr std::size_t longest_headers = 4096;
constexpr std::string_view gateway_page =
    "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n"
    "<body><h1>502 Bad Gateway</h1><hr>load balancer</body></html>\n";

/// What answers in the service's place where nobody has told it about the service.
fake_answer strangers_answer(fault kind) {
  fake_answer answer;
  const bool denies = kind == fault::forbidden_text || kind == fault::forbidden_html ||
                      kind == fault::forbidden_json;
  answer.status = denies ? 403 : 404;
  const std::string title = denies ? "403 Forbidden" : "404 Not Found";
  switch (kind) {
    case fault::not_found_html:
    case fault::forbidden_html:
      answer.type = "text/html";
      answer.body =
          "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
          "</h1></center>\r\n<hr><center>a web server</center>\r\n</body>\r\n" + "</html>\r\n";
      break;
    case fault::not_found_json:
    case fault::forbidden_json:
      answer.body = R"({"status":)" + std::to_string(answer.status) + R"(,"error":")" +
                    title.substr(4) + R"(","path":"/"})";
      break;
    default:
      answer.type = "text/plain; charset=utf-8";
      answer.body = denies ? "RBAC: access denied" : "default backend - 404";
      break;
  }
  return answer;
}

/// One of the field's names in a line that the delivery writes itself.
bool is_framing(std::string_view line) {
  std::string name(line.substr(0, line.find(':')));
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name == "content-length" || name == "content-type" || name == "transfer-encoding" ||
         name == "connection";
}

bool are_header_lines(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) return false;
    const std::string_view line = text.substr(0, end);
    const bool plain = std::ranges::all_of(line, [](char c) { return c >= ' ' && c < 0x7f; });
    const std::size_t colon = line.find(':');
    if (!plain || colon == 0 || colon == std::string_view::npos || is_framing(line)) return false;
    text.remove_prefix(end + 2);
  }
  return true;
}

}  // namespace

fake_answer envelope(unsigned status, std::string_view message) {
  fake_answer answer;
  answer.status = status;
  answer.body = R"({"message":")";
  answer.body += message;
  answer.body += R"("})";
  return answer;
}

fake_answer unauthorized(std::string_view message) {
  fake_answer answer = envelope(401, message);
  answer.headers = "WWW-Authenticate: Bearer\r\n";
  return answer;
}

fake_answer denied(std::string_view permission, std::string_view resource) {
  fake_answer answer = envelope(403, "permission denied");
  answer.body.pop_back();
  answer.body += R"(,"permission":")";
  answer.body += permission;
  answer.body += R"(","resourceName":")";
  answer.body += resource;
  answer.body += R"("})";
  return answer;
}

fake_answer answer_of(const canned_answer& what) {
  fake_answer answer;
  answer.status = what.status;
  answer.type = what.type;
  answer.headers = what.headers;
  answer.body = what.body;
  return answer;
}

std::optional<unsigned> status_of(fault kind) noexcept {
  switch (kind) {
    case fault::status_408:
      return 408;
    case fault::status_429:
      return 429;
    case fault::status_500:
      return 500;
    case fault::status_502:
      return 502;
    case fault::status_503:
      return 503;
    case fault::status_504:
      return 504;
    default:
      return std::nullopt;
  }
}

bool replaces_the_answer(fault kind) noexcept {
  switch (kind) {
    case fault::html_error:
    case fault::html_success:
    case fault::wrong_json:
    case fault::broken_json:
    case fault::wrong_image:
    case fault::deep_json:
    case fault::huge_body:
    case fault::redirect:
    case fault::forbidden:
    case fault::not_found:
    case fault::unauthorized:
    case fault::not_found_text:
    case fault::not_found_html:
    case fault::not_found_json:
    case fault::forbidden_text:
    case fault::forbidden_html:
    case fault::forbidden_json:
    case fault::answer:
      return true;
    default:
      return status_of(kind).has_value();
  }
}

bool is_the_services_own(fault kind) noexcept {
  switch (kind) {
    case fault::wrong_image:
    case fault::unauthorized:
    case fault::wrong_parent:
    case fault::null_members:
    case fault::zero_time:
    case fault::archived:
    case fault::no_checksums:
      return true;
    default:
      return false;
  }
}

std::optional<fake_answer> common_answer(const misbehaviour& wrong) {
  fake_answer answer;
  if (const auto status = status_of(wrong.kind)) {
    // Only the service itself has an envelope; what stands before it sends nothing.
    if (*status == 500) answer = envelope(500, "internal error");
    answer.status = *status;
    if (!wrong.retry_after.empty()) answer.headers = "Retry-After: " + wrong.retry_after + "\r\n";
    return answer;
  }
  switch (wrong.kind) {
    case fault::html_error:
      answer.status = 502;
      [[fallthrough]];
    case fault::html_success:
      answer.type = "text/html";
      answer.body = gateway_page;
      break;
    case fault::wrong_json:
      answer.body = R"({"status":"ok","items":[]})";
      break;
    case fault::redirect:
      answer.status = 302;
      answer.headers = "Location: https://elsewhere.invalid/\r\n";
      break;
    case fault::not_found:
      answer = envelope(404, "image not found");
      break;
    case fault::unauthorized:
      answer = unauthorized("the bearer token is not accepted");
      break;
    case fault::not_found_text:
    case fault::not_found_html:
    case fault::not_found_json:
    case fault::forbidden_text:
    case fault::forbidden_html:
    case fault::forbidden_json:
      return strangers_answer(wrong.kind);
    case fault::answer:
      return answer_of(*wrong.answer);
    default:
      return std::nullopt;
  }
  return answer;
}

void nest_deeply(std::string& object) {
  object.pop_back();
  object += R"(,"nested":)";
  object.append(json_nesting, '[');
  object.append(json_nesting, ']');
  object += '}';
}

void put_mark(fake_answer& answer) {
  if (answer.source) {
    answer.source = after_mark(std::move(answer.source));
  } else {
    answer.body.insert(0, utf8_mark);
  }
}

void put_in_gzip(fake_answer& answer) {
  answer.headers += "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n";
  if (answer.source) {
    answer.source = in_gzip(std::move(answer.source));
  } else {
    answer.body = gzipped(std::move(answer.body));
  }
}

const char* trouble_with(const canned_answer& what) noexcept {
  if (what.status < 200 || what.status > 599) return "answer: status is from 200 to 599";
  const bool plain = std::ranges::all_of(what.type, [](char c) { return c >= ' ' && c < 0x7f; });
  if (!plain || what.type.size() > 128) {
    return "answer: type is printable ASCII, 128 characters at most";
  }
  if (what.body.size() > longest_body) return "answer: body is at most 1 MiB";
  if (what.headers.size() > longest_headers || !are_header_lines(what.headers)) {
    return "answer: headers are lines with their CRLF, 4096 bytes at most, none about the body's "
           "length or type or the connection";
  }
  return nullptr;
}

}  // namespace binarly::testing
