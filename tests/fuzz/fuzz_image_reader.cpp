// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "../unit/domain_image_text.hpp"
#include "domain/image_reader.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// Outcomes agree when both are the same image, or both are failures: in bad UTF-8, the parser's
/// own position depends on the pieces.
bool agree(const std::string& left, const std::string& right) {
  return left == right || (left.starts_with("FAILED ") && right.starts_with("FAILED "));
}

}  // namespace

/// The first byte says where the rest is cut in two; it is read whole, in two pieces and by bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string input(data + 1, data + size);
  const std::string_view body = input;
  const std::size_t cut = body.empty() ? 0 : data[0] * body.size() / 256;
  std::vector<std::string_view> bytes;
  for (const char& c : body)
    bytes.emplace_back(&c, 1);

  const std::string whole = binarly::test::read_text(std::array{body});
  const std::array halves{body.substr(0, cut), body.substr(cut)};
  if (!agree(whole, binarly::test::read_text(halves))) std::abort();
  if (!agree(whole, binarly::test::read_text(bytes))) std::abort();
  return 0;
}
