// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_ROUTE_HPP
#define BINARLY_LIB_TESTING_FAKE_ROUTE_HPP

#include <binarly/image_hashes.hpp>

#include <string>
#include <string_view>

namespace binarly::testing {

/// What a target asks for. Refers to the target's text.
struct fake_route {
  enum class thing {
    elsewhere,  ///< not below `{prefix}/api/v4/`
    unknown,
    images,  ///< the list of a product's
    image,
    report,
    scans,
    scan,
    components,
  };

  thing what = thing::elsewhere;
  sbom_format format = sbom_format::cyclonedx;  ///< of a report
  bool with_counts = false;
  bool wants_json = false;     ///< `contentType=json`
  bool wants_another = false;  ///< `contentType` with another value
  std::string_view product;
  std::string_view image;
  std::string_view scan;
  /// By what scripts name it: the image, or what stands in its place.
  std::string resource;

  fake_route() = default;
  /// Of an image or what is below it.
  [[nodiscard]] bool is_of_an_image() const noexcept { return what >= thing::image; }
};

/// `root` is `{prefix}/api/v4/`.
[[nodiscard]] fake_route route_to(std::string_view target, std::string_view root);

/// By what scripts name an image: its path, with both ids in capitals.
[[nodiscard]] std::string resource_of(std::string_view product, std::string_view image);

/// ASCII alone.
[[nodiscard]] std::string in_capitals(std::string_view text);

}  // namespace binarly::testing

#endif
