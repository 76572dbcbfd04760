// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_FILE_TOKEN_HPP
#define BINARLY_CALL_FILE_TOKEN_HPP

#include "call/token_fetcher.hpp"

#include <functional>
#include <memory>
#include <string>

namespace binarly::call {

/// Tokens out of a file that may change. `post` runs a function soon, on the strand.
[[nodiscard]] std::unique_ptr<token_fetcher> make_file_fetcher(
    std::string path, std::function<void(std::function<void()>)> post);

}  // namespace binarly::call

#endif
