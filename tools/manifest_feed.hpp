// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_MANIFEST_FEED_HPP
#define BINARLY_TOOLS_MANIFEST_FEED_HPP

#include "tools/input.hpp"
#include "tools/manifest.hpp"

#include <cstdint>
#include <deque>
#include <istream>
#include <optional>
#include <string>

namespace binarly::tools {

/// Rows of a manifest, read ahead in small batches: reading may block, and does so in a place of
/// its caller's choice, while taking a row never does.
///
/// `read` and `take` are called in turn, never at the same time; `interrupt` at any time.
class manifest_feed {
 public:
  /// Throws `command_error` when the manifest cannot be opened.
  explicit manifest_feed(const std::string& path, const manifest_options& options = {});

  /// Reads some rows, as many as have their line in the buffer, but at least one; or the end.
  /// Throws nothing: what goes wrong is the end, and kept in `error()`.
  void read() noexcept;
  [[nodiscard]] std::optional<manifest_row> take();
  /// Nothing more will be read.
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// Why the manifest could not be read to its end, as one line; empty when it could.
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

  /// The number of the last row that was read, be it empty.
  [[nodiscard]] std::uint64_t rows() const noexcept { return reader_.rows(); }
  /// One line that names the columns or keys that were passed over; empty where there are none. Not
  /// during a `read`, like `rows`.
  [[nodiscard]] std::string ignored() const;

  /// Ends a `read` under way in another thread.
  void interrupt() noexcept { file_.interrupt(); }
  [[nodiscard]] bool is_same_file(const std::string& path) const {
    return file_.is_same_file(path);
  }
  /// In bytes; none for what has no size, such as a pipe.
  [[nodiscard]] std::optional<std::uint64_t> size() const { return file_.size(); }
  /// What messages call it.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
  input_file file_;
  std::istream stream_;
  manifest_reader reader_;
  std::deque<manifest_row> rows_;
  bool ended_ = false;
  std::string error_;
};

}  // namespace binarly::tools

#endif
