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
  std::string line = json::serialize(out);
  line.pop_back();
  if (outcome.failure.code()) line += ",\"failure\":" + outcome.failure.json();
  return line + ",\"latency_ms\":" + in_milliseconds(outcome.latency) + "}\n";
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
