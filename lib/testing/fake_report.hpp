// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_REPORT_HPP
#define BINARLY_LIB_TESTING_FAKE_REPORT_HPP

#include "testing/byte_source.hpp"
#include "testing/fake_catalogue.hpp"

#include <binarly/image_hashes.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace binarly::testing {

/// What an image's report is to be.
struct report_order {
  std::uint64_t number = 0;  ///< the image's
  sbom_format format = sbom_format::cyclonedx;
  std::uint64_t components = 0;
  /// It breaks off in the middle, as if it were whole.
  bool broken = false;
  /// Without them nothing in it has any.
  bool checksums = true;

  report_order() = default;
};

/// An SBOM report of an image, written piece by piece, by rule: `firmware.bin`, then as many
/// components as were ordered. Both orders of names and checksums occur, nested components, and
/// members that nobody asks for. In SPDX the image's own package stands first for an image of an
/// even number, and last for one of an odd one; every third report says at its beginning what it
/// describes, every third one at its end, and every third one there and the other way round.
class fake_report final : public byte_source {
 public:
  fake_report(const fake_catalogue& catalogue, report_order what)
      : catalogue_(catalogue), what_(what) {}

  bool next(std::string& out) override;

 private:
  void append_checksums(std::string& out, std::string_view file) const;
  void begin_cyclonedx(std::string& out) const;
  void append_component(std::string& out, std::uint64_t index) const;
  void begin_spdx(std::string& out) const;
  void append_package(std::string& out, std::uint64_t index) const;
  void append_own_package(std::string& out) const;
  void end_spdx(std::string& out) const;

  const fake_catalogue& catalogue_;
  const report_order what_;
  std::uint64_t made_ = 0;  // of the components
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace binarly::testing

#endif
