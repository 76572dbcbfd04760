// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_SCAN_BOOK_HPP
#define BINARLY_LIB_TESTING_SCAN_BOOK_HPP

#include <binarly/testing/fake_scan.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace binarly::testing {

/// Where an image's scan stands at one look.
struct scan_now {
  std::string state;  ///< empty when there is no scan
  bool in_image = true;
  bool done = false;
  early_report before = early_report::status_404;

  scan_now() = default;
};

/// Throws `failure_error` when the scan cannot be played.
void check_scan(const fake_scan& scan);

/// How far the images' scans are. May be used from any threads.
class scan_book {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  /// Of so many images it is kept how far they are; the scans of others are in their last state.
  static constexpr std::size_t most_kept = 1'000'000;

  /// Throws `failure_error` when a scan cannot be played, or the shares exceed 1.
  scan_book(std::vector<fake_scan> scans, std::uint64_t seed);

  /// Where the image's scan stands, which then goes on; nothing when it does not go on, ever.
  [[nodiscard]] std::optional<scan_now> look(std::uint64_t image,
                                             time_point now = std::chrono::steady_clock::now());
  /// The same, and it does not go on for it.
  [[nodiscard]] std::optional<scan_now> peek(std::uint64_t image) const;

  /// Throws `failure_error` when the scan cannot be played.
  void set(std::uint64_t image, fake_scan scan);

 private:
  struct progress {
    std::size_t at = 0;
    time_point since;
  };

  [[nodiscard]] const fake_scan* scan_of(std::uint64_t image) const;

  std::vector<fake_scan> scans_;
  std::uint64_t seed_;
  mutable std::mutex mutex_;
  std::atomic<bool> idle_;
  std::unordered_map<std::uint64_t, fake_scan> set_;
  std::unordered_map<std::uint64_t, progress> progress_;
};

}  // namespace binarly::testing

#endif
