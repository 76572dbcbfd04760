// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/telemetry.hpp"

#include "tools/exit_code.hpp"
#include "tools/text.hpp"

#include <binarly/event.hpp>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <system_error>

namespace binarly::tools {

void telemetry::listen(client_options& options) const {
  if (!verbose_ && path_.empty()) return;
  options.on_event = [counts = metrics_.listener(), shows = verbose_](const event& what) {
    counts(what);
    if (shows) std::cerr << printable(to_string(what)) << '\n';
  };
}

void telemetry::finish() const {
  if (path_.empty()) return;
  const std::string unfinished = path_ + ".new";
  std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
  file << prometheus_text(metrics_.snapshot());
  file.close();
  if (!file || std::rename(unfinished.c_str(), path_.c_str()) != 0) {
    const int why = errno;
    throw command_error(exit_code::unavailable,
                        "the metrics could not be written to " + printable(path_) + ": " +
                            std::generic_category().message(why) + "; check --metrics");
  }
}

}  // namespace binarly::tools
