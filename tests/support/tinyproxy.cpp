// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/tinyproxy.hpp"

#include "support/patience.hpp"

#include <chrono>
#include <poll.h>
#include <stdexcept>

namespace binarly::testing {
namespace {

using namespace std::chrono_literals;

std::string configuration(const tinyproxy_options& options, std::uint16_t port) {
  std::string text = "Port " + std::to_string(port) +
                     "\n"
                     "Listen 127.0.0.1\n"
                     "Allow 127.0.0.1\n"
                     "MaxClients 1000\n"
                     "Timeout 60\n"
                     "LogLevel Connect\n";
  for (const std::uint16_t each : options.connect_ports) {
    text += "ConnectPort " + std::to_string(each) + '\n';
  }
  if (!options.user.empty()) text += "BasicAuth " + options.user + ' ' + options.password + '\n';
  return text;
}

}  // namespace

tinyproxy_server::tinyproxy_server(const tinyproxy_options& options) {
  // Another process may take a free port before tinyproxy does.
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (start(options)) return;
  }
  throw std::runtime_error("tinyproxy does not start: " + log());
}

bool tinyproxy_server::start(const tinyproxy_options& options) {
  port_ = free_port();
  const auto file = directory_.write("tinyproxy.conf", configuration(options, port_));
  // In the foreground: one process, which ends with its id.
  process_ = std::make_unique<child_process>(
      std::vector<std::string>{"tinyproxy", "-d", "-c", file.string()});
  const auto end = std::chrono::steady_clock::now() + patience;
  while (process_->running() && std::chrono::steady_clock::now() < end) {
    if (accepts_connections(port_)) return process_->running();
    ::poll(nullptr, 0, 2);
  }
  return false;
}

}  // namespace binarly::testing
