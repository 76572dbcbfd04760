// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_DOMAIN_SBOM_TEXT_HPP
#define BINARLY_TESTS_DOMAIN_SBOM_TEXT_HPP

#include "domain/sbom_reader.hpp"

#include <binarly/image_hashes.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace binarly::test {

/// All that was found in one text, for comparing. What is wrong stands in brackets.
inline std::string hashes_text(const image_hashes& found) {
  std::string text = "own";
  const auto add = [&text](const std::vector<checksum>& all,
                           const std::vector<checksum_flaw>& flaws) {
    for (const auto& one : all)
      text += " " + one.algorithm + "=" + one.value;
    for (const auto& one : flaws)
      text += " [" + (one.algorithm.empty() ? "" : one.algorithm + ": ") + one.reason + "]";
  };
  add(found.own, found.own_flaws);
  for (const auto& file : found.files) {
    text += "; " + file.name;
    if (!file.path.empty()) text += " at " + file.path;
    add(file.checksums, file.flaws);
  }
  if (!found.unread.empty()) text += "; unread [" + found.unread + "]";
  return text;
}

/// The reader's whole outcome for a body that comes in pieces: what it found, or the reason. It
/// reads for the second time where it has to, and `readings` tells how often it did.
template <class Pieces>
std::string read_sbom(const hash_query& query, const Pieces& pieces, int* readings = nullptr) {
  const auto wanted = std::make_shared<const hash_query>(query);
  std::optional<std::string> subject;
  for (int reading = 1;; ++reading) {
    domain::sbom_reader reader(wanted, subject);
    for (const std::string_view piece : pieces)
      reader.write(piece);
    const auto read = reader.finish();
    if (readings != nullptr) *readings = reading;
    if (!read) return "FAILED " + read.error().detail().reason;
    if (!reader.let_go()) return hashes_text(*read);
    subject = reader.let_go();
  }
}

}  // namespace binarly::test

#endif
