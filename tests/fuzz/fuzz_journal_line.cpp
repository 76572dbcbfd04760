// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// A line of a journal is an entry, or it is said in words why not. An entry survives being written
// and read again.

#include "tools/journal/line.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace binarly::tools;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto read = read_journal_line({reinterpret_cast<const char*>(data), size});
  if (!read) {
    require(!read.error().empty());
    return 0;
  }
  journal_entry& entry = *read;
  require(entry.row >= 1);
  // What a failure says beyond what an entry keeps is written by whoever has it.
  entry.failure.reset();
  const auto line = journal_line(entry, "");
  require(line.ends_with('\n') && line.find('\n') == line.size() - 1);
  const auto again = read_journal_line(std::string_view(line).substr(0, line.size() - 1));
  require(again.has_value() && again->row == entry.row && again->digest == entry.digest);
  require(again->product_id == entry.product_id && again->image_id == entry.image_id);
  require(again->verdict == entry.verdict && again->retries == entry.retries);
  require(again->mismatches.size() == entry.mismatches.size() && again->at == entry.at);
  return 0;
}
