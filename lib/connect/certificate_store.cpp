// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/certificate_store.hpp"

#include "connect/tls_context.hpp"

#include <openssl/ssl.h>

namespace binarly {

certificate_store certificate_store::read(const tls_options& from) {
  boost::asio::ssl::context context(boost::asio::ssl::context::tls_client);
  connect::read_authorities(context, from);
  certificate_store made;
  made.state_ = std::make_shared<const detail::certificate_store_state>(
      SSL_CTX_get_cert_store(context.native_handle()));
  return made;
}

}  // namespace binarly
