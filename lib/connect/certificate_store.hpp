// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_CERTIFICATE_STORE_HPP
#define BINARLY_CONNECT_CERTIFICATE_STORE_HPP

#include <binarly/certificate_store.hpp>

#include <openssl/x509_vfy.h>

namespace binarly::detail {

/// OpenSSL counts who refers to a store, and locks it itself. Settings of the verification belong
/// to each client's TLS context, and never to the store.
struct certificate_store_state {
  /// Takes a reference of its own.
  explicit certificate_store_state(X509_STORE* shared) noexcept : store(shared) {
    X509_STORE_up_ref(store);
  }
  ~certificate_store_state() { X509_STORE_free(store); }
  certificate_store_state(const certificate_store_state&) = delete;
  certificate_store_state& operator=(const certificate_store_state&) = delete;

  X509_STORE* const store;
};

}  // namespace binarly::detail

#endif
