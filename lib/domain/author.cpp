// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/image.hpp>

namespace binarly {

std::string_view author::display_name() const noexcept {
  for (const std::string* name : {&text, &email, &user_id, &id}) {
    if (!name->empty()) return *name;
  }
  return {};
}

}  // namespace binarly
