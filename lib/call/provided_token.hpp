// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_PROVIDED_TOKEN_HPP
#define BINARLY_CALL_PROVIDED_TOKEN_HPP

#include "call/token_fetcher.hpp"

#include <binarly/credentials.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>

namespace binarly::call {

/// Tokens from a function of the user's, which runs on `own`, a strand where there are threads, and
/// is heard of on `strand`. It is cancelled after `bound`, and its caller does not wait for it any
/// longer.
[[nodiscard]] std::unique_ptr<token_fetcher> make_provided_fetcher(
    boost::asio::any_io_executor strand, boost::asio::any_io_executor own, token_provider provider,
    std::chrono::nanoseconds bound);

}  // namespace binarly::call

#endif
