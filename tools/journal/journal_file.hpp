// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_JOURNAL_JOURNAL_FILE_HPP
#define BINARLY_TOOLS_JOURNAL_JOURNAL_FILE_HPP

#include "tools/journal/damage.hpp"
#include "tools/journal/entry.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace binarly::tools {

/// What is to become of a journal that is there already.
enum class existing_journal {
  refuse,    ///< it is somebody's work
  resume,    ///< its lines are read, and more are appended
  overwrite  ///< it is emptied
};

/// The journal of a run: a file of results, a descriptor that is open already, such as standard
/// output for `-`, or a file without a name, for those who want none but need what is in it. Lines
/// are gathered; whoever owns it writes them where blocking is allowed.
///
/// Only whole lines are handed to the system, and only at the file's end: a kill at any moment
/// leaves one torn line at most, behind all that was written before. A lock keeps other runs out.
class journal_file {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Throws `command_error` when it cannot be had.
  journal_file(const std::string& path, existing_journal existing);
  /// Without a name, in the directory for temporary files.
  journal_file();
  ~journal_file();
  journal_file(const journal_file&) = delete;
  journal_file& operator=(const journal_file&) = delete;

  /// Hands over every entry that is there, and cuts off a torn last line. Before anything is added.
  ///
  /// What is damaged is appended to the file beside it with `.damaged` at the end of its name, and
  /// replaced by spaces. Throws `command_error` (`exit_code::usage`), and changes nothing, where
  /// that file cannot be written, or where there are lines and none of a journal's.
  void restore(const std::function<void(const journal_entry&, const std::string& place)>& take);

  /// What it has set aside, and where.
  [[nodiscard]] const damage_log& damage() const noexcept { return damage_; }
  [[nodiscard]] std::string set_aside_in() const { return path_ + ".damaged"; }

  void add(std::string_view line) { gathered_ += line; }
  /// Whether the lines should be written now: they are many, or a second old.
  [[nodiscard]] bool due(time_point now) const noexcept;
  /// The lines gathered since the last time.
  [[nodiscard]] std::string take(time_point now);

  /// Writes all of it. Throws `command_error` when it cannot; may be called from one thread while
  /// another one adds lines.
  void write(std::string_view lines);
  /// Has the disk keep what was written; likewise.
  void flush();
  /// Writes what is left, and makes sure that the system, or the disk, has taken it.
  void finish(bool durable);

  /// Whether it can be read again, after the end: it is a file.
  [[nodiscard]] bool regular() const noexcept { return regular_; }
  /// To be read again.
  [[nodiscard]] int descriptor() const noexcept { return file_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  [[noreturn]] void give_up(int why) const;

  std::string path_;
  std::string name_;
  damage_log damage_;
  int file_ = -1;
  bool regular_ = false;
  std::string gathered_;
  time_point taken_ = std::chrono::steady_clock::now();
};

}  // namespace binarly::tools

#endif
