// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_TLS_CONTEXT_HPP
#define BINARLY_CONNECT_TLS_CONTEXT_HPP

#include <binarly/client_options.hpp>

#include <boost/asio/ssl/context.hpp>

#include <memory>

namespace binarly::connect {

/// Adds the authorities that `system_authorities`, `ca_file` and `ca_pem` name to what the context
/// trusts. Throws `failure_error`, naming the option that cannot be used.
void read_authorities(boost::asio::ssl::context& context, const tls_options& options);

/// The one TLS context of a client: TLS 1.2 or later, peers verified against the authorities that
/// the options name. Reads files; throws `failure_error` naming the option that cannot be used.
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> make_tls_context(
    const tls_options& options);

}  // namespace binarly::connect

#endif
