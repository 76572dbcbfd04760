// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/sbom_reader.hpp"

#include "domain/json_feed.hpp"
#include "domain/sbom_handler.hpp"

#include <string>
#include <utility>

namespace binarly::domain {

class sbom_reader::state {
 public:
  explicit state(std::shared_ptr<const hash_query> wanted) : feed_(std::move(wanted)) {}

  bool write(std::string_view piece) { return feed_.write(piece); }

  std::optional<failure> end() {
    if (feed_.end() && !feed_.handler().conclude()) {
      feed_.refuse("byte " + std::to_string(feed_.read()) + ": " + feed_.handler().flaw());
    }
    return feed_.trouble(feed_.handler().code());
  }

  image_hashes& value() noexcept { return feed_.handler().value(); }

 private:
  json_feed<sbom_handler> feed_;
};

sbom_reader::sbom_reader(std::shared_ptr<const hash_query> wanted)
    : state_(std::make_unique<state>(std::move(wanted))) {}
sbom_reader::sbom_reader(sbom_reader&&) noexcept = default;
sbom_reader& sbom_reader::operator=(sbom_reader&&) noexcept = default;
sbom_reader::~sbom_reader() = default;

bool sbom_reader::write(std::string_view piece) { return state_->write(piece); }
std::optional<failure> sbom_reader::end() { return state_->end(); }
image_hashes& sbom_reader::value() noexcept { return state_->value(); }
result<image_hashes> sbom_reader::finish() {
  if (auto why = end()) return std::move(*why);
  return std::move(value());
}

}  // namespace binarly::domain
