// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/error_reader.hpp"

#include "domain/json_text.hpp"
#include "domain/printable.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace binarly::domain {

namespace json = boost::json;

namespace {

constexpr std::size_t max_body = 64 * 1024;
constexpr std::size_t max_message = 512;
constexpr std::size_t max_text = 256;
constexpr std::size_t max_details = 16;

/// Reads the texts of one envelope.
struct text_reader {
  std::string_view secret;

  /// The text of a member; empty when it is absent or no string.
  std::string operator()(const json::object& object, json::string_view key,
                         std::size_t limit = max_text) const {
    const json::value* member = object.if_contains(key);
    const json::string* text = member == nullptr ? nullptr : member->if_string();
    if (text == nullptr) return {};
    return printable(without_secret({text->data(), text->size()}, secret), limit);
  }
};

/// The platform's API has none of these beside its `message`. Gateways, frameworks and identity
/// servers do: AWS, gRPC's gateway, Kubernetes, NestJS, Spring, Okta.
bool is_foreign(const json::object& object) {
  constexpr std::array<json::string_view, 9> marks{
      "code", "error", "errorCode", "kind", "path", "status", "title", "statusCode", "timestamp"};
  return std::any_of(marks.begin(), marks.end(),
                     [&](json::string_view mark) { return object.contains(mark); });
}

std::string joined(std::string word, const std::string& text) {
  if (text.empty() || text == word) return word;
  return word.empty() ? text : std::move(word) + ": " + text;
}

/// The object within an object; null when there is none.
const json::object* object_of(const json::object& object, json::string_view key) {
  const json::value* member = object.if_contains(key);
  return member == nullptr ? nullptr : member->if_object();
}

/// What a gateway before the server says.
std::string gateway_message(const json::object& object, const text_reader& text_of) {
  // Google's, and others'.
  if (const auto* const error = object_of(object, "error")) {
    auto word = text_of(*error, "status");
    if (word.empty()) word = text_of(*error, "code");
    return joined(std::move(word), text_of(*error, "message", max_message));
  }
  // Apigee's, and WSO2's.
  if (const auto* const fault = object_of(object, "fault")) {
    auto text = text_of(*fault, "faultstring", max_message);
    if (!text.empty()) return text;
    return joined(text_of(*fault, "message"), text_of(*fault, "description", max_message));
  }
  // Amazon's, IBM's, and RFC 9457's.
  for (const auto& [word, text] :
       {std::pair("Message", "-"), {"httpMessage", "moreInformation"}, {"title", "detail"}}) {
    auto made = joined(text_of(object, word, max_message), text_of(object, text, max_message));
    if (!made.empty()) return made;
  }
  return {};
}

/// What an identity server says: RFC 6749 (section 5.2), Okta's form, and Auth0's, whose status in
/// the body tells it from the service's envelope.
std::string identity_message(const json::object& object, const text_reader& text_of) {
  if (auto code = text_of(object, "errorCode"); !code.empty()) {
    return joined(std::move(code), text_of(object, "errorSummary", max_message));
  }
  auto error = text_of(object, "error");
  auto description = text_of(object, "error_description", max_message);
  if (description.empty() && object.contains("statusCode")) {
    description = text_of(object, "message", max_message);
  }
  return joined(std::move(error), description);
}

std::vector<service_detail> details_of(const json::object& object, const text_reader& text_of) {
  std::vector<service_detail> details;
  const json::value* member = object.if_contains("details");
  const json::array* list = member == nullptr ? nullptr : member->if_array();
  if (list == nullptr) return details;
  for (const json::value& item : *list) {
    if (details.size() == max_details) break;
    const json::object* entry = item.if_object();
    if (entry == nullptr) continue;
    details.push_back({text_of(*entry, "reason"), text_of(*entry, "field"),
                       text_of(*entry, "service"), text_of(*entry, "error")});
  }
  return details;
}

}  // namespace

void error_reader::write(std::string_view piece) {
  too_long_ = too_long_ || piece.size() > max_body - body_.size();
  if (!too_long_) body_ += piece;
}

std::optional<error_envelope> error_reader::finish(std::string_view secret) const {
  if (too_long_) return std::nullopt;
  json::parse_options options;
  options.max_depth = 32;
  json::error_code ec;
  const std::string_view text = without_byte_order_mark(body_);
  const json::value body = json::parse({text.data(), text.size()}, ec, {}, options);
  const json::object* object = ec ? nullptr : body.if_object();
  if (object == nullptr) return std::nullopt;
  return envelope_of(*object, secret);
}

std::optional<error_envelope> envelope_of(const json::object& object, std::string_view secret) {
  const text_reader text_of{secret};
  error_envelope envelope;
  if (!object.contains("statusCode")) {
    envelope.message = text_of(object, "message", max_message);
  }
  envelope.of_platform = !envelope.message.empty() && !is_foreign(object);
  if (envelope.message.empty()) envelope.message = identity_message(object, text_of);
  if (envelope.message.empty()) envelope.message = gateway_message(object, text_of);
  envelope.details = details_of(object, text_of);
  envelope.permission = text_of(object, "permission");
  envelope.resource_name = text_of(object, "resourceName");
  if (envelope.message.empty() && envelope.details.empty() && envelope.permission.empty() &&
      envelope.resource_name.empty()) {
    return std::nullopt;
  }
  return envelope;
}

}  // namespace binarly::domain
