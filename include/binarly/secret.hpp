// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_SECRET_HPP
#define BINARLY_SECRET_HPP

#include <binarly/detail/config.hpp>

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace binarly {

/// Text that is nobody's business. It neither prints nor copies by accident, its bytes are wiped
/// when it goes, and comparing two of them takes as long whatever they hold. Distinct objects may
/// be used from any threads.
class BINARLY_IMAGES_DECL secret {
 public:
  /// Empty.
  secret() noexcept = default;
  /// Takes the text over, and wipes the string that it came in. (What else held it is the
  /// caller's to wipe.)
  explicit secret(std::string text);
  secret(secret&& other) noexcept;
  secret& operator=(secret&& other) noexcept;
  ~secret();

  /// A copy on purpose.
  [[nodiscard]] secret clone() const;
  /// The text; valid as long as this object is neither moved from nor destroyed.
  [[nodiscard]] std::string_view reveal() const noexcept { return {bytes_.get(), size_}; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// Takes a time that depends on the sizes alone.
  friend BINARLY_IMAGES_DECL bool operator==(const secret& left, const secret& right) noexcept;
  friend std::ostream& operator<<(std::ostream&, const secret&) = delete;

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

/// A secret that its copies share, for options, which are copied on purpose. It is wiped when the
/// last of them goes. Distinct objects may be used from any threads.
class shared_secret {
 public:
  /// Empty.
  shared_secret() noexcept = default;
  shared_secret(secret text) : text_(std::make_shared<const secret>(std::move(text))) {}

  /// The text; valid as long as this object or a copy of it holds it.
  [[nodiscard]] std::string_view reveal() const noexcept {
    return text_ ? text_->reveal() : std::string_view();
  }
  [[nodiscard]] bool empty() const noexcept { return reveal().empty(); }

  friend std::ostream& operator<<(std::ostream&, const shared_secret&) = delete;

 private:
  std::shared_ptr<const secret> text_;
};

}  // namespace binarly

#endif
