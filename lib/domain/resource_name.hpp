// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_RESOURCE_NAME_HPP
#define BINARLY_DOMAIN_RESOURCE_NAME_HPP

#include <optional>
#include <string_view>

namespace binarly::domain {

/// A resource name of the service, taken apart: `products/{product}`, or
/// `products/{product}/images/{image}`. The ids are not empty and hold no slash, and are otherwise
/// as they stand there. Views into the name.
struct resource_name {
  std::string_view product;
  std::string_view image;  ///< empty for a product
};

/// Nothing for any other text. A slash in front is passed over.
[[nodiscard]] std::optional<resource_name> split_resource_name(std::string_view text) noexcept;

/// Whether an `id` that the service states is the image's: its id alone, or its whole name.
[[nodiscard]] bool is_id_of(std::string_view id, const resource_name& image) noexcept;

/// Whether a `parent` that the service states is the image's product.
[[nodiscard]] bool is_parent_of(std::string_view parent, const resource_name& image) noexcept;

/// Whether what the service states as the parent of a thing below an image, such as a scan, names
/// another image, or another product. Anything but a resource name says nothing.
[[nodiscard]] bool is_elsewhere(std::string_view parent, const resource_name& image) noexcept;

}  // namespace binarly::domain

#endif
