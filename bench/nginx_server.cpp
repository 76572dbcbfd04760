// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "nginx_server.hpp"

#include "lookup.hpp"

#include <binarly/testing/certificate_authority.hpp>

#include <chrono>
#include <poll.h>
#include <stdexcept>
#include <vector>

namespace binarly::bench {
namespace {

constexpr const char* tls_directives =
    "ssl_certificate certificate.pem;\n"
    "ssl_certificate_key key.pem;\n"
    "ssl_protocols TLSv1.3;\n";

std::string configuration(const std::string& directory, std::uint16_t port,
                          const std::string& directives, bool tls) {
  std::string text =
      "daemon off;\n"
      // One process, which ends with its id.
      "master_process off;\n"
      "pid nginx.pid;\n"
      "events { worker_connections 2048; }\n"
      "http {\n"
      "access_log off;\n"
      "client_header_buffer_size 4k;\n"  // the token does not fit into the default
      "keepalive_requests 1000000000;\n"
      "keepalive_timeout 1h;\n";
  for (const std::string kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    text += kind + "_temp_path " + directory + "/temporary;\n";
  }
  text += "server {\nlisten " + std::string(host) + ':' + std::to_string(port) +
          (tls ? " ssl" : "") + " backlog=2048;\n" + (tls ? tls_directives : "") + directives +
          "\nlocation = " + target() + " {\ndefault_type application/json;\nreturn 200 '" +
          answer() + "';\n}\n}\n}\n";
  return text;
}

}  // namespace

nginx_server::nginx_server(unsigned core, const std::string& directives, speaks protocol) {
  const testing::certificate_authority authority;
  const auto identity = authority.issue(testing::certificate_request());
  directory_.write("ca.pem", authority.ca_pem());
  directory_.write("certificate.pem", identity.certificate);
  directory_.write("key.pem", identity.key);
  // Another process may take a free port before nginx does.
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (start(core, directives, protocol)) return;
  }
  throw std::runtime_error("nginx does not start: " +
                           testing::read_file(directory_.path() / "error.log"));
}

bool nginx_server::start(unsigned core, const std::string& directives, speaks protocol) {
  const std::string directory = directory_.path().string();
  port_ = testing::free_port();
  directory_.write("nginx.conf",
                   configuration(directory, port_, directives, protocol == speaks::https));
  process_ = std::make_unique<pinned_process>(
      std::vector<std::string>{BENCH_NGINX, "-p", directory, "-c", "nginx.conf", "-e",
                               directory + "/error.log"},
      core);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (process_->running() && std::chrono::steady_clock::now() < end) {
    if (testing::accepts_connections(port_)) return process_->running();
    ::poll(nullptr, 0, 2);
  }
  return false;
}

}  // namespace binarly::bench
