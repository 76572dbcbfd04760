// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/commands.hpp"
#include "tools/exit_code.hpp"
#include "tools/manifest.hpp"
#include "tools/serve_settings.hpp"
#include "tools/whole_file.hpp"

#include <binarly/testing/fake_service.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <iostream>
#include <optional>

namespace binarly::tools {

int serve(const serve_arguments& arguments) {
  testing::fake_service_options options;
  options.port = arguments.port;
  options.images = arguments.images;
  options.seed = arguments.seed;
  options.token = arguments.token;
  options.identity.client_id = arguments.client_id;
  options.identity.client_secret = arguments.client_secret;
  options.report_components = arguments.report_components;
  options.latency = std::chrono::milliseconds(arguments.latency_ms);
  if (!arguments.faults.empty()) options.faults = testing::parse_faults(arguments.faults).value();
  apply_settings(options, arguments.settings);

  boost::asio::io_context loop(1);
  std::optional<testing::fake_service> service(std::in_place, loop.get_executor(), options);
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) {
    service.reset();
    loop.stop();
  });

  if (!arguments.ca_out.empty())
    write_whole_file(arguments.ca_out, "the authority", "--ca-out", exit_code::usage,
                     [&](std::ostream& out) { out << service->ca_pem(); });
  if (!arguments.manifest_out.empty())
    write_whole_file(arguments.manifest_out, "the manifest", "--manifest-out", exit_code::usage,
                     [&](std::ostream& out) {
                       out << "product_id,image_id,name,version\n";
                       for (std::uint64_t index = 0; index < arguments.images && out; ++index) {
                         const auto image = service->image_at(index);
                         out << csv_cell(image.ref.product_id()) << ','
                             << csv_cell(image.ref.image_id()) << ',' << csv_cell(image.name) << ','
                             << csv_cell(image.version) << '\n';
                       }
                     });
  std::cout << service->base_url() << '\n';
  if (!service->token_url().empty()) std::cout << service->token_url() << '\n';
  std::cout << std::flush;
  std::cerr << "binarly-images: listening; SIGINT or SIGTERM ends it\n" << std::flush;
  loop.run();
  return 0;
}

}  // namespace binarly::tools
