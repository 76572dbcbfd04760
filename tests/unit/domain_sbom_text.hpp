// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_DOMAIN_SBOM_TEXT_HPP
#define BINARLY_TESTS_DOMAIN_SBOM_TEXT_HPP

#include "domain/sbom_reader.hpp"

#include <binarly/image_hashes.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace binarly::test {

/// All that was found in one text, for comparing.
inline std::string hashes_text(const image_hashes& found) {
  std::string text = "own";
  const auto add = [&text](const std::vector<checksum>& all) {
    for (const auto& one : all)
      text += " " + one.algorithm + "=" + one.value;
  };
  add(found.own);
  for (const auto& file : found.files) {
    text += "; " + file.name;
    add(file.checksums);
  }
  return text;
}

/// The reader's whole outcome for a body that comes in pieces: what it found, or the reason.
template <class Pieces>
std::string read_sbom(const hash_query& query, const Pieces& pieces) {
  domain::sbom_reader reader(std::make_shared<const hash_query>(query));
  for (const std::string_view piece : pieces)
    reader.write(piece);
  const auto read = reader.finish();
  return read ? hashes_text(*read) : "FAILED " + read.error().detail().reason;
}

}  // namespace binarly::test

#endif
