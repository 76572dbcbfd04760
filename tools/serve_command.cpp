// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/commands.hpp"
#include "tools/distinct_files.hpp"
#include "tools/every_step.hpp"
#include "tools/manifest.hpp"
#include "tools/run.hpp"
#include "tools/serve_settings.hpp"
#include "tools/standard_streams.hpp"
#include "tools/whole_file.hpp"

#include <binarly/testing/fake_service.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <iostream>
#include <optional>

namespace binarly::tools {

int serve(const serve_arguments& arguments) {
  require_distinct({{"the address", "-"},
                    {"--ca-out", arguments.ca_out},
                    {"--manifest-out", arguments.manifest_out}},
                   {});
  require_standard_output("the address");
  const whole_file ca(arguments.ca_out, "the authority", "--ca-out");
  const whole_file manifest(arguments.manifest_out, "the manifest", "--manifest-out");
  testing::fake_service_options options;
  options.port = arguments.port;
  options.images = arguments.images;
  options.seed = arguments.seed;
  options.token = arguments.token;
  options.identity.client_id = arguments.client_id;
  options.identity.client_secret = arguments.client_secret;
  options.report_components = arguments.report_components;
  options.latency = std::chrono::milliseconds(arguments.latency_ms);
  if (!arguments.faults.empty()) options.faults = read_faults(arguments.faults);
  apply_settings(options, arguments.settings);

  boost::asio::io_context loop(1);
  std::optional<testing::fake_service> service(std::in_place, loop.get_executor(), options);
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  if (!is_ignored(SIGHUP)) signals.add(SIGHUP);
  signals.async_wait([&](const boost::system::error_code&, int) {
    service.reset();
    loop.stop();
  });

  every_step steps;
  steps.take([&] { ca.write([&](std::ostream& out) { out << service->ca_pem(); }); });
  steps.take([&] {
    manifest.write([&](std::ostream& out) {
      out << "product_id,image_id,name,version\n";
      for (std::uint64_t index = 0; index < arguments.images && out; ++index) {
        const auto image = service->image_at(index);
        out << csv_cell(image.ref.product_id()) << ',' << csv_cell(image.ref.image_id()) << ','
            << csv_cell(image.name) << ',' << csv_cell(image.version) << '\n';
      }
    });
  });
  if (!steps.failed().empty()) return steps.finish();
  std::cout << service->base_url() << '\n';
  if (!service->token_url().empty()) std::cout << service->token_url() << '\n';
  require_written("the address");
  std::cerr << "binarly-images: listening; SIGINT or SIGTERM ends it\n" << std::flush;
  loop.run();
  return 0;
}

}  // namespace binarly::tools
