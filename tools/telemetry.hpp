// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_TELEMETRY_HPP
#define BINARLY_TOOLS_TELEMETRY_HPP

#include "tools/settings.hpp"
#include "tools/whole_file.hpp"

#include <binarly/client_options.hpp>
#include <binarly/metrics.hpp>

namespace binarly::tools {

/// What the command shows and keeps of the client's events.
class telemetry {
 public:
  /// Throws `command_error` (`exit_code::usage`) where the metrics cannot be written.
  explicit telemetry(const service_arguments& arguments)
      : verbose_(arguments.verbose), file_(arguments.metrics, "the metrics", "--metrics") {}

  /// Before the client is made. This object must outlive the client's work.
  void listen(client_options& options) const;
  /// Writes the metrics, if they were asked for; a reader of the file sees all of it or nothing.
  /// Throws `command_error`.
  void finish() const;

 private:
  const bool verbose_;
  const whole_file file_;
  const metrics metrics_;
};

}  // namespace binarly::tools

#endif
