// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/image_target.hpp"

#include "domain/rfc3339.hpp"

#include <array>
#include <utility>

namespace binarly::domain {

namespace {

// One overload for each target that takes such a value; the template is for all the others.

template <class Other>
outcome put_text(const Other&, std::string_view) {
  return outcome::wrong_kind;
}
outcome put_text(std::string* to, std::string_view text) {
  to->assign(text);
  return outcome::stored;
}
outcome put_text(author* to, std::string_view text) { return put_text(&to->text, text); }
outcome put_text(timestamp* to, std::string_view text) {
  // As good as absent.
  if (text.empty()) return outcome::stored;
  auto time = parse_rfc3339(text);
  if (!time) return outcome::malformed;
  *to = std::move(*time);
  return outcome::stored;
}
outcome put_text(std::optional<timestamp>* to, std::string_view text) {
  return text.empty() ? outcome::stored : put_text(&to->emplace(), text);
}

template <class Other>
outcome put_bool(const Other&, bool) {
  return outcome::wrong_kind;
}
outcome put_bool(bool* to, bool value) {
  *to = value;
  return outcome::stored;
}
outcome put_bool(std::optional<bool>* to, bool value) {
  *to = value;
  return outcome::stored;
}

template <class Other>
std::optional<container> object_at(const Other&) {
  return std::nullopt;
}
std::optional<container> object_at(image* to) { return to; }
std::optional<container> object_at(scan_listing* to) { return to; }
std::optional<container> object_at(author* to) { return to; }
std::optional<container> object_at(std::optional<scan>* to) { return &to->emplace(); }
std::optional<container> object_at(std::optional<scan_state>* to) { return &to->emplace(); }
std::optional<container> object_at(std::optional<image_counts>* to) { return &to->emplace(); }
template <class T>
std::optional<container> object_at(element<T> to) {
  return &to.of->emplace_back();
}

template <class Other>
std::optional<container> array_at(const Other&) {
  return std::nullopt;
}
template <class T>
std::optional<container> array_at(std::vector<T>* to) {
  return to;
}

template <class T>
std::optional<std::size_t> size_of(const T*) {
  return std::nullopt;
}
template <class T>
std::optional<std::size_t> size_of(const std::vector<T>* array) {
  return array->size();
}

}  // namespace

std::string_view due_at(const target& to) noexcept {
  constexpr std::array<std::string_view, std::variant_size_v<target>> words{"anything",
                                                                            "a string",
                                                                            "a date-time",
                                                                            "a date-time",
                                                                            "a boolean",
                                                                            "a boolean",
                                                                            "a string or an object",
                                                                            "an array",
                                                                            "an array",
                                                                            "an object",
                                                                            "an object",
                                                                            "an object",
                                                                            "an object",
                                                                            "an object",
                                                                            "an object",
                                                                            "anything",
                                                                            "an object",
                                                                            "an array",
                                                                            "an object"};
  return words[to.index()];
}

bool may_skip(const target& to) noexcept {
  return std::holds_alternative<std::monostate>(to) || std::holds_alternative<count>(to);
}

outcome store_text(const target& to, std::string_view text) {
  return std::visit([&](const auto& place) { return put_text(place, text); }, to);
}

outcome store_bool(const target& to, bool value) {
  return std::visit([&](const auto& place) { return put_bool(place, value); }, to);
}

std::optional<container> begin_object(const target& to) {
  return std::visit([](const auto& place) { return object_at(place); }, to);
}

std::optional<container> begin_array(const target& to) {
  return std::visit([](const auto& place) { return array_at(place); }, to);
}

std::optional<std::size_t> elements_of(const container& array) noexcept {
  return std::visit([](const auto* held) { return size_of(held); }, array);
}

target next_element(const container& array) noexcept {
  if (auto* const files = std::get_if<std::vector<image_file>*>(&array)) {
    return element<image_file>{*files};
  }
  if (auto* const scans = std::get_if<std::vector<scan>*>(&array)) return element<scan>{*scans};
  return std::monostate();
}

}  // namespace binarly::domain
