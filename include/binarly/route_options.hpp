// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_ROUTE_OPTIONS_HPP
#define BINARLY_ROUTE_OPTIONS_HPP

#include <binarly/certificate_store.hpp>
#include <binarly/failure.hpp>
#include <binarly/secret.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/ip/address.hpp>

#include <functional>
#include <string>
#include <vector>

namespace binarly {

/// The least version of TLS that is spoken.
enum class tls_version {
  tls_1_2,
  tls_1_3,
};

/// Whom to trust, and who we are. Verification cannot be switched off. Files are read once, when
/// the client is made. HTTP/1.1 is offered by ALPN (RFC 7301), and earlier sessions are resumed.
struct tls_options {
  /// Trust the authorities that the system trusts.
  bool system_authorities = true;
  /// A file of further certificates to trust in PEM form, at most 16 MiB; empty for none.
  ///
  /// One that signed itself is an authority. Any other one that stands here, an intermediate or the
  /// server's own, is trusted as it is: what leads from it to an authority is not asked for
  /// (OpenSSL's partial chain). Its dates are checked, and the server's name is, all the same. The
  /// system's certificates are not widened by this: of them only those that signed themselves end
  /// a chain.
  std::string ca_file;
  /// The same as PEM text; empty for none.
  std::string ca_pem;
  /// Authorities that were read before, and are shared between clients. They stand in the place of
  /// the three options above: `system_authorities` is not looked at then, and the other two must be
  /// empty. Empty for none.
  certificate_store authorities;
  /// The client's own certificate, for servers that ask for one, and what lies between it and its
  /// authority: a file in PEM form. Empty for none; this one wins over `certificate_pem`.
  std::string certificate_file;
  /// The same as PEM text.
  std::string certificate_pem;
  /// The certificate's private key: a file in PEM form. This one wins over `key_pem`.
  std::string key_file;
  /// The same as PEM text.
  shared_secret key_pem;
  /// Called for the passphrase of a key that is encrypted, at most once, when the client is made.
  std::function<secret()> key_passphrase;
  tls_version min_version = tls_version::tls_1_2;

  tls_options() = default;
};

/// Resolves a host's name to its addresses, best first, and calls `done` once: now or later, from
/// any thread. It may be called from any thread that runs the client's executor, and must not
/// block. A `done` that is dropped without a call fails the connection when `timeouts.resolve` is
/// over.
using address_resolver = std::function<void(
    const std::string& host,
    boost::asio::any_completion_handler<void(error_code, std::vector<boost::asio::ip::address>)>
        done)>;

/// The way through a proxy, which is asked for a tunnel and sees no more than the service's host
/// and port: an HTTP proxy (`CONNECT`), or SOCKS 5 (RFC 1928). A base URL that begins with
/// `http://`, which is loopback's alone, is never reached through one.
struct proxy_options {
  /// `http://[user:password@]host[:port]`, or the same with `socks5://` or `socks5h://`; empty for
  /// none. `http://` may be left out. The port is 80 for HTTP and 1080 for SOCKS unless it is
  /// named; other characters than letters and digits in the user and the password are written as
  /// %XX. A password stands better in `password`, since this text is not wiped. The service's name
  /// is resolved by the proxy, with `socks5://` as well (curl would resolve it here). A proxy that
  /// itself speaks TLS (`https://`) is refused, and so is SOCKS 4.
  std::string url;
  /// Shown to the proxy in the clear. Each takes the place of the one in the URL unless it is
  /// empty; without control characters. To an HTTP proxy as basic credentials (RFC 7617), which is
  /// the only scheme spoken: at most 2,048 bytes, the user without a colon. To SOCKS by RFC 1929:
  /// at most 255 bytes.
  std::string user;
  shared_secret password;
  /// What is reached without the proxy: entries separated by commas or spaces, at most 64 KiB.
  /// `example.com`, `.example.com` and `*.example.com` each stand for that host and all below it,
  /// and `*` for everything. To a base URL that gives an address, addresses apply, and networks
  /// such as `10.0.0.0/8` or `fd00::/8`. `host:port` and `[address]:port` stand for that port
  /// alone. Other entries are passed over.
  std::string no_proxy;
  /// Take from the environment what is empty here: the URL from `https_proxy`, `HTTPS_PROXY`,
  /// `all_proxy` or `ALL_PROXY`, the exceptions from `no_proxy` or `NO_PROXY`; the first of them
  /// that is not empty. Read once, when the client is made.
  bool from_environment = false;

  proxy_options() = default;
};

}  // namespace binarly

#endif
