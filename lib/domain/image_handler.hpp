// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_IMAGE_HANDLER_HPP
#define BINARLY_DOMAIN_IMAGE_HANDLER_HPP

#include "domain/image_target.hpp"

#include <binarly/image.hpp>

#include <boost/json/error.hpp>
#include <boost/json/string_view.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::domain {

/// What an answer is to hold.
enum class answer_kind { image, scans };

/// Builds an image, or a list of its scans, out of a JSON parser's events; a handler as
/// `boost::json::basic_parser` wants it.
///
/// It keeps a frame for each known object or array that it is in, and the target of the next value.
/// An unknown field has no target: until its value ends, only the nesting is counted. A field whose
/// JSON text is kept goes the same way, and is written down again event by event.
///
/// A function returns false, with the error code set, when the answer breaks a promise; `flaw` then
/// says in words which. Objects of this class must stay where they are once a document has begun.
class image_handler {
 public:
  using error_code = boost::json::error_code;
  using view = boost::json::string_view;

  // The parser enforces these, in unknown fields too. Arrays and objects are counted only where
  // they cost memory, by the handler itself.
  static constexpr std::size_t max_depth = 32;
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = 64 * 1024;
  static constexpr std::size_t max_key_size = 1024;

  static constexpr std::size_t max_elements = 100'000;
  static constexpr std::size_t max_counts = 10'000;
  static constexpr std::size_t max_raw_size = 1024 * 1024;

  explicit image_handler(answer_kind what = answer_kind::image) : kind_(what) {
    // Until one is read.
    image_.create_time.known = false;
  }

  /// The field that is being read, such as `files[3].createTime`; empty outside known ones.
  [[nodiscard]] std::string field() const;
  [[nodiscard]] const std::string& flaw() const noexcept { return flaw_; }
  /// After the document's end: the key of a required field that was not there, if any.
  [[nodiscard]] std::string_view missing() const noexcept { return missing_; }
  [[nodiscard]] image& value() noexcept { return image_; }
  [[nodiscard]] std::vector<scan>& scans() noexcept { return listing_.scans; }

  bool on_document_begin(error_code&);
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& ec);
  bool on_object_end(std::size_t, error_code& ec);
  bool on_array_begin(error_code& ec);
  bool on_array_end(std::size_t, error_code& ec);
  bool on_key_part(view part, std::size_t, error_code&);
  bool on_key(view last, std::size_t, error_code& ec);
  bool on_string_part(view part, std::size_t, error_code&);
  bool on_string(view last, std::size_t, error_code& ec);
  bool on_number_part(view part, error_code& ec);
  bool on_int64(std::int64_t value, view last, error_code& ec);
  bool on_uint64(std::uint64_t, view last, error_code& ec) { return on_number(last, ec); }
  bool on_double(double, view last, error_code& ec) { return on_number(last, ec); }
  bool on_bool(bool value, error_code& ec);
  bool on_null(error_code& ec);
  bool on_comment_part(view, error_code&) { return true; }
  bool on_comment(view, error_code&) { return true; }

 private:
  struct frame {
    container what;
    std::string_view key{};  // of the member being read; empty between members and in arrays
    std::uint32_t seen = 0;  // the bits of the members that were there
  };

  bool fail(error_code& ec, std::string flaw);
  bool wrong_kind(error_code& ec, std::string_view found);

  frame& top() noexcept { return frames_[depth_ - 1]; }
  void push(container what);
  void pop();
  void end_member() noexcept { top().key = {}; }
  void expect_element();
  bool finish_value(error_code& ec, outcome how, std::string_view found);
  bool on_number(view last, error_code& ec);
  bool add_count(std::int64_t value, error_code& ec);

  bool keeps_text() const noexcept;
  std::string_view whole_text(view last);

  bool open_aside(char bracket, std::string* raw, error_code& ec);
  bool nest_aside(char bracket, error_code& ec);
  bool close_aside(char bracket, error_code& ec);
  bool add_raw(std::string_view json, error_code& ec);
  bool raw_fits(std::size_t further, error_code& ec);

  answer_kind kind_;
  image image_;
  scan_listing listing_;
  std::array<frame, 4> frames_{};  // image, scans, scan, author: known things nest no deeper
  std::size_t depth_ = 0;
  target target_;               // of the next value
  bool required_ = false;       // the next value may not be null
  std::size_t aside_ = 0;       // containers open within an unknown or a raw field
  std::string* raw_ = nullptr;  // where a raw field's text goes
  std::string parts_;           // of a key, a string or a number that comes in pieces
  std::string count_name_;
  std::string flaw_;
  std::string_view missing_;
};

}  // namespace binarly::domain

#endif
