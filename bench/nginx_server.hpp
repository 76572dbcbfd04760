// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_BENCH_NGINX_SERVER_HPP
#define BINARLY_BENCH_NGINX_SERVER_HPP

#include "measured_process.hpp"
#include "support/process.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace binarly::bench {

/// One nginx process on one core, which answers with one image over TLS 1.3 and keeps connections
/// for ever.
class nginx_server {
 public:
  enum class speaks { http, https };

  /// `directives` are added to the server's block.
  explicit nginx_server(unsigned core, const std::string& directives = {},
                        speaks protocol = speaks::https);

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// The authority to trust.
  [[nodiscard]] std::string ca_file() const { return (directory_.path() / "ca.pem").string(); }
  [[nodiscard]] seconds processor_time() const { return bench::processor_time(process_->id()); }

 private:
  [[nodiscard]] bool start(unsigned core, const std::string& directives, speaks protocol);

  testing::temporary_directory directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<pinned_process> process_;
};

}  // namespace binarly::bench

#endif
