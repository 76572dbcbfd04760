// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_COMMANDS_HPP
#define BINARLY_TOOLS_COMMANDS_HPP

#include "tools/journal/journal_file.hpp"
#include "tools/manifest.hpp"
#include "tools/settings.hpp"

#include <binarly/verify_images.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace binarly::tools {

enum class output_format { table, json, csv };

/// What a run that is over is shown as.
struct output_arguments {
  output_format format = output_format::table;  ///< on standard output
  std::string junit;                            ///< a file; empty for none
  std::string report;                           ///< likewise

  /// Whether rows are wanted, and not only what the whole came to.
  [[nodiscard]] bool want_rows() const noexcept {
    return format == output_format::csv || !junit.empty() || !report.empty();
  }
};

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
  std::string source = "report";
  std::string scan;  ///< whose component tree is read; empty for the latest that is done
};

/// `verify MANIFEST`
struct verify_arguments {
  service_arguments service;
  output_arguments outputs;
  std::string manifest;
  std::string results;
  existing_journal existing = existing_journal::refuse;
  bool durable = false;
  bool keep_going = false;
  bool check = false;
  manifest_options rows;     ///< how the manifest's are read
  double wait = 0;           ///< seconds
  double wait_for_scan = 0;  ///< seconds
  bool accept_failed_scans = false;
  std::vector<verdict> again;  ///< with `resume`: final verdicts that are not kept
  std::string shard;
  std::size_t window = 256;
  std::size_t connections = 64;
  bool quiet = false;
};

/// `report RESULTS...`
struct report_arguments {
  output_arguments outputs;
  std::vector<std::string> results;
  std::string manifest;
  manifest_options rows;
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
  std::vector<std::string> settings;  ///< `NAME=VALUE`
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
[[nodiscard]] int report(const report_arguments& arguments, const environment& variables);
[[nodiscard]] int serve(const serve_arguments& arguments);
[[nodiscard]] int demo(const demo_arguments& arguments, const environment& variables);

}  // namespace binarly::tools

#endif
