// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_HASH_PRINTER_HPP
#define BINARLY_TOOLS_HASH_PRINTER_HPP

#include "tools/exit_code.hpp"

#include <binarly/image_hashes.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace binarly::tools {

/// Prints the checksums that were found, and tells which were not, are ambiguous or cannot be used.
class hash_printer {
 public:
  /// `algorithms`: only checksums by these; none for all. `source` is where they were looked for,
  /// in words.
  hash_printer(std::vector<std::string> algorithms, std::string source)
      : algorithms_(std::move(algorithms)), source_(std::move(source)) {}

  /// The checksums of one thing.
  void add(std::string_view name, std::string_view path, const std::vector<checksum>& all,
           const std::vector<checksum_flaw>& flaws);
  /// Something that was not found; `unread` tells what was not looked through, if anything.
  void miss(std::string_view name, std::string_view unread);

  /// Of several things with this name, which nothing tells apart, there are different checksums.
  void doubt(std::string_view name);
  /// Whether checksums by this algorithm are printed.
  [[nodiscard]] bool prints(std::string_view algorithm) const;

  /// Writes everything; the process's exit code. Throws `command_error`.
  [[nodiscard]] exit_code finish() const;

 private:
  void complain(const std::string& line);
  void tell(const checksum_flaw& flaw, const std::string& name);

  const std::vector<std::string> algorithms_;
  const std::string source_;
  std::string text_;
  std::string complaints_;
};

}  // namespace binarly::tools

#endif
