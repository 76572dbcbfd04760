// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "../unit/domain_sbom_text.hpp"
#include "domain/gunzip.hpp"

#include <binarly/image_hashes.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// Outcomes agree when both are the same checksums, or both are failures: the parser's own position
/// depends on the pieces.
bool agree(const std::string& left, const std::string& right) {
  return left == right || (left.starts_with("FAILED ") && right.starts_with("FAILED "));
}

std::string unpacked(std::string_view coded, std::size_t piece) {
  binarly::domain::gunzip reader;
  std::string all;
  const auto take = [&all](std::string_view part) {
    all += part;
    return all.size() < 1'000'000;
  };
  for (; !coded.empty(); coded.remove_prefix(piece < coded.size() ? piece : coded.size())) {
    if (!reader.write(coded.substr(0, piece), take)) return "broken";
  }
  return reader.complete() ? all : "not whole";
}

}  // namespace

/// The first byte says what is read, a format or a component tree, and where the rest is cut in
/// two; it is read whole, in two pieces and by bytes, and as if it were gzip's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string input(data + 1, data + size);
  const std::string_view body = input;
  binarly::hash_query query;
  query.format = data[0] % 3 == 0 ? binarly::sbom_format::cyclonedx : binarly::sbom_format::spdx;
  if (data[0] % 3 == 2) query.scan_id = "S";
  query.files = {"a", "firmware.bin", "component-1"};
  const std::size_t cut = data[0] * body.size() / 256;
  std::vector<std::string_view> bytes;
  for (const char& c : body)
    bytes.emplace_back(&c, 1);

  const std::string whole = binarly::test::read_sbom(query, std::array{body});
  const std::array halves{body.substr(0, cut), body.substr(cut)};
  if (!agree(whole, binarly::test::read_sbom(query, halves))) std::abort();
  if (!agree(whole, binarly::test::read_sbom(query, bytes))) std::abort();
  if (unpacked(body, body.size() + 1) != unpacked(body, 1)) std::abort();
  return 0;
}
