// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/commands.hpp"
#include "tools/every_step.hpp"
#include "tools/exit_code.hpp"
#include "tools/image_json.hpp"
#include "tools/one_image.hpp"
#include "tools/telemetry.hpp"

#include <binarly/client.hpp>

#include <boost/asio/io_context.hpp>

#include <optional>
#include <utility>

namespace binarly::tools {

int get(const get_arguments& arguments, const environment& variables) {
  const image_ref ref = wanted_image("get", arguments.ids, variables);
  check_outputs(arguments.service, "the image");
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
  every_step steps;
  steps.take([&] {
    if (!*answer) throw command_error(exit_code_of(answer->error()), answer->error().message());
    print_result(image_json(**answer), "the image");
  });
  steps.take([&] { tells.finish(); });
  return steps.finish();
}

}  // namespace binarly::tools
