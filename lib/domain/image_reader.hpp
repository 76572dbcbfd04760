// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_IMAGE_READER_HPP
#define BINARLY_DOMAIN_IMAGE_READER_HPP

#include <binarly/failure.hpp>
#include <binarly/image.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace binarly::domain {

/// Reads one image, or a list of scans, out of the body of an answer, in one pass, as the pieces
/// come.
///
/// What it holds is bounded: 32 levels of nesting, strings of 64 KiB and keys of 1 KiB (in unknown
/// fields too), 100,000 files and scans, 10,000 counts, 1 MiB for each field kept as JSON text. The
/// sum is bounded by the bound on the body, which is the caller's. A known field that stands twice
/// in its object is refused: the answer would mean two things.
///
/// An image must have an id, and a list its scans, which may be null. Whatever else is absent or
/// null is empty; so is a time that is an empty text. A byte order mark before the JSON is passed
/// over.
class image_reader {
 public:
  image_reader();
  /// For a list of an image's scans.
  [[nodiscard]] static image_reader of_scans();
  image_reader(image_reader&&) noexcept;
  image_reader& operator=(image_reader&&) noexcept;
  ~image_reader();

  /// Takes the next piece; false once the body cannot be an image any more, whatever follows.
  bool write(std::string_view piece);

  /// The image, once the body has ended; to be called once. A failure (`errc::bad_response`,
  /// `phase::decode`) names the field and the byte, counted from 0, where reading stopped.
  [[nodiscard]] result<image> finish();
  /// The same, but the image stays here, to be taken out of `value`.
  [[nodiscard]] std::optional<failure> end();
  [[nodiscard]] image& value() noexcept;
  [[nodiscard]] std::vector<scan>& scans() noexcept;

 private:
  class state;

  explicit image_reader(std::unique_ptr<state> made);

  std::unique_ptr<state> state_;
};

}  // namespace binarly::domain

#endif
