// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_NGINX_HPP
#define BINARLY_TESTS_SUPPORT_NGINX_HPP

#include "support/process.hpp"

#include <binarly/testing/certificate_authority.hpp>
#include <binarly/testing/fake_service.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace binarly::testing {

struct nginx_options {
  /// Images that exist, all of one product.
  std::uint64_t images = 10;
  /// Further directives for the server's block, such as `keepalive_requests 10;`.
  std::string directives;

  nginx_options() = default;
};

/// A real nginx on a free loopback port, which serves images as files over TLS 1.2 and 1.3. For
/// what only a server written by others shows. All its files are in a directory of its own.
class nginx_server {
 public:
  /// Returns when it accepts connections; throws `std::runtime_error` when it does not.
  explicit nginx_server(const nginx_options& options = nginx_options());

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string base_url() const;
  [[nodiscard]] const std::string& ca_pem() const noexcept { return authority_.ca_pem(); }
  /// In its directory as `authority.pem`; issues certificates for clients, too.
  [[nodiscard]] const certificate_authority& authority() const noexcept { return authority_; }
  [[nodiscard]] fake_image image_at(std::uint64_t index) const;
  /// Its log of errors so far.
  [[nodiscard]] std::string errors() const;
  /// Stops it at once, before its object ends.
  void stop() { process_.reset(); }

 private:
  void write_images(std::uint64_t count) const;
  [[nodiscard]] bool start(const std::string& directives);

  certificate_authority authority_;
  temporary_directory directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<child_process> process_;
};

}  // namespace binarly::testing

#endif
