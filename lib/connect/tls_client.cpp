// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/tls_client.hpp"

#include "connect/tls_context.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <string>
#include <utility>

namespace binarly::connect {

namespace asio = boost::asio;

tls_client::tls_client(const tls_options& options, origin where)
    : where_(std::move(where)), context_(make_tls_context(options)) {}

bool tls_client::prepare(SSL* tls) const {
  const std::string name(where_.certificate_name());
  // The checks belong to the connection's own TLS object: set on the context, they would not reach
  // objects that exist already.
  X509_VERIFY_PARAM* checks = SSL_get0_param(tls);
  if (where_.literal) return X509_VERIFY_PARAM_set1_ip_asc(checks, name.c_str()) == 1;
  // RFC 9525: the subject's common name is no host name.
  X509_VERIFY_PARAM_set_hostflags(
      checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return X509_VERIFY_PARAM_set1_host(checks, name.data(), name.size()) == 1 &&
         SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(name.c_str())) == 1;
}

transport_failure tls_client::explain(SSL* tls, const error_code& cause) const {
  const long verified = SSL_get_verify_result(tls);
  if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    return {errc::certificate_rejected, phase::handshake,
            "the certificate of " + where_.authority() + " is for another host", cause};
  }
  if (verified != X509_V_OK) {
    return {
        errc::certificate_rejected, phase::handshake,
        "the certificate of " + where_.authority() + ": " + X509_verify_cert_error_string(verified),
        cause};
  }
  std::string reason = where_.authority() + ": ";
  if (cause == asio::error::eof || cause == asio::ssl::error::stream_truncated) {
    reason += "the server closed the connection";
  } else if (ERR_GET_REASON(static_cast<unsigned long>(cause.value())) ==
                 SSL_R_WRONG_VERSION_NUMBER &&
             cause.category() == asio::error::get_ssl_category()) {
    reason += "the port does not speak TLS";
  } else {
    reason += cause.message();
  }
  return {errc::handshake_failed, phase::handshake, std::move(reason), cause};
}

void tls_client::keep_resumable(SSL* tls) noexcept {
  SSL_set_shutdown(tls, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

}  // namespace binarly::connect
