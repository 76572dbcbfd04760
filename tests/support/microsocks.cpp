// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/microsocks.hpp"

#include "support/patience.hpp"

#include <chrono>
#include <poll.h>
#include <stdexcept>
#include <vector>

namespace binarly::testing {

using namespace std::chrono_literals;

microsocks_server::microsocks_server(const std::string& user, const std::string& password) {
  // Another process may take a free port before microsocks does.
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (start(user, password)) return;
  }
  throw std::runtime_error("microsocks does not start: " + log());
}

bool microsocks_server::start(const std::string& user, const std::string& password) {
  port_ = free_port();
  std::vector<std::string> arguments{"microsocks", "-i", "127.0.0.1", "-p", std::to_string(port_)};
  if (!user.empty()) arguments.insert(arguments.end(), {"-u", user, "-P", password});
  process_ = std::make_unique<child_process>(arguments);
  const auto end = std::chrono::steady_clock::now() + patience;
  while (process_->running() && std::chrono::steady_clock::now() < end) {
    if (accepts_connections(port_)) return process_->running();
    ::poll(nullptr, 0, 2);
  }
  return false;
}

}  // namespace binarly::testing
