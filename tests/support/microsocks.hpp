// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_MICROSOCKS_HPP
#define BINARLY_TESTS_SUPPORT_MICROSOCKS_HPP

#include "support/process.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace binarly::testing {

/// A real microsocks, a SOCKS 5 proxy, on a free loopback port.
class microsocks_server {
 public:
  /// With an empty user it asks nobody for credentials. Returns when it accepts connections; throws
  /// `std::runtime_error` when it does not.
  explicit microsocks_server(const std::string& user = "", const std::string& password = "");

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Without credentials.
  [[nodiscard]] std::string url() const { return "socks5h://127.0.0.1:" + std::to_string(port_); }
  /// What it wrote down so far: a line for each tunnel.
  [[nodiscard]] std::string log() const { return process_->output() + process_->errors(); }
  /// Stops it at once, before its object ends.
  void stop() { process_.reset(); }

 private:
  [[nodiscard]] bool start(const std::string& user, const std::string& password);

  std::uint16_t port_ = 0;
  std::unique_ptr<child_process> process_;
};

}  // namespace binarly::testing

#endif
