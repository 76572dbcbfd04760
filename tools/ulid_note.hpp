// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_ULID_NOTE_HPP
#define BINARLY_TOOLS_ULID_NOTE_HPP

#include <string>
#include <string_view>

namespace binarly::tools {

/// What makes an id look like a ULID that was copied or typed wrong: a character more or less, a
/// letter that ULIDs do not have, or a number too large for one. Empty for a ULID, and for what
/// looks like none. `id` is one that can be looked up.
[[nodiscard]] std::string ulid_note(std::string_view id);

}  // namespace binarly::tools

#endif
