// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_COMPONENTS_HPP
#define BINARLY_LIB_TESTING_FAKE_COMPONENTS_HPP

#include "testing/byte_source.hpp"
#include "testing/fake_catalogue.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace binarly::testing {

/// The tree of components that a scan has found, written piece by piece: the image at its root,
/// below it the files of its reports, with the same checksums and nested likewise.
class fake_components final : public byte_source {
 public:
  enum class checksums { there, absent };

  fake_components(const fake_catalogue& catalogue, std::uint64_t number, std::uint64_t components,
                  checksums what)
      : catalogue_(catalogue), number_(number), components_(components), checksums_(what) {}

  bool next(std::string& out) override;

 private:
  void append_members(std::string& out, std::string_view name, std::string_view path) const;
  void append_component(std::string& out, std::uint64_t index) const;

  const fake_catalogue& catalogue_;
  const std::uint64_t number_;
  const std::uint64_t components_;
  const checksums checksums_;
  std::uint64_t made_ = 0;
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace binarly::testing

#endif
