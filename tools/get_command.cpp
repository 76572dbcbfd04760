// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/commands.hpp"
#include "tools/exit_code.hpp"
#include "tools/image_json.hpp"
#include "tools/telemetry.hpp"
#include "tools/text.hpp"

#include <binarly/client.hpp>

#include <boost/asio/io_context.hpp>

#include <cerrno>
#include <iostream>
#include <optional>
#include <system_error>
#include <utility>

namespace binarly::tools {

namespace {

image_ref wanted(const std::vector<std::string>& ids, const environment& variables) {
  std::string product;
  if (ids.size() == 2) {
    product = ids.front();
  } else if (auto variable = variables("BINARLY_PRODUCT_ID")) {
    product = std::move(*variable);
  } else {
    throw command_error(exit_code::usage,
                        "no product; write get PRODUCT IMAGE, or set BINARLY_PRODUCT_ID");
  }
  auto ref = image_ref::parse(product, ids.back());
  if (!ref) throw command_error(exit_code::usage, ref.error().detail().reason);
  return *ref;
}

exit_code code_of(const failure& why) {
  if (why == condition::not_found || why == condition::forbidden ||
      why == condition::unauthorized) {
    return exit_code::problems;
  }
  return why.code() == errc::invalid_argument ? exit_code::usage : exit_code::unavailable;
}

}  // namespace

int get(const get_arguments& arguments, const environment& variables) {
  const image_ref ref = wanted(arguments.ids, variables);
  client_options settings = make_client_options(arguments.service, variables);
  const telemetry tells(arguments.service);
  tells.listen(settings);
  boost::asio::io_context loop(1);
  std::optional<client> service(std::in_place, loop.get_executor(), settings);
  call_options options;
  options.with_counts = arguments.with_counts;
  std::optional<result<image>> answer;
  service->async_get_image(ref, options, [&](result<image> found) {
    answer = std::move(found);
    // An idle connection would keep the loop running.
    service.reset();
  });
  loop.run();
  tells.finish();
  if (!*answer) throw command_error(code_of(answer->error()), answer->error().message());
  if (!(std::cout << image_json(**answer) << std::flush)) {
    throw command_error(exit_code::unavailable,
                        "the image could not be written to standard "
                        "output: " +
                            std::generic_category().message(errno));
  }
  return 0;
}

}  // namespace binarly::tools
