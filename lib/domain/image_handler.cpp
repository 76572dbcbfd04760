// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/image_handler.hpp"

#include "domain/image_fields.hpp"
#include "domain/json_text.hpp"
#include "domain/printable.hpp"

#include <binarly/failure.hpp>

#include <cassert>
#include <utility>

namespace binarly::domain {

std::string image_handler::field() const {
  std::string path;
  for (std::size_t i = 0; i < depth_; ++i) {
    const frame& level = frames_[i];
    if (const auto size = elements_of(level.what)) {
      // The element in whose frame we are has been added already.
      const bool inside = i + 1 < depth_;
      path += "[" + std::to_string(inside ? *size - 1 : *size) + "]";
    } else if (!level.key.empty()) {
      if (!path.empty()) path += '.';
      path += printable(level.key, 64);
    }
  }
  return path;
}

bool image_handler::fail(error_code& ec, std::string flaw) {
  ec = make_error_code(errc::bad_response);
  flaw_ = std::move(flaw);
  return false;
}

bool image_handler::wrong_kind(error_code& ec, std::string_view found) {
  return fail(ec, std::string(found) + " where " + std::string(due_at(target_)) + " is due");
}

// Frames and values

void image_handler::push(container what) {
  assert(depth_ < frames_.size());
  frames_[depth_++] = frame{what};
  expect_element();
}

void image_handler::pop() {
  if (--depth_ == 0) return;
  end_member();
  expect_element();
}

/// Within an array the next value may follow at once; within an object its key comes first.
void image_handler::expect_element() {
  target_ = next_element(top().what);
  required_ = true;
}

bool image_handler::finish_value(error_code& ec, outcome how, std::string_view found) {
  if (how == outcome::wrong_kind) return wrong_kind(ec, found);
  if (how == outcome::malformed) return fail(ec, "not a date-time of RFC 3339");
  end_member();
  return true;
}

bool image_handler::on_document_begin(error_code&) {
  target_ = &image_;
  if (kind_ == answer_kind::scans) target_ = &listing_;
  required_ = true;
  return true;
}

bool image_handler::on_object_begin(error_code& ec) {
  if (aside_ != 0) return nest_aside('{', ec);
  if (may_skip(target_)) return open_aside('{', nullptr, ec);
  if (const auto* raw = std::get_if<raw_object>(&target_)) return open_aside('{', raw->text, ec);
  if (depth_ != 0 && elements_of(top().what) >= max_elements) {
    return fail(ec, "more than " + std::to_string(max_elements) + " elements");
  }
  const auto begun = begin_object(target_);
  if (!begun) return wrong_kind(ec, "an object");
  push(*begun);
  return true;
}

bool image_handler::on_object_end(std::size_t, error_code& ec) {
  if (aside_ != 0) return close_aside('}', ec);
  if (auto* const* state = std::get_if<scan_state*>(&top().what)) {
    (*state)->progress = progress_of((*state)->type);
  }
  missing_ = missing_member(top().what, top().seen);
  pop();
  return true;
}

bool image_handler::on_array_begin(error_code& ec) {
  if (aside_ != 0) return nest_aside('[', ec);
  if (may_skip(target_)) return open_aside('[', nullptr, ec);
  if (const auto* raw = std::get_if<raw_array>(&target_)) return open_aside('[', raw->text, ec);
  const auto begun = begin_array(target_);
  if (!begun) return wrong_kind(ec, "an array");
  push(*begun);
  return true;
}

bool image_handler::on_array_end(std::size_t, error_code& ec) {
  if (aside_ != 0) return close_aside(']', ec);
  pop();
  return true;
}

bool image_handler::on_key_part(view part, std::size_t, error_code&) {
  if (aside_ == 0 || raw_ != nullptr) parts_.append(part.data(), part.size());
  return true;
}

bool image_handler::on_key(view last, std::size_t, error_code& ec) {
  if (aside_ != 0 && raw_ == nullptr) return true;
  const std::string_view key = whole_text(last);
  if (aside_ != 0) {
    append_json_separator(*raw_);
    append_json_string(*raw_, key);
    *raw_ += ':';
    parts_.clear();
    return true;  // the value that must follow is measured
  }
  const auto found = find_member(top().what, key);
  if (!found) {
    target_ = {};
    required_ = false;
  } else {
    if (found->bit == 0) {
      count_name_ = key;
      top().key = count_name_;
    } else {
      top().key = found->key;
      if ((top().seen & found->bit) != 0) return fail(ec, "stands here for the second time");
      top().seen |= found->bit;
    }
    target_ = found->to;
    required_ = found->needed == need::value;
  }
  parts_.clear();
  return true;
}

bool image_handler::on_string_part(view part, std::size_t, error_code&) {
  if (keeps_text()) parts_.append(part.data(), part.size());
  return true;
}

bool image_handler::on_string(view last, std::size_t, error_code& ec) {
  if (!keeps_text()) return aside_ != 0 || finish_value(ec, outcome::stored, {});
  const std::string_view text = whole_text(last);
  bool good = true;
  if (aside_ != 0) {
    append_json_separator(*raw_);
    append_json_string(*raw_, text);
    good = raw_fits(0, ec);
  } else {
    good = finish_value(ec, store_text(target_, text), "a string");
  }
  parts_.clear();
  return good;
}

bool image_handler::on_number_part(view part, error_code& ec) {
  if (aside_ == 0 || raw_ == nullptr) return true;
  if (!raw_fits(parts_.size() + part.size(), ec)) return false;
  parts_.append(part.data(), part.size());
  return true;
}

bool image_handler::on_int64(std::int64_t value, view last, error_code& ec) {
  if (aside_ == 0 && std::holds_alternative<count>(target_)) return add_count(value, ec);
  return on_number(last, ec);
}

bool image_handler::on_number(view last, error_code& ec) {
  if (aside_ == 0) {
    const outcome how = may_skip(target_) ? outcome::stored : outcome::wrong_kind;
    return finish_value(ec, how, "a number");
  }
  if (raw_ == nullptr) return true;
  const bool good = add_raw(whole_text(last), ec);
  parts_.clear();
  return good;
}

bool image_handler::add_count(std::int64_t value, error_code& ec) {
  auto& counts = *std::get<count>(target_).of;
  if (counts.contains(count_name_)) return fail(ec, "stands here for the second time");
  if (counts.size() == max_counts) {
    return fail(ec, "more than " + std::to_string(max_counts) + " counts");
  }
  counts.emplace(count_name_, value);
  end_member();
  return true;
}

bool image_handler::on_bool(bool value, error_code& ec) {
  if (aside_ != 0) return add_raw(value ? "true" : "false", ec);
  const outcome how = may_skip(target_) ? outcome::stored : store_bool(target_, value);
  return finish_value(ec, how, "a boolean");
}

bool image_handler::on_null(error_code& ec) {
  if (aside_ != 0) return add_raw("null", ec);
  return finish_value(ec, required_ ? outcome::wrong_kind : outcome::stored, "null");
}

// Text that comes in pieces

/// Whether the string that is being read is of use to anyone.
bool image_handler::keeps_text() const noexcept {
  return aside_ != 0 ? raw_ != nullptr : !may_skip(target_);
}

/// The pieces and the last one together; valid until `parts_` or the parser's buffer changes.
std::string_view image_handler::whole_text(view last) {
  if (parts_.empty()) return {last.data(), last.size()};
  parts_.append(last.data(), last.size());
  return parts_;
}

// Unknown and raw fields

bool image_handler::open_aside(char bracket, std::string* raw, error_code& ec) {
  raw_ = raw;
  return nest_aside(bracket, ec);
}

bool image_handler::nest_aside(char bracket, error_code& ec) {
  ++aside_;
  return add_raw({&bracket, 1}, ec);
}

bool image_handler::close_aside(char bracket, error_code& ec) {
  if (raw_ != nullptr) {
    *raw_ += bracket;
    if (!raw_fits(0, ec)) return false;
  }
  if (--aside_ == 0) end_member();
  return true;
}

bool image_handler::add_raw(std::string_view json, error_code& ec) {
  if (raw_ == nullptr) return true;
  append_json_separator(*raw_);
  *raw_ += json;
  return raw_fits(0, ec);
}

bool image_handler::raw_fits(std::size_t further, error_code& ec) {
  if (raw_->size() + further <= max_raw_size) return true;
  return fail(ec, "more than " + std::to_string(max_raw_size) + " bytes");
}

}  // namespace binarly::domain
