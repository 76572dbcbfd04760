// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/error_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

/// The bound and the ellipsis, and no control character.
void require_safe(std::string_view text, std::size_t limit) {
  require(text.size() <= limit + 3);
  for (const char c : text)
    require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(data, data + size);
  binarly::domain::error_reader reader;
  reader.write(std::string_view(body).substr(0, size / 2));
  reader.write(std::string_view(body).substr(size / 2));
  const auto envelope = reader.finish();
  if (!envelope) return 0;
  require_safe(envelope->message, 512);
  require_safe(envelope->permission, 256);
  require_safe(envelope->resource_name, 256);
  require(envelope->details.size() <= 16);
  for (const auto& detail : envelope->details) {
    for (const std::string* text :
         {&detail.reason, &detail.field, &detail.service, &detail.error}) {
      require_safe(*text, 256);
    }
  }
  return 0;
}
