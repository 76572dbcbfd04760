// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_TRUST_ANCHORS_HPP
#define BINARLY_CONNECT_TRUST_ANCHORS_HPP

#include <openssl/ssl.h>

#include <string_view>

namespace binarly::connect {

/// Lets a chain end at those of the certificates that did not sign themselves: somebody who names
/// an intermediate, or a server's own certificate, wants to trust that one. All of them are in the
/// context's store already, which remembers them. The text is in PEM form.
void accept_as_anchors(SSL_CTX* context, std::string_view pem);

/// The same for those that the context's store remembers, which it may have from another context.
void accept_anchors(SSL_CTX* context);

/// Whether a chain that was verified may end where it does: at a certificate that signed itself, or
/// with one of those in it. OpenSSL's flag for partial chains would let it end at any certificate
/// of the store, the system's included.
[[nodiscard]] bool ends_at_anchor(X509_STORE_CTX* verified);

}  // namespace binarly::connect

#endif
