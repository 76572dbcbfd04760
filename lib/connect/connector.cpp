// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/connector.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <string>
#include <vector>

namespace binarly::connect {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// Sets whom the handshake is for. The checks belong to the connection's own TLS object: set on the
/// context, they would not reach objects that exist already.
bool name_peer(SSL* tls, const origin& where) {
  const std::string name(where.certificate_name());
  X509_VERIFY_PARAM* checks = SSL_get0_param(tls);
  if (where.literal) return X509_VERIFY_PARAM_set1_ip_asc(checks, name.c_str()) == 1;
  // RFC 9525: the subject's common name is no host name.
  X509_VERIFY_PARAM_set_hostflags(
      checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return X509_VERIFY_PARAM_set1_host(checks, name.data(), name.size()) == 1 &&
         SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(name.c_str())) == 1;
}

transport_failure explain_handshake(SSL* tls, const origin& where, const error_code& cause) {
  const long verified = SSL_get_verify_result(tls);
  if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    return {errc::certificate_rejected, phase::handshake,
            "the certificate of " + where.authority() + " is for another host", cause};
  }
  if (verified != X509_V_OK) {
    return {
        errc::certificate_rejected, phase::handshake,
        "the certificate of " + where.authority() + ": " + X509_verify_cert_error_string(verified),
        cause};
  }
  std::string reason = where.authority() + ": ";
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

}  // namespace

connector::connector(asio::any_io_executor executor, const origin& where)
    : where_(where), resolver_(std::move(executor)) {}

void connector::cancel() {
  cancelled_ = true;
  resolver_.cancel();
}

asio::awaitable<std::optional<transport_failure>> connector::reach(tcp_stream& socket) {
  std::vector<tcp::endpoint> endpoints;
  if (where_.literal) {
    endpoints.emplace_back(asio::ip::make_address(where_.host), where_.port);
  } else {
    step_ = phase::resolve;
    const auto [failed, found] =
        co_await resolver_.async_resolve(where_.host, std::to_string(where_.port), as_result);
    if (failed) {
      co_return transport_failure(errc::resolve_failed, phase::resolve,
                                  where_.host + ": " + failed.message(), failed);
    }
    endpoints.assign(found.begin(), found.end());
  }
  // Connecting would open the socket again that the caller has closed.
  if (cancelled_) co_return transport_failure(errc::cancelled, step_, "");
  step_ = phase::connect;
  const auto [failed, reached] = co_await asio::async_connect(socket, endpoints, as_result);
  if (failed) {
    co_return transport_failure(errc::connect_failed, phase::connect,
                                where_.authority() + ": " + failed.message(), failed);
  }
  // A request is one write: waiting for more to send would only delay it.
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  co_return std::nullopt;
}

asio::awaitable<std::optional<transport_failure>> connector::open(tcp_stream& stream) {
  co_return co_await reach(stream);
}

asio::awaitable<std::optional<transport_failure>> connector::open(tls_stream& stream) {
  SSL* const tls = stream.native_handle();
  if (!name_peer(tls, where_)) {
    co_return transport_failure(errc::handshake_failed, phase::handshake,
                                "OpenSSL does not take the host name " + where_.host);
  }
  auto unreached = co_await reach(stream.next_layer());
  if (unreached) co_return unreached;
  step_ = phase::handshake;
  const auto [failed] = co_await stream.async_handshake(tls_stream::client, as_result);
  if (failed) co_return explain_handshake(tls, where_, failed);
  co_return std::nullopt;
}

}  // namespace binarly::connect
