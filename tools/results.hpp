// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_RESULTS_HPP
#define BINARLY_TOOLS_RESULTS_HPP

#include <binarly/verify_images.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace binarly::tools {

/// One verification as a line of JSON, its line feed included. The ids are given apart, since those
/// of a row that could not be looked up stand in no reference.
[[nodiscard]] std::string result_line(const verification& outcome, std::string_view product_id,
                                      std::string_view image_id);

/// The file of results, or standard output for `-`. Lines are gathered; whoever owns the file
/// writes them where blocking is allowed.
class results_file {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Creates the file, or empties it. Throws `command_error` when it cannot.
  explicit results_file(const std::string& path);
  ~results_file();
  results_file(const results_file&) = delete;
  results_file& operator=(const results_file&) = delete;

  void add(std::string_view line) { gathered_ += line; }
  /// Whether the lines should be written now: they are many, or a second old.
  [[nodiscard]] bool due(time_point now) const noexcept;
  /// The lines gathered since the last time.
  [[nodiscard]] std::string take(time_point now);

  /// Writes all of it. Throws `command_error` when it cannot; may be called from one thread while
  /// another one adds lines.
  void write(std::string_view lines);
  /// Writes what is left, and makes sure that the system has taken it.
  void finish();

 private:
  [[noreturn]] void give_up(int why) const;

  std::string name_;
  int file_ = -1;
  std::string gathered_;
  time_point taken_;
};

}  // namespace binarly::tools

#endif
