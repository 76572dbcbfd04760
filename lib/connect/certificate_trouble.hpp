// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_CERTIFICATE_TROUBLE_HPP
#define BINARLY_CONNECT_CERTIFICATE_TROUBLE_HPP

#include <openssl/ssl.h>

#include <string>

namespace binarly::connect {

/// Has each TLS object of the context write down why it refuses its peer's certificate. Verifying
/// itself is left as it is.
void watch_verification(SSL_CTX* context);

/// What was refused, and why: "has expired (CN=..., issued by CN=..., valid from ... to ...)".
/// Empty when nothing was.
[[nodiscard]] std::string certificate_trouble(const SSL* tls);

}  // namespace binarly::connect

#endif
