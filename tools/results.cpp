// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/results.hpp"

#include "tools/exit_code.hpp"
#include "tools/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace binarly::tools {

namespace {

namespace json = boost::json;

constexpr std::size_t enough = 64 * 1024;

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

/// The enumerator's own name: a word that scripts can rely on, unlike the message.
std::string_view word(const error_code& code) noexcept {
  if (code.category() != binarly_category()) return "unknown";
  switch (static_cast<errc>(code.value())) {
    case errc::invalid_argument:
      return "invalid_argument";
    case errc::unauthorized:
      return "unauthorized";
    case errc::forbidden:
      return "forbidden";
    case errc::not_found:
      return "not_found";
    case errc::rejected:
      return "rejected";
    case errc::throttled:
      return "throttled";
    case errc::server_error:
      return "server_error";
    case errc::redirected:
      return "redirected";
    case errc::resolve_failed:
      return "resolve_failed";
    case errc::connect_failed:
      return "connect_failed";
    case errc::proxy_refused:
      return "proxy_refused";
    case errc::certificate_rejected:
      return "certificate_rejected";
    case errc::client_certificate_rejected:
      return "client_certificate_rejected";
    case errc::handshake_failed:
      return "handshake_failed";
    case errc::connection_lost:
      return "connection_lost";
    case errc::truncated:
      return "truncated";
    case errc::malformed_answer:
      return "malformed_answer";
    case errc::too_large:
      return "too_large";
    case errc::bad_response:
      return "bad_response";
    case errc::timed_out:
      return "timed_out";
    case errc::cancelled:
      return "cancelled";
    case errc::queue_full:
      return "queue_full";
    case errc::client_closed:
      return "client_closed";
  }
  return "unknown";
}

json::object describe(const failure& why) {
  const auto& detail = why.detail();
  json::object out;
  out["code"] = view(word(why.code()));
  out["step"] = view(to_string(detail.step));
  if (detail.http_status != 0) out["http_status"] = detail.http_status;
  if (detail.proxy_status != 0) out["proxy_status"] = detail.proxy_status;
  out["message"] = why.message();
  if (!detail.request_id.empty()) out["request_id"] = detail.request_id;
  out["attempts"] = detail.attempts;
  return out;
}

}  // namespace

std::string result_line(const verification& outcome, std::string_view product_id,
                        std::string_view image_id) {
  json::object out;
  out["row"] = outcome.expectation.tag;
  out["product_id"] = view(product_id);
  out["image_id"] = view(image_id);
  out["verdict"] = view(to_string(outcome.verdict));
  if (!outcome.mismatches.empty()) {
    json::array& all = out["mismatches"].emplace_array();
    for (const auto& one : outcome.mismatches) {
      json::object entry;
      entry["field"] = one.field;
      entry["expected"] = one.expected;
      entry["found"] = one.found;
      all.emplace_back(std::move(entry));
    }
  }
  if (outcome.failure.code()) out["failure"] = describe(outcome.failure);
  // By hand: a JSON library writes 58.7 as 5.87E1, which no person reads and not every tool sorts.
  std::string line = json::serialize(out);
  line.pop_back();
  const double milliseconds = static_cast<double>(outcome.latency.count()) / 1e6;
  return line + ",\"latency_ms\":" + fixed(milliseconds, 3) + "}\n";
}

results_file::results_file(const std::string& path)
    : name_(path == "-" ? "on standard output" : "in " + printable(path)),
      taken_(std::chrono::steady_clock::now()) {
  file_ = path == "-" ? STDOUT_FILENO
                      : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_ < 0) {
    throw command_error(exit_code::usage, "the results " + name_ + " cannot be written: " +
                                              std::generic_category().message(errno) +
                                              "; nothing was looked up; check --results");
  }
}

results_file::~results_file() {
  if (file_ != STDOUT_FILENO && file_ >= 0) ::close(file_);
}

bool results_file::due(time_point now) const noexcept {
  return gathered_.size() >= enough ||
         (!gathered_.empty() && now - taken_ >= std::chrono::seconds(1));
}

std::string results_file::take(time_point now) {
  taken_ = now;
  return std::exchange(gathered_, {});
}

void results_file::write(std::string_view lines) {
  while (!lines.empty()) {
    const auto size = ::write(file_, lines.data(), lines.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) give_up(size < 0 ? errno : ENOSPC);
    lines.remove_prefix(static_cast<std::size_t>(size));
  }
}

void results_file::finish() {
  write(std::exchange(gathered_, {}));
  if (file_ == STDOUT_FILENO) return;
  if (::close(std::exchange(file_, -1)) != 0) give_up(errno);
}

void results_file::give_up(int why) const {
  throw command_error(exit_code::unavailable,
                      "the results " + name_ + " could not be written to their end: " +
                          std::generic_category().message(why) +
                          "; make room, or choose another place with --results, and run again");
}

}  // namespace binarly::tools
