// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/tls_client.hpp"

#include "connect/certificate_trouble.hpp"
#include "connect/tls_context.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <string>
#include <utility>

namespace binarly::connect {
namespace {

namespace asio = boost::asio;

int store_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int on_new_session(SSL* tls, SSL_SESSION* session) {
  auto* const store =
      static_cast<session_store*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(tls), store_index()));
  try {
    store->put(session_ptr(session));
  } catch (const std::exception&) {
    // Out of memory: it has been freed, and the next connection pays a whole handshake.
  }
  return 1;  // it is ours
}

/// Where a connection notes that its server asked for a certificate.
int asked_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int on_certificate_wanted(SSL* tls, void*) {
  static char asked = 0;
  SSL_set_ex_data(tls, asked_index(), &asked);
  return 1;  // what there is to show is set already
}

bool certificate_asked_for(const SSL* tls) noexcept {
  return SSL_get_ex_data(tls, asked_index()) != nullptr;
}

/// OpenSSL's reason, or 0 when the cause is none of OpenSSL's.
int reason_of(const error_code& cause) noexcept {
  if (cause.category() != asio::error::get_ssl_category()) return 0;
  return ERR_GET_REASON(static_cast<unsigned long>(cause.value()));
}

}  // namespace

tls_client::tls_client(const tls_options& options, origin where, std::size_t most_sessions)
    : where_(std::move(where)),
      has_certificate_(!options.certificate_file.empty() || !options.certificate_pem.empty()),
      context_(make_tls_context(options)),
      sessions_(most_sessions) {
  SSL_CTX* const context = context_->native_handle();
  watch_verification(context);
  SSL_CTX_set_ex_data(context, store_index(), &sessions_);
  // OpenSSL's own cache is for servers: a client must say which session it wants.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(context, on_new_session);
  SSL_CTX_set_cert_cb(context, on_certificate_wanted, nullptr);
}

bool tls_client::prepare(SSL* tls) {
  const std::string name(where_.certificate_name());
  // The checks belong to the connection's own TLS object: set on the context, they would not reach
  // objects that exist already.
  X509_VERIFY_PARAM* checks = SSL_get0_param(tls);
  if (where_.literal) {
    if (X509_VERIFY_PARAM_set1_ip_asc(checks, name.c_str()) != 1) return false;
  } else {
    // RFC 9525: the subject's common name is no host name.
    X509_VERIFY_PARAM_set_hostflags(
        checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    // RFC 6066, section 3: an address is no server name.
    if (X509_VERIFY_PARAM_set1_host(checks, name.data(), name.size()) != 1 ||
        SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(name.c_str())) != 1) {
      return false;
    }
  }
  if (const auto session = sessions_.take()) SSL_set_session(tls, session.get());
  return true;
}

transport_failure tls_client::explain(SSL* tls, const error_code& cause) const {
  if (SSL_get_verify_result(tls) != X509_V_OK) {
    return {errc::certificate_rejected, phase::handshake,
            "the certificate of " + where_.authority() + ' ' + certificate_trouble(tls), cause};
  }
  const bool asked = certificate_asked_for(tls);
  // TLS 1.2 has no alert of its own for a certificate that is missing (RFC 5246, section 7.4.6).
  const bool refused_after_asking =
      asked && reason_of(cause) == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE;
  if (refused_after_asking || wants_certificate(cause)) return explain_certificate_wanted(cause);
  std::string reason = where_.authority() + ": ";
  if (cause == asio::error::eof || cause == asio::ssl::error::stream_truncated) {
    reason += "the server closed the connection";
  } else if (reason_of(cause) == SSL_R_WRONG_VERSION_NUMBER) {
    reason += "the port does not speak TLS";
  } else {
    reason += cause.message();
  }
  if (asked && !has_certificate_) {
    reason += "; it had asked for a certificate of the client's, and there is none";
  }
  return {errc::handshake_failed, phase::handshake, std::move(reason), cause};
}

bool tls_client::wants_certificate(const error_code& cause) noexcept {
  switch (reason_of(cause)) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_NO_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
      return true;
    default:
      return false;
  }
}

transport_failure tls_client::explain_certificate_wanted(const error_code& cause) const {
  return {errc::client_certificate_rejected, phase::handshake,
          where_.authority() +
              (has_certificate_ ? " does not accept the client's certificate: "
                                : " demands a certificate of the client's: ") +
              cause.message(),
          cause};
}

}  // namespace binarly::connect
