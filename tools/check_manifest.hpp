// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_CHECK_MANIFEST_HPP
#define BINARLY_TOOLS_CHECK_MANIFEST_HPP

#include "tools/commands.hpp"
#include "tools/shard.hpp"

namespace binarly::tools {

/// `verify --check`: reads the whole manifest, sends nothing, and says what is wrong with it. Ids
/// that look like ULIDs gone wrong are noted, and are no error. The process's exit code.
[[nodiscard]] int check_manifest(const verify_arguments& arguments, const shard& part);

}  // namespace binarly::tools

#endif
