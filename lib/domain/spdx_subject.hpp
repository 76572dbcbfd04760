// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_SPDX_SUBJECT_HPP
#define BINARLY_DOMAIN_SPDX_SUBJECT_HPP

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace binarly::domain {

/// Finds the checksums of what an SPDX document describes, in bounded memory.
///
/// The document says what it describes before its packages and files, or after them. Before, there
/// is one to wait for. After, it must be among those that are still held: the first ones, as many
/// as 256 KiB hold, and the last ones, as many again, of packages and of files each. Tools put the
/// subject first or last; should one put it in the middle of a large report and name it afterwards,
/// the report is refused, since what it says of the subject is gone.
class spdx_subject {
 public:
  /// The document says that it describes this. False when it said so of something else before.
  [[nodiscard]] bool describe(std::string_view id);

  void add_package(std::string_view id, std::string_view checksums) {
    add(packages_, id, checksums);
  }
  void add_file(std::string_view id, std::string_view checksums) { add(files_, id, checksums); }

  /// After the document's end: the subject's checksums, as they were added; the first package's
  /// when the document does not say what it describes, and none when there is no package either.
  /// Nothing when the subject is not to be found; then `flaw` says why.
  [[nodiscard]] std::optional<std::string> find();
  [[nodiscard]] const std::string& flaw() const noexcept { return flaw_; }

 private:
  struct element {
    std::string id;
    std::string checksums;
  };
  struct held {
    std::deque<element> first;
    std::deque<element> last;
    std::size_t first_size = 0;
    std::size_t last_size = 0;
    bool complete = true;  // nothing was dropped
  };

  void add(held& among, std::string_view id, std::string_view checksums);
  static void hold(held& among, std::string_view id, std::string_view checksums);
  void look_through(const std::deque<element>& some);
  void take(const std::string& checksums);

  std::string described_;
  std::optional<std::string> found_;
  bool twice_ = false;
  held packages_;
  held files_;
  std::string flaw_;
};

}  // namespace binarly::domain

#endif
