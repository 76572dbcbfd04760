// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/json_text.hpp"

namespace binarly::domain {

void append_json_separator(std::string& json) {
  // A complete value never ends with one of these: a string's last character is its quote.
  if (!json.empty() && std::string_view("{[:").find(json.back()) == std::string_view::npos) {
    json += ',';
  }
}

void append_json_string(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        json += "\\\"";
        break;
      case '\\':
        json += "\\\\";
        break;
      case '\b':
        json += "\\b";
        break;
      case '\f':
        json += "\\f";
        break;
      case '\n':
        json += "\\n";
        break;
      case '\r':
        json += "\\r";
        break;
      case '\t':
        json += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          json += c < 0x10 ? "\\u000" : "\\u001";
          json += "0123456789abcdef"[c & 0xf];
        } else {
          json += c;
        }
    }
  }
  json += '"';
}

}  // namespace binarly::domain
