// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CERTIFICATE_STORE_HPP
#define BINARLY_CERTIFICATE_STORE_HPP

#include <binarly/detail/config.hpp>

#include <memory>

namespace binarly {

struct tls_options;

namespace detail {
struct certificate_store_state;
}  // namespace detail

/// Certificate authorities that were read once, for any number of clients: a handle, cheap to copy.
///
/// A client reads its authorities when it is made, which takes some 20 ms for the system's. A
/// program that makes many clients reads them once, and gives each of them the result:
///
///     tls_options trust;
///     trust.authorities = certificate_store::read(trust);
///     options.tls = trust;  // of every client
///
/// Only authorities are shared. Whose certificate is asked for, what it must be good for, sessions,
/// and the client's own certificate stay with each client.
///
/// What has been read does not change any more: for authorities that were exchanged in a file, read
/// again and make clients with that. (A directory of the system's authorities is an exception:
/// OpenSSL looks into it when it meets an authority that it does not know.)
///
/// Thread safety: distinct copies may be used from any threads, and so may one and the same object
/// as long as nobody assigns to it.
class BINARLY_IMAGES_DECL certificate_store {
 public:
  /// Nothing: a client that gets it reads its own authorities.
  certificate_store() = default;

  /// Reads what `system_authorities`, `ca_file` and `ca_pem` name; nothing else of the options is
  /// looked at. Throws `failure_error` (`errc::invalid_argument`), naming the option that cannot be
  /// used.
  [[nodiscard]] static certificate_store read(const tls_options& from);

  [[nodiscard]] bool empty() const noexcept { return state_ == nullptr; }
  /// For the library's own use.
  [[nodiscard]] const std::shared_ptr<const detail::certificate_store_state>& state()
      const noexcept {
    return state_;
  }

 private:
  std::shared_ptr<const detail::certificate_store_state> state_;
};

}  // namespace binarly

#endif
