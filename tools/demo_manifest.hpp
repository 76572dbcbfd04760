// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_DEMO_MANIFEST_HPP
#define BINARLY_TOOLS_DEMO_MANIFEST_HPP

#include <binarly/failure.hpp>
#include <binarly/testing/fake_service.hpp>
#include <binarly/verify_images.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace binarly::tools {

/// The manifest of the demo: every image of the service, but for a few rows that are truly wrong or
/// only look so, spread evenly and known beforehand. Where there are too few rows for all of them,
/// some are left out.
class demo_manifest {
 public:
  /// The service must outlive it.
  demo_manifest(testing::fake_service& service, std::uint64_t uploads);

  [[nodiscard]] std::optional<expectation> next();

  /// Whether this is what the row was to come to: the verdict, and why.
  [[nodiscard]] bool is_as_planned(const verification& outcome) const;

  [[nodiscard]] std::uint64_t yielded() const noexcept { return row_; }
  [[nodiscard]] std::size_t planted() const noexcept { return planted_.size(); }
  /// Of those that were planted, the ones that are not to be verified.
  [[nodiscard]] std::size_t wrong() const noexcept;

  /// One kind of row.
  struct plant {
    verdict truth = verdict::verified;
    std::string_view field;       ///< of a mismatch
    errc code = errc::not_found;  ///< of a failure, where the verdict is `failed`
    /// What else must be true of the outcome; null for nothing.
    bool (*also)(const verification& outcome) = nullptr;
    void (*prepare)(testing::fake_service& service, const testing::fake_image& image) = nullptr;
    void (*expect)(expectation& upload, const testing::fake_image& image) = nullptr;
  };

 private:
  testing::fake_service& service_;
  std::uint64_t uploads_;
  std::uint64_t row_ = 0;
  std::map<std::uint64_t, const plant*> planted_;
};

}  // namespace binarly::tools

#endif
