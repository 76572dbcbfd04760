// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_BULK_NOT_READY_HPP
#define BINARLY_BULK_NOT_READY_HPP

#include <binarly/verify_images.hpp>

#include <optional>
#include <string_view>

namespace binarly::bulk {

/// Where the latest scan stands.
enum class standing { none, under_way, done, ended_badly };

/// Of a scan that is there.
[[nodiscard]] standing standing_of(const std::optional<scan_state>& state) noexcept;

/// What a failed search for checksums says of the report.
enum class readiness {
  not_yet,     ///< it may be there once the image's scan has ended
  in_trouble,  ///< the service cannot give it at the moment
  other,       ///< nothing
};

/// What a report answers before its scan has ended is published nowhere. Taken for that are 202 and
/// 204, and the refusals 400, 404 of the platform, 409 and 422.
[[nodiscard]] readiness readiness_of(const failure& why) noexcept;

// Failures of verifications whose image was found. All of them may be gone at another look.

/// Nothing that could end.
[[nodiscard]] failure no_scan(const verification& which);
/// The time is up, and the latest scan has not ended.
[[nodiscard]] failure scan_goes_on(const verification& which);
/// The report states no checksum by the field's algorithm.
[[nodiscard]] failure unstated_checksum(const verification& which, std::string_view field);
/// The report states something that is not known to be the image's; the notes tell what.
[[nodiscard]] failure untold_checksum(const verification& which);
/// The time is up, `why` is what the last search came to, and the scan is not done.
[[nodiscard]] failure no_checksum_yet(const verification& which, const failure& why);

}  // namespace binarly::bulk

#endif
