// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_CHECK_OPTIONS_HPP
#define BINARLY_CALL_CHECK_OPTIONS_HPP

#include <binarly/client_options.hpp>

namespace binarly::call {

/// Throws `failure_error`, naming the first option that is out of its bounds. The base URL and the
/// authorities are checked where they are read.
void check_options(const client_options& options);

}  // namespace binarly::call

#endif
