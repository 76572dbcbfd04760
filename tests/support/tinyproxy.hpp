// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_TINYPROXY_HPP
#define BINARLY_TESTS_SUPPORT_TINYPROXY_HPP

#include "support/process.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace binarly::testing {

struct tinyproxy_options {
  /// Ports that tunnels may lead to; none for all.
  std::vector<std::uint16_t> connect_ports;
  /// The basic credentials it asks for; an empty user for none.
  std::string user;
  std::string password;

  tinyproxy_options() = default;
};

/// A real tinyproxy on a free loopback port, which takes clients from loopback alone. All its files
/// are in a directory of its own.
class tinyproxy_server {
 public:
  /// Returns when it accepts connections; throws `std::runtime_error` when it does not.
  explicit tinyproxy_server(const tinyproxy_options& options = tinyproxy_options());

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Without credentials.
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// What it wrote down so far, each request included.
  [[nodiscard]] std::string log() const { return process_->output() + process_->errors(); }
  /// Stops it at once, before its object ends.
  void stop() { process_.reset(); }

 private:
  [[nodiscard]] bool start(const tinyproxy_options& options);

  temporary_directory directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<child_process> process_;
};

}  // namespace binarly::testing

#endif
