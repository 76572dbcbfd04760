// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTING_FAKE_SCAN_HPP
#define BINARLY_TESTING_FAKE_SCAN_HPP

#include <binarly/detail/config.hpp>
#include <binarly/failure.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace binarly::testing {

/// What a report and a tree of components answer while their scan is not done.
enum class early_report {
  status_202,  ///< not ready, with a message
  status_204,  ///< not ready, without a body
  status_400,  ///< refused, in the service's envelope, as are the next three
  status_404,
  status_409,
  status_422,
  status_500,    ///< broken for the moment, in the service's envelope
  status_502,    ///< likewise
  no_checksums,  ///< 200, but nothing in it has a checksum yet
  whole,         ///< 200, as if the scan were done
};

/// The enumerator, without `status_`.
[[nodiscard]] BINARLY_IMAGES_DECL std::string_view to_string(early_report value) noexcept;
[[nodiscard]] BINARLY_IMAGES_DECL result<early_report> parse_early_report(std::string_view text);

/// How the scan of an image goes.
///
/// Each request for the image, its scans, its report or its components that is answered by rule is
/// a look. The first look sees the first state, each further one the next state, and the last state
/// stays. So tests need not wait: as many looks as there are states see the end.
struct fake_scan {
  /// 1 to 64 words, each at most 32 letters, digits and `_`. The service's two vocabularies are
  /// `new`, `running`, `failed`, `done`, `cancelled` and `in_progress`, `completed`, `failed`,
  /// `cancelled`, `no_scans`, `status_unavailable`. An empty word: the image has no scan. `done`
  /// and `completed` let reports out.
  std::vector<std::string> states{"new", "running", "done"};
  /// A state lasts at least so long from the look that saw it first; 0 to 7 days. By time alone
  /// nothing goes on: it takes a look, too.
  std::chrono::milliseconds state_duration{0};
  /// Shown in the image itself (`scans`, `latestScan`), not only in the list of its scans.
  bool in_image = true;
  early_report before = early_report::status_404;
  /// In `fake_service_options::scans`: of how many images this is the scan, 0 to 1.
  double share = 0;

  fake_scan() = default;
  explicit fake_scan(std::vector<std::string> all_states) : states(std::move(all_states)) {}
};

/// Reads `new/running/done=0.8,new/failed=0.1,none=0.1`: states in their order, and the share of
/// the images that have this scan. `none` is the empty word. The failure names the word that it
/// stumbled over. The shares' sum is at most 1.
[[nodiscard]] BINARLY_IMAGES_DECL result<std::vector<fake_scan>> parse_scans(std::string_view text);

}  // namespace binarly::testing

#endif
