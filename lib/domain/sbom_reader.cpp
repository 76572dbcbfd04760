// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/sbom_reader.hpp"

#include "domain/json_feed.hpp"
#include "domain/report_kind.hpp"
#include "domain/sbom_handler.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace binarly::domain {
namespace {

/// What begins a report in another form than JSON fits in here.
constexpr std::size_t longest_beginning = 1024;

}  // namespace

class sbom_reader::state {
 public:
  state(std::shared_ptr<const hash_query> wanted, std::optional<std::string> subject)
      : feed_(std::move(wanted), std::move(subject)) {}

  bool write(std::string_view piece) {
    if (beginning_.size() < longest_beginning) {
      beginning_.append(piece.substr(0, longest_beginning - beginning_.size()));
    }
    return feed_.write(piece) || (beginning_.size() < longest_beginning && !begins_as_json());
  }

  std::optional<failure> end() {
    auto& handler = feed_.handler();
    if (feed_.end() && !handler.conclude()) {
      feed_.refuse("byte " + std::to_string(feed_.read()) + ": " + handler.flaw());
    }
    auto why = feed_.trouble(handler.code());
    if (!why) return why;
    failure_detail detail = why->detail();
    bool recognised = handler.recognised();
    if (!recognised) {
      if (const auto kind = kind_of_report(beginning_); !kind.empty()) {
        detail.reason = "byte 0: the answer is " + std::string(kind) + ", where JSON was asked for";
        recognised = true;
      }
    }
    if (recognised) detail.answered_by = responder::platform;
    return failure(std::move(detail));
  }

  image_hashes& value() noexcept { return feed_.handler().findings().value(); }
  const std::optional<std::string>& let_go() noexcept {
    return feed_.handler().findings().let_go();
  }

 private:
  /// What else it may be does not matter then.
  [[nodiscard]] bool begins_as_json() const {
    const auto first = beginning_.find_first_not_of(" \t\r\n\xef\xbb\xbf");
    return first != beginning_.npos && (beginning_[first] == '{' || beginning_[first] == '[');
  }

  json_feed<sbom_handler> feed_;
  std::string beginning_;
};

sbom_reader::sbom_reader(std::shared_ptr<const hash_query> wanted,
                         std::optional<std::string> subject)
    : state_(std::make_unique<state>(std::move(wanted), std::move(subject))) {}
sbom_reader::sbom_reader(sbom_reader&&) noexcept = default;
sbom_reader& sbom_reader::operator=(sbom_reader&&) noexcept = default;
sbom_reader::~sbom_reader() = default;

bool sbom_reader::write(std::string_view piece) { return state_->write(piece); }
std::optional<failure> sbom_reader::end() { return state_->end(); }
image_hashes& sbom_reader::value() noexcept { return state_->value(); }
const std::optional<std::string>& sbom_reader::let_go() const noexcept { return state_->let_go(); }
result<image_hashes> sbom_reader::finish() {
  if (auto why = end()) return std::move(*why);
  return std::move(value());
}

}  // namespace binarly::domain
