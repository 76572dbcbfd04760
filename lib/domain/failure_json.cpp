// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/failure.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace binarly {
namespace {

namespace json = boost::json;

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

void put(json::object& out, const char* key, std::string_view text) {
  if (!text.empty()) out[key] = view(text);
}

void put(json::object& out, const char* key, unsigned status) {
  if (status != 0) out[key] = status;
}

void put(json::object& out, const char* key, std::chrono::nanoseconds span) {
  // Whole: JSON libraries write fractions in ways that not every tool sorts.
  if (span.count() != 0) out[key] = std::chrono::floor<std::chrono::microseconds>(span).count();
}

json::object describe(const service_detail& part) {
  json::object out;
  put(out, "reason", part.reason);
  put(out, "field", part.field);
  put(out, "service", part.service);
  put(out, "error", part.error);
  return out;
}

json::object describe(const attempt_record& attempt) {
  json::object out;
  out["number"] = attempt.number;
  out["code"] = view(to_string(attempt.code));
  out["step"] = view(to_string(attempt.step));
  put(out, "http_status", attempt.http_status);
  if (attempt.hedge) out["hedge"] = true;
  put(out, "wait_us", attempt.wait);
  put(out, "duration_us", attempt.duration);
  put(out, "request_id", attempt.request_id);
  return out;
}

template <class T>
void put_all(json::object& out, const char* key, const std::vector<T>& parts) {
  if (parts.empty()) return;
  json::array& all = out[key].emplace_array();
  for (const auto& part : parts)
    all.emplace_back(describe(part));
}

}  // namespace

std::string failure::json() const {
  json::object out;
  if (!code()) return json::serialize(out);
  const auto& known = detail();
  out["code"] = view(to_string(known.code));
  out["step"] = view(to_string(known.step));
  put(out, "http_status", known.http_status);
  put(out, "proxy_status", known.proxy_status);
  if (known.answered_by != responder::none) out["answered_by"] = view(to_string(known.answered_by));
  out["message"] = message();
  put(out, "advice", advice());
  put(out, "operation", known.operation);
  put(out, "resource", known.resource);
  put(out, "reason", known.reason);
  if (known.cause) out["cause"] = known.cause.message();
  put(out, "server_message", known.server_message);
  put_all(out, "details", known.details);
  put(out, "permission", known.permission);
  put(out, "resource_name", known.resource_name);
  put(out, "request_id", known.request_id);
  put(out, "call_id", known.call_id);
  if (known.retry_after) out["retry_after_s"] = known.retry_after->count();
  out["attempts"] = known.attempts;
  put(out, "elapsed_us", known.elapsed);
  if (known.stopped != retry_stop::none) out["stopped"] = view(to_string(known.stopped));
  put(out, "stop_reason", known.stop_reason);
  put_all(out, "history", known.history);
  return json::serialize(out);
}

}  // namespace binarly
