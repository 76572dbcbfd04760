// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/telemetry.hpp"

#include "tools/text.hpp"

#include <binarly/event.hpp>

#include <iostream>

namespace binarly::tools {

void telemetry::listen(client_options& options) const {
  if (!verbose_ && !file_.wanted()) return;
  options.on_event = [counts = metrics_.listener(), shows = verbose_](const event& what) {
    counts(what);
    if (shows) std::cerr << printable(to_string(what)) << '\n';
  };
}

void telemetry::finish() const {
  file_.write([this](std::ostream& out) { out << prometheus_text(metrics_.snapshot()); });
}

}  // namespace binarly::tools
