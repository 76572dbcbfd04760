// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_CATALOGUE_HPP
#define BINARLY_LIB_TESTING_FAKE_CATALOGUE_HPP

#include "testing/scan_book.hpp"

#include <binarly/testing/fake_service.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::testing {

/// A good mixing of 64 bits (the finaliser of SplitMix64), for ids, contents and dice.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t value) noexcept {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

/// How an image is described, beside what its rule says.
struct image_form {
  bool with_counts = false;
  fault unusual = fault::none;   ///< one of the forms
  std::optional<scan_now> scan;  ///< where its scan goes on

  image_form() = default;
};

/// The images that the service has, by rule: everything follows from the seed and the number.
///
/// An id is a ULID whose time part holds the number and whose random part is a hash of seed and
/// number, so that an id is looked up by decoding it and making it again. Over the images, every
/// form that the API allows occurs: both kinds of author, all kinds of time, optional members there
/// and absent, a member that nobody knows.
class fake_catalogue {
 public:
  /// `images` and `products` are 1 to 2^40.
  fake_catalogue(std::uint64_t seed, std::uint64_t images, std::uint64_t products) noexcept
      : seed_(seed), images_(images), products_(products) {}

  /// Any number makes an image; below `images()` it is one that is found.
  [[nodiscard]] fake_image image_at(std::uint64_t number) const;
  [[nodiscard]] std::uint64_t images() const noexcept { return images_; }

  /// Ids are found in either case.
  [[nodiscard]] std::optional<std::uint64_t> find_product(std::string_view id) const;
  /// Absent when there is no such image, or when it is another product's.
  [[nodiscard]] std::optional<std::uint64_t> find_image(std::string_view product_id,
                                                        std::string_view image_id) const;

  /// SHA-256, SHA-1 and MD5 of a file of the image; of the image itself where the name is empty.
  [[nodiscard]] std::vector<checksum> checksums_of(std::uint64_t number,
                                                   std::string_view file) const;

  /// Appends the image as the service describes it, in JSON.
  void append_image(std::string& out, std::uint64_t number, const image_form& form) const;
  /// Appends the answer to a listing of an image's scans: those that the image has.
  void append_scans_of(std::string& out, std::uint64_t number, const image_form& form) const;
  /// Appends the scan of that id; false when the image has none such.
  [[nodiscard]] bool append_scan_of(std::string& out, std::uint64_t number, std::string_view id,
                                    const image_form& form) const;
  /// Whether the image has the scan of that id.
  [[nodiscard]] bool has_scan(std::uint64_t number, std::string_view id,
                              const image_form& form) const;
  /// Appends the answer to a listing of a product: its first 10,000 images, each in its form.
  void append_images_of(std::string& out, std::uint64_t product,
                        const std::function<image_form(std::uint64_t)>& form_of) const;

 private:
  [[nodiscard]] std::uint64_t traits(std::uint64_t number) const noexcept;
  /// Empty when the image has no scan.
  [[nodiscard]] std::string_view scan_word(std::uint64_t number,
                                           const image_form& form) const noexcept;
  void append_author(std::string& out, std::uint64_t number) const;
  void append_files(std::string& out, std::uint64_t number, std::string_view parent,
                    const image_form& form) const;
  void append_scan(std::string& out, std::uint64_t number, std::string_view parent,
                   std::string_view word) const;
  void append_scans_in_image(std::string& out, std::uint64_t number, std::string_view path,
                             const image_form& form) const;

  std::uint64_t seed_;
  std::uint64_t images_;
  std::uint64_t products_;
};

}  // namespace binarly::testing

#endif
