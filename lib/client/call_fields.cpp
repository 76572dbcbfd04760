// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "client/call_fields.hpp"

#include "domain/printable.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace binarly::detail {
namespace {

constexpr std::size_t most_fields = 64;
constexpr std::size_t most_bytes = 8 * 1024;
constexpr std::size_t longest_shown_name = 64;

/// The client's own, and those that would change what an answer means or where it ends.
constexpr std::array<std::string_view, 24> reserved{"accept",
                                                    "accept-encoding",
                                                    "authorization",
                                                    "connection",
                                                    "content-type",
                                                    "content-length",
                                                    "content-encoding",
                                                    "expect",
                                                    "host",
                                                    "if-match",
                                                    "if-modified-since",
                                                    "if-none-match",
                                                    "if-range",
                                                    "if-unmodified-since",
                                                    "keep-alive",
                                                    "proxy-authorization",
                                                    "proxy-connection",
                                                    "range",
                                                    "te",
                                                    "traceparent",
                                                    "trailer",
                                                    "transfer-encoding",
                                                    "upgrade",
                                                    "x-request-id"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool value_character(char c) { return c == '\t' || (c >= ' ' && c != '\x7f') || c < '\0'; }

bool is_reserved(std::string_view name) {
  std::string small(name);
  std::transform(small.begin(), small.end(), small.begin(), lower);
  return std::find(reserved.begin(), reserved.end(), small) != reserved.end();
}

bool small_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool all_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

/// 00-{32 hex digits, not all zero}-{16, likewise}-{2}
bool valid_traceparent(std::string_view text) {
  if (text.size() != 55 || !text.starts_with("00-") || text[35] != '-' || text[52] != '-') {
    return false;
  }
  const auto trace = text.substr(3, 32);
  const auto parent = text.substr(36, 16);
  return small_hex(trace) && small_hex(parent) && small_hex(text.substr(53)) && !all_zero(trace) &&
         !all_zero(parent);
}

}  // namespace

std::optional<std::string> check_call_fields(const call_options& options) {
  if (!options.traceparent.empty() && !valid_traceparent(options.traceparent)) {
    return "traceparent must be 00-{32 hex digits}-{16 hex digits}-{2 hex digits}, in small "
           "letters and not all zero";
  }
  if (options.headers.size() > most_fields) return "headers must be at most 64";
  std::size_t size = 0;
  for (const auto& [name, value] : options.headers) {
    size += name.size() + value.size();
    const std::string shown = "the header " + domain::printable(name, longest_shown_name);
    if (name.empty() || !std::all_of(name.begin(), name.end(), name_character)) {
      return shown + " has a name that no header has";
    }
    if (is_reserved(name)) return shown + " is the client's own to send, or not to send";
    if (!std::all_of(value.begin(), value.end(), value_character)) {
      return shown + " has a value with control characters";
    }
  }
  if (size > most_bytes) return "headers must be at most 8 KiB in all";
  return std::nullopt;
}

std::shared_ptr<const std::string> call_fields(const call_options& options) {
  if (options.traceparent.empty() && options.headers.empty()) return nullptr;
  std::string lines;
  const auto add = [&lines](std::string_view name, std::string_view value) {
    lines.append(name).append(": ").append(value).append("\r\n");
  };
  if (!options.traceparent.empty()) add("traceparent", options.traceparent);
  for (const auto& [name, value] : options.headers)
    add(name, value);
  return std::make_shared<const std::string>(std::move(lines));
}

}  // namespace binarly::detail
