// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_IMAGE_HPP
#define BINARLY_IMAGE_HPP

#include <binarly/detail/config.hpp>
#include <binarly/failure.hpp>

#include <chrono>
#include <compare>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace binarly {

/// Whether `text` is a ULID: 26 characters of Crockford base 32, either case, at most 2^128 - 1
/// (https://github.com/ulid/spec).
[[nodiscard]] BINARLY_IMAGES_DECL bool is_ulid(std::string_view text) noexcept;

/// Whether two ids, or two resource names such as `products/{id}`, name the same thing. A ULID is a
/// number, so the case of its letters does not matter; everything else is compared byte for byte. A
/// slash in front of a name is passed over.
[[nodiscard]] BINARLY_IMAGES_DECL bool same_resource(std::string_view one,
                                                     std::string_view other) noexcept;

/// Names one image: a product's id and an image's id.
///
/// Only ids that are safe as one path segment are accepted: 1 to 128 characters out of RFC 3986's
/// unreserved set (letters, digits, `-`, `.`, `_`, `~`), and neither `.` nor `..`, nor `-` alone,
/// which is a wildcard in the service's paths. The service's own ids are ULIDs, but other forms
/// occur; they are kept as they were given. A default-constructed reference is empty, and a lookup
/// of it fails with `errc::invalid_argument`.
class BINARLY_IMAGES_DECL image_ref {
 public:
  image_ref() noexcept;
  /// Throws `failure_error` (`errc::invalid_argument`) when an id is refused.
  ///
  /// The service's resource names are taken as well: `products/{id}` for the product, and
  /// `products/{id}/images/{id}` for the image, either with a slash in front. The product may then
  /// be empty; when it is given, both must name the same one, as `same_resource` has it.
  image_ref(std::string_view product_id, std::string_view image_id);
  /// The same without an exception; the failure names the id, the position and the reason.
  [[nodiscard]] static result<image_ref> parse(std::string_view product_id,
                                               std::string_view image_id);

  [[nodiscard]] const std::string& product_id() const noexcept { return product_id_; }
  [[nodiscard]] const std::string& image_id() const noexcept { return image_id_; }
  [[nodiscard]] bool empty() const noexcept { return image_id_.empty(); }
  /// Whether an `id` that the service states is this image's: the id alone, or the whole resource
  /// name; compared as by `same_resource`.
  [[nodiscard]] bool has_id(std::string_view id) const noexcept;
  /// Whether a `parent` that the service states is this image's product: `products/{product_id}`,
  /// likewise.
  [[nodiscard]] bool has_parent(std::string_view parent) const noexcept;
  /// `products/{product_id}/images/{image_id}`, as in the service's own resource names.
  [[nodiscard]] std::string path() const;

  friend bool operator==(const image_ref&, const image_ref&) = default;
  friend auto operator<=>(const image_ref&, const image_ref&) = default;

 private:
  std::string product_id_;
  std::string image_id_;
};

BINARLY_IMAGES_DECL std::ostream& operator<<(std::ostream& out, const image_ref& ref);

/// A date-time of RFC 3339 and the text it was read from. Fractions beyond nanoseconds are cut off.
///
/// The service may send times that a count of nanoseconds cannot hold, which reaches from
/// 1677-09-21 to 2262-04-11: `0001-01-01T00:00:00Z` where none was set, or the year 9999. Of such a
/// one there is the text alone.
struct timestamp {
  std::chrono::sys_time<std::chrono::nanoseconds> time{};
  std::string text;   ///< as sent; empty when nothing was
  bool known = true;  ///< whether `time` holds it; when not, `time` is 1970-01-01 and says nothing

  /// Absent when the text is no date-time, or one that a count of nanoseconds cannot hold.
  [[nodiscard]] BINARLY_IMAGES_DECL static std::optional<timestamp> parse(std::string_view text);
};

/// The time as a date-time of RFC 3339 in UTC, with three decimals or, where it is no whole number
/// of milliseconds, nine: `2024-01-20T10:00:00.000Z`.
[[nodiscard]] BINARLY_IMAGES_DECL std::string to_rfc3339(
    std::chrono::sys_time<std::chrono::nanoseconds> time);

/// Who made a thing. The service sends either a string or an object.
struct author {
  std::string text;     ///< the string form, as sent; empty for an object
  std::string user_id;  ///< the object's members; empty for a string
  std::string id;
  std::string email;
  std::optional<timestamp> create_time;
  std::string status;
  std::string resource_type;

  /// The first of text, email, user_id and id that is not empty.
  [[nodiscard]] BINARLY_IMAGES_DECL std::string_view display_name() const noexcept;
};

/// A file of an image.
struct image_file {
  std::string id;
  std::optional<timestamp> create_time;
  binarly::author author;
  std::string filename;
  bool is_attachment = false;
  std::string download_url;
  std::string parent;
  std::string metadata;  ///< the object as compact JSON text; empty when absent
};

/// Where a scan stands: the union of the vocabularies that the service uses.
enum class scan_progress {
  unknown,      ///< a word that this library does not know; see `scan_state::type`
  pending,      ///< `new`
  running,      ///< `running`, `in_progress`
  done,         ///< `done`, `completed`
  failed,       ///< `failed`
  cancelled,    ///< `cancelled`
  no_scans,     ///< `no_scans`
  unavailable,  ///< `status_unavailable`
};

/// The enumerator as a word; programs can rely on it.
[[nodiscard]] BINARLY_IMAGES_DECL std::string_view to_string(scan_progress value) noexcept;

/// A state that a scan entered.
struct scan_state {
  std::string id;
  std::string type;  ///< the service's word, as sent
  scan_progress progress = scan_progress::unknown;
  std::optional<timestamp> create_time;
};

/// A scan of an image.
struct scan {
  std::string id;
  std::optional<timestamp> create_time;
  binarly::author author;
  std::string parent;
  std::optional<scan_state> latest_state;
};

/// Counts of an image; sent only when asked for.
struct image_counts {
  std::map<std::string, std::int64_t> by_name;
  std::string finding_type_counts;  ///< the array as compact JSON text; empty when absent
};

/// An image as the service describes it. Only the id must be there: a member that is absent or null
/// is empty here. Fields that this library does not know are skipped.
struct image {
  std::string id;         ///< as sent; see `image_ref::has_id`
  std::string name;       ///< may be empty
  std::string version;    ///< may be empty
  timestamp create_time;  ///< not `known`, and without text, when absent
  binarly::author author;
  std::string parent;  ///< `products/{productId}`; empty when absent
  std::optional<bool> is_archived;
  std::vector<image_file> files;
  std::vector<scan> scans;
  std::optional<scan> latest_scan;
  std::optional<image_counts> counts;
};

}  // namespace binarly

#endif
