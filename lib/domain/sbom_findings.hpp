// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_SBOM_FINDINGS_HPP
#define BINARLY_DOMAIN_SBOM_FINDINGS_HPP

#include "domain/sbom_members.hpp"
#include "domain/spdx_subject.hpp"

#include <binarly/image_hashes.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace binarly::domain {

/// Where in a report something stands, in words; asked for only where something is wrong.
using sbom_place = std::function<std::string()>;

/// Gathers what a report says of the image and of the files that are asked for.
///
/// Of each component, package or file that is open it holds what was read of it, since its name may
/// come after its checksums. What is wrong with one of them is written down beside its checksums,
/// and told when it turns out that somebody asked for it.
class sbom_findings {
 public:
  /// Of one component, package or file; further ones are not read.
  static constexpr std::size_t max_checksums = 32;
  /// Of files that were asked for, in all.
  static constexpr std::size_t max_files = 10'000;

  sbom_findings(std::shared_ptr<const hash_query> wanted, sbom_form form,
                std::optional<std::string> subject);

  void open_element(sbom_part what);
  /// `root`: it stands in place of its id among another one's root elements. False when there are
  /// too many of the files that were asked for.
  [[nodiscard]] bool close_element(bool root);
  void open_checksum();
  void close_checksum(const sbom_place& place);
  void close_relationship(const sbom_place& place);

  /// A member's text, of what is open.
  void store(sbom_part where, sbom_member which, std::string_view text, const sbom_place& place);
  /// `documentDescribes`, or a root element of what is open.
  void store_in_list(sbom_part list, std::string_view text, const sbom_place& place);

  // What is wrong, and with what.
  void spoil_checksum(std::string words);
  void spoil_element(std::string_view words);
  void spoil_own(std::string words);
  void leave_unread(std::string words);
  void name_again() { current().named_again = true; }

  /// At the report's end.
  void conclude();
  [[nodiscard]] image_hashes& value() noexcept { return found_; }
  /// See `spdx_finding`.
  [[nodiscard]] const std::optional<std::string>& let_go() const noexcept { return let_go_; }
  [[nodiscard]] bool changed() const noexcept { return changed_; }
  /// An SPDX 3 document is among its elements.
  [[nodiscard]] bool has_document() const noexcept { return has_document_; }
  [[nodiscard]] bool has_name_and_path() const noexcept { return named_ && placed_; }

 private:
  /// What an element of SPDX 3 is, as far as it matters here.
  enum class type : unsigned char { other, package, file, document, collection };

  struct element {
    sbom_part what = sbom_part::nothing;
    type is = type::other;
    bool named = false;
    bool named_again = false;
    std::vector<std::string_view> names;  // those of the wanted ones that are its own
    std::string id;
    std::string path;
    std::string checksums;  // see `checksum_text.hpp`
    std::size_t count = 0;  // of its checksums
    std::vector<std::string> roots;
    std::size_t roots_size = 0;

    void clear(sbom_part part);
  };

  [[nodiscard]] element& current() noexcept { return elements_[open_ - 1]; }
  [[nodiscard]] static type type_of(std::string_view word);
  [[nodiscard]] bool is_spdx() const noexcept { return form_ == sbom_form::spdx; }
  void match(std::string_view name);
  static void add_root(element& to, std::string_view id);
  void add_target(std::string_view id);
  void clear_relationship();
  [[nodiscard]] bool keeps_checksums();
  void add_checksum(std::string_view algorithm, std::string_view value, const sbom_place& place);
  [[nodiscard]] bool add_files(const element& which);
  void add_to_subject(const element& which);
  void describe(std::string_view id, const sbom_place& place);

  const std::shared_ptr<const hash_query> query_;
  const sbom_form form_;
  std::unordered_set<std::string_view> wanted_;
  std::vector<element> elements_;  // kept when they end, for their room
  std::size_t open_ = 0;           // of these
  std::string algorithm_;          // of the checksum that is open
  std::string value_;              // likewise
  std::string hash_type_;          // likewise
  std::string spoilt_;             // likewise: why it cannot be used
  std::string from_;               // of the relationship that is open
  std::string kind_;               // likewise
  std::string to_;                 // likewise
  spdx_subject subject_;
  image_hashes found_;
  std::string own_doubt_;
  std::optional<std::string> let_go_;
  bool changed_ = false;
  bool has_document_ = false;
  bool named_ = false;
  bool placed_ = false;
};

}  // namespace binarly::domain

#endif
