// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_DESCRIPTOR_BUFFER_HPP
#define BINARLY_TOOLS_DESCRIPTOR_BUFFER_HPP

#include <array>
#include <streambuf>
#include <string_view>

namespace binarly::tools {

/// Writes all of it, also to a descriptor that takes it in pieces, or that another process which
/// shares it has made non-blocking. Blocks until then. Zero, or the `errno` that it failed with.
[[nodiscard]] int write_all(int file, std::string_view text) noexcept;

/// Gathers what a stream writes, and hands it to a descriptor, which must outlive it. It remembers
/// why that failed, which a standard stream does not.
class descriptor_buffer final : public std::streambuf {
 public:
  enum class loss {
    fails,   ///< the stream fails, and nothing more is written
    ignored  ///< what cannot be written is dropped: nobody can be told that messages are lost
  };

  descriptor_buffer(int file, loss what) noexcept;

  /// The `errno` of what failed; zero for nothing.
  [[nodiscard]] int error() const noexcept { return error_; }
  /// Begins anew.
  void forget() noexcept;

 protected:
  int_type overflow(int_type next) override;
  int sync() override;

 private:
  int file_;
  loss loss_;
  int error_ = 0;
  std::array<char, 16 * 1024> buffer_;  // NOLINT(*-member-init): what is not written is not read
};

}  // namespace binarly::tools

#endif
