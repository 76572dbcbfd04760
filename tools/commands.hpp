// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_COMMANDS_HPP
#define BINARLY_TOOLS_COMMANDS_HPP

#include "tools/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace binarly::tools {

/// `get [PRODUCT] IMAGE`
struct get_arguments {
  service_arguments service;
  std::vector<std::string> ids;  ///< the product's, unless `BINARLY_PRODUCT_ID` has it; the image's
  bool with_counts = false;
};

/// `hashes [PRODUCT] IMAGE`
struct hashes_arguments {
  service_arguments service;
  std::vector<std::string> ids;         ///< as for `get`
  std::vector<std::string> files;       ///< by name; beside the image
  std::vector<std::string> algorithms;  ///< none for all
  std::string format = "cyclonedx";
};

/// `verify MANIFEST`
struct verify_arguments {
  service_arguments service;
  std::string manifest;
  std::string results;
  std::size_t window = 256;
  std::size_t connections = 64;
  bool quiet = false;
};

/// `serve`
struct serve_arguments {
  std::uint16_t port = 0;
  std::uint64_t images = 1000;
  std::uint64_t seed = 1;
  std::uint64_t latency_ms = 0;
  std::uint64_t report_components = 20;
  std::string token;
  std::string client_id;
  std::string client_secret;
  std::string faults;
  std::string ca_out;
  std::string manifest_out;
};

/// `demo`
struct demo_arguments {
  std::uint64_t uploads = 3000;
  std::string faults;
};

/// Each runs one command and answers with the process's exit code. They throw `command_error`, and
/// `failure_error` for options that the library refuses.
[[nodiscard]] int get(const get_arguments& arguments, const environment& variables);
[[nodiscard]] int hashes(const hashes_arguments& arguments, const environment& variables);
[[nodiscard]] int verify(const verify_arguments& arguments, const environment& variables);
[[nodiscard]] int serve(const serve_arguments& arguments);
[[nodiscard]] int demo(const demo_arguments& arguments, const environment& variables);

}  // namespace binarly::tools

#endif
