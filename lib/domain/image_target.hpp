// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_IMAGE_TARGET_HPP
#define BINARLY_DOMAIN_IMAGE_TARGET_HPP

#include <binarly/image.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace binarly::domain {

/// The answer to a wish for an image's scans.
struct scan_listing {
  std::vector<scan> scans;
};

/// An array's next element, which is made when its object begins.
template <class T>
struct element {
  std::vector<T>* of;
};

/// A member of an open set of counts. What is no 64-bit integer is an unknown field.
struct count {
  std::map<std::string, std::int64_t>* of;
};

/// A value whose JSON text is kept.
struct raw_object {
  std::string* text;
};
struct raw_array {
  std::string* text;
};

/// Where a JSON value goes, which also says what kind of value is due there. The first alternative
/// is nowhere: an unknown field.
using target = std::variant<std::monostate, std::string*, timestamp*, std::optional<timestamp>*,
                            bool*, std::optional<bool>*, author*, std::vector<image_file>*,
                            std::vector<scan>*, std::optional<scan>*, std::optional<scan_state>*,
                            std::optional<image_counts>*, image*, element<image_file>,
                            element<scan>, count, raw_object, raw_array, scan_listing*>;

/// A JSON object or array that is being read: the thing that its members or elements go into.
using container = std::variant<image*, author*, image_file*, scan*, scan_state*, image_counts*,
                               std::vector<image_file>*, std::vector<scan>*, scan_listing*>;

/// What is due at the target, in words with their article.
[[nodiscard]] std::string_view due_at(const target& to) noexcept;

/// Whether the target takes no value of a fixed kind, so that whatever stands there may be skipped.
[[nodiscard]] bool may_skip(const target& to) noexcept;

/// What became of a value at a target that may not be skipped.
enum class outcome { stored, wrong_kind, malformed };

[[nodiscard]] outcome store_text(const target& to, std::string_view text);
[[nodiscard]] outcome store_bool(const target& to, bool value);

/// Makes the object, or fetches the array, that begins at the target; nothing for a wrong kind.
[[nodiscard]] std::optional<container> begin_object(const target& to);
[[nodiscard]] std::optional<container> begin_array(const target& to);

/// The elements so far of an array; nothing for an object.
[[nodiscard]] std::optional<std::size_t> elements_of(const container& array) noexcept;
/// The target of an array's next element; nowhere for an object.
[[nodiscard]] target next_element(const container& array) noexcept;

}  // namespace binarly::domain

#endif
