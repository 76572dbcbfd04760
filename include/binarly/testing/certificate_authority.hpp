// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTING_CERTIFICATE_AUTHORITY_HPP
#define BINARLY_TESTING_CERTIFICATE_AUTHORITY_HPP

#include <binarly/detail/config.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace binarly::testing {

/// A certificate and its private key, both as PEM text.
struct certificate_and_key {
  std::string certificate;
  std::string key;

  certificate_and_key() = default;
};

/// What a certificate may be used for.
enum class certificate_purpose {
  server,  ///< to show to clients
  client,  ///< to show to servers; clients must refuse it
};

/// What a certificate is to say.
struct certificate_request {
  std::string common_name = "localhost";
  /// Subject alternative names: `DNS:localhost`, `IP:127.0.0.1`.
  std::vector<std::string> names{"DNS:localhost", "IP:127.0.0.1", "IP:::1"};
  /// From now; negative values lie in the past.
  std::chrono::seconds valid_from{-3600};
  std::chrono::seconds valid_until{7 * 24 * 3600};
  /// Signed by itself rather than by the authority.
  bool self_signed = false;
  certificate_purpose purpose = certificate_purpose::server;

  certificate_request() = default;
};

/// A throw-away certificate authority (P-256), made at construction and forgotten with the object.
/// Throws `failure_error` when OpenSSL fails.
class BINARLY_IMAGES_DECL certificate_authority {
 public:
  certificate_authority();
  ~certificate_authority();
  certificate_authority(const certificate_authority&) = delete;
  certificate_authority& operator=(const certificate_authority&) = delete;

  /// The authority's own certificate, to be trusted.
  [[nodiscard]] const std::string& ca_pem() const noexcept;
  [[nodiscard]] certificate_and_key issue(const certificate_request& request) const;
  /// An authority whose own certificate this one has signed. Who trusts this one trusts what that
  /// one issues only when its `ca_pem()` is shown behind it. No deeper: a subordinate's
  /// subordinates are trusted by nobody.
  [[nodiscard]] certificate_authority make_subordinate() const;

 private:
  struct impl;
  explicit certificate_authority(std::unique_ptr<impl> made) noexcept;
  std::unique_ptr<impl> impl_;
};

}  // namespace binarly::testing

#endif
