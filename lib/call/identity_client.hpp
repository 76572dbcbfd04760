// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_IDENTITY_CLIENT_HPP
#define BINARLY_CALL_IDENTITY_CLIENT_HPP

#include "call/environment.hpp"
#include "call/service_link.hpp"
#include "call/token_fetcher.hpp"
#include "call/token_request.hpp"

#include <binarly/client_options.hpp>
#include <binarly/credentials.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace binarly::call {

/// Asks an identity server for tokens, over connections of its own and outside the client's limits,
/// with the client's retry policy. `world` is what the client's own calls have; it must outlive the
/// fetcher, and `keep_alive` makes sure of that while a request is under way.
///
/// `links`: the server's address, and its alternative if there is one. The other one is asked where
/// one answers 404, with the attempts and the time that are left, but once at least; the one that
/// gave a token is asked first from then on.
[[nodiscard]] std::unique_ptr<token_fetcher> make_identity_client(
    environment& world, std::function<std::shared_ptr<void>()> keep_alive,
    std::vector<std::shared_ptr<service_link>> links, token_request asks,
    const client_options& options);

}  // namespace binarly::call

#endif
