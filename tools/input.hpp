// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_INPUT_HPP
#define BINARLY_TOOLS_INPUT_HPP

#include <array>
#include <cstdint>
#include <exception>
#include <optional>
#include <streambuf>
#include <string>

namespace binarly::tools {

/// Thrown out of a read that was interrupted.
struct read_interrupted : std::exception {};

/// A file, or standard input for `-`, whose reader can be woken from another thread: a pipe that
/// nobody writes to must not keep the command from ending.
class input_file : public std::streambuf {
 public:
  /// Throws `command_error` when it cannot be opened.
  explicit input_file(const std::string& path);
  ~input_file() override;
  input_file(const input_file&) = delete;
  input_file& operator=(const input_file&) = delete;

  /// Ends the read under way and every later one with `read_interrupted`. From any thread.
  void interrupt() noexcept;
  /// In bytes; none for what has no size, such as a pipe.
  [[nodiscard]] std::optional<std::uint64_t> size() const;
  /// Whether the other path names the very same file.
  [[nodiscard]] bool is_same_file(const std::string& path) const;

 protected:
  /// Throws `command_error` when reading fails.
  int_type underflow() override;

 private:
  std::string name_;
  int file_ = -1;
  std::array<int, 2> wake_{-1, -1};
  std::array<char, 65536> buffer_;
};

}  // namespace binarly::tools

#endif
