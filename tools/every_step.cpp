// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/every_step.hpp"

#include <iostream>

namespace binarly::tools {

int every_step::finish(exit_code otherwise) const {
  for (const auto& error : failed_) {
    std::cerr << "binarly-images: " << error.what() << '\n';
    otherwise = worse(otherwise, error.code());
  }
  return static_cast<int>(otherwise);
}

}  // namespace binarly::tools
