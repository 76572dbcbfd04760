// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_IDENTITY_CLIENT_HPP
#define BINARLY_CALL_IDENTITY_CLIENT_HPP

#include "call/environment.hpp"
#include "call/service_link.hpp"
#include "call/token_fetcher.hpp"

#include <binarly/client_options.hpp>
#include <binarly/credentials.hpp>

#include <functional>
#include <memory>
#include <string>

namespace binarly::call {

/// The form that asks for a token, and the header lines that go with it (RFC 6749, section 4.4.2).
struct token_request {
  secret form;
  secret fields;
};

[[nodiscard]] token_request make_token_request(const client_credentials_options& who,
                                               std::string common_fields);

/// Where tokens are asked for: the URL as given, or, where its path is empty, with the platform's.
[[nodiscard]] std::string token_endpoint(const std::string& url);

/// Asks an identity server for tokens, over connections of its own and outside the client's limits,
/// with the client's retry policy. `world` is what the client's own calls have; it must outlive the
/// fetcher, and `keep_alive` makes sure of that while a request is under way.
[[nodiscard]] std::unique_ptr<token_fetcher> make_identity_client(
    environment& world, std::function<std::shared_ptr<void>()> keep_alive,
    std::shared_ptr<service_link> link, const client_credentials_options& who,
    const client_options& options, std::string common_fields);

}  // namespace binarly::call

#endif
