// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_SPDX_SUBJECT_HPP
#define BINARLY_DOMAIN_SPDX_SUBJECT_HPP

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace binarly::domain {

/// What an SPDX document turns out to be about.
struct spdx_finding {
  std::string checksums;  ///< the subject's, as they were added
  /// Why they are not to be told; empty where they are.
  std::string flaw;
  /// The subject's id, where it may be one of those that were let go: whoever reads the report
  /// again, with this known, finds it.
  std::optional<std::string> let_go;
  /// The subject is not the one that was known: the report is not the same as before.
  bool changed = false;

  spdx_finding() = default;
};

/// Finds the checksums of what an SPDX document describes, in bounded memory.
///
/// The document says what it describes before its packages and files, or after them. Before, there
/// is one to wait for. After, it is mostly among those that are still held: the first ones, as many
/// as 256 KiB hold, and the last ones, as many again, of packages and of files each. Tools put the
/// subject first or last; for one that stands elsewhere the report is to be read a second time.
///
/// In SPDX 3 the document has root elements, which may be collections that have root elements of
/// their own. Where these lead nowhere, the other collections' root elements count, and then the
/// relationships by which one of them describes something; in SPDX 2 these are the same for a
/// document with an id of its own. 256 KiB of either are held.
class spdx_subject {
 public:
  /// `known` is what an earlier reading of the same report has found out.
  explicit spdx_subject(std::optional<std::string> known) : known_(std::move(known)) {}

  /// The document says that it describes this.
  void describe(std::string_view id);
  /// It says that it describes nothing.
  void describe_nothing() { describes_nothing_ = true; }
  /// Something that may turn out to be the document, or another collection, describes this.
  void add_description(std::string_view from, std::string_view to);
  void add_package(std::string_view id, std::string_view checksums) {
    ++package_count_;
    add(packages_, id, checksums);
  }
  void add_file(std::string_view id, std::string_view checksums) { add(files_, id, checksums); }
  /// The document itself, or another collection of SPDX 3, and its root elements.
  void add_collection(bool document, std::string_view id, const std::vector<std::string>& roots);

  /// After the document's end.
  [[nodiscard]] spdx_finding find();

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
  struct collection {
    bool document = false;
    std::string id;
    std::vector<std::string> roots;
  };

  void add(held& among, std::string_view id, std::string_view checksums);
  static void hold(held& among, std::string_view id, std::string_view checksums);
  void look_through(const std::deque<element>& some);
  void take(std::string_view checksums);
  void find_described();
  [[nodiscard]] std::string unsaid() const;

  const std::optional<std::string> known_;
  std::string described_;
  std::string described_too_;  // another thing
  std::optional<std::string> found_;
  bool differs_ = false;  // what was found for one and the same id
  held packages_;
  held files_;
  std::size_t package_count_ = 0;
  bool describes_nothing_ = false;
  std::vector<collection> collections_;
  std::vector<std::pair<std::string, std::string>> descriptions_;
  std::size_t collections_size_ = 0;
  std::size_t descriptions_size_ = 0;
  bool too_many_collections_ = false;
  bool too_many_descriptions_ = false;
};

}  // namespace binarly::domain

#endif
