// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/image_reader.hpp"

#include "domain/image_handler.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace binarly::domain {

namespace json = boost::json;

namespace {

constexpr std::size_t max_depth = 32;

json::parse_options strict_options() {
  json::parse_options options;
  options.max_depth = max_depth;
  return options;
}

/// What the parser found wrong, in words. `rest` is what it had not read yet.
std::string describe(json::error_code why, std::string_view rest, bool at_start) {
  if (why == json::error::too_deep) {
    return "nested deeper than " + std::to_string(max_depth) + " levels";
  }
  if (why == json::error::string_too_large) {
    return "a string longer than " + std::to_string(image_handler::max_string_size) + " bytes";
  }
  if (why == json::error::key_too_large) {
    return "a key longer than " + std::to_string(image_handler::max_key_size) + " bytes";
  }
  if (why == json::error::incomplete) {
    return at_start ? "the answer is empty" : "the JSON ends in the middle";
  }
  if (why == json::error::extra_data) return "something follows the JSON";
  if (at_start) {
    return rest.starts_with('<') ? "the answer is HTML, not JSON" : "the answer is not JSON";
  }
  return "not JSON: " + why.message();
}

}  // namespace

class image_reader::state {
 public:
  explicit state(answer_kind what = answer_kind::image) : parser_(strict_options(), what) {}

  bool write(std::string_view piece) { return feed(piece, true); }

  std::optional<failure> end() {
    if (feed({}, false) && !parser_.handler().missing().empty()) {
      flaw_ = "field \"" + std::string(parser_.handler().missing()) + "\" is absent";
    }
    if (flaw_.empty()) return std::nullopt;
    failure_detail detail;
    detail.code = errc::bad_response;
    detail.step = phase::decode;
    detail.reason = flaw_;
    return failure(std::move(detail));
  }

  image& value() noexcept { return parser_.handler().value(); }
  std::vector<scan>& scans() noexcept { return parser_.handler().scans(); }

 private:
  bool feed(std::string_view piece, bool more) {
    if (!flaw_.empty()) return false;
    json::error_code ec;
    const std::size_t used = parser_.write_some(more, piece.data(), piece.size(), ec);
    if (!ec && used < piece.size()) ec = json::error::extra_data;
    // A number that is cut short is bad syntax to the parser.
    if (ec && !more) ec = json::error::incomplete;
    const std::string_view rest = piece.substr(used);
    read_ += used;
    at_start_ = at_start_ && piece.substr(0, used).find_first_not_of(" \t\r\n") == piece.npos;
    if (!ec) return true;
    const image_handler& handler = parser_.handler();
    const std::string field = handler.field();
    flaw_ = (field.empty() ? "" : "field \"" + field + "\" at ") + "byte " + std::to_string(read_) +
            ": " + (handler.flaw().empty() ? describe(ec, rest, at_start_) : handler.flaw());
    return false;
  }

  json::basic_parser<image_handler> parser_;
  std::size_t read_ = 0;
  bool at_start_ = true;
  std::string flaw_;
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
