// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/image_reader.hpp"

#include "domain/image_handler.hpp"
#include "domain/json_feed.hpp"

#include <string>
#include <utility>

namespace binarly::domain {

class image_reader::state {
 public:
  explicit state(answer_kind what = answer_kind::image) : feed_(what) {}

  bool write(std::string_view piece) { return feed_.write(piece); }

  std::optional<failure> end() {
    if (feed_.end() && !feed_.handler().missing().empty()) {
      feed_.refuse("field \"" + std::string(feed_.handler().missing()) + "\" is absent");
    }
    return feed_.trouble(errc::bad_response);
  }

  image& value() noexcept { return feed_.handler().value(); }
  std::vector<scan>& scans() noexcept { return feed_.handler().scans(); }

 private:
  json_feed<image_handler> feed_;
};

image_reader::image_reader() : state_(std::make_unique<state>()) {}
image_reader::image_reader(std::unique_ptr<state> made) : state_(std::move(made)) {}
image_reader image_reader::of_scans() {
  return image_reader(std::make_unique<state>(answer_kind::scans));
}
image_reader::image_reader(image_reader&&) noexcept = default;
image_reader& image_reader::operator=(image_reader&&) noexcept = default;
image_reader::~image_reader() = default;

bool image_reader::write(std::string_view piece) { return state_->write(piece); }
std::optional<failure> image_reader::end() { return state_->end(); }
image& image_reader::value() noexcept { return state_->value(); }
std::vector<scan>& image_reader::scans() noexcept { return state_->scans(); }
result<image> image_reader::finish() {
  if (auto why = end()) return std::move(*why);
  return std::move(value());
}

}  // namespace binarly::domain
