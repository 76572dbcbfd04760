// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/one_image.hpp"

#include "tools/distinct_files.hpp"
#include "tools/standard_streams.hpp"

#include <binarly/verify_images.hpp>

#include <iostream>
#include <utility>

namespace binarly::tools {

image_ref wanted_image(const std::string& command, const std::vector<std::string>& ids,
                       const environment& variables) {
  std::string product;
  std::string origin;
  if (ids.size() == 2) {
    product = ids.front();
  } else if (auto variable = variables("BINARLY_PRODUCT_ID")) {
    product = std::move(*variable);
    origin = " (the product is that of BINARLY_PRODUCT_ID)";
  } else if (ids.back().find('/') == std::string::npos) {
    throw command_error(exit_code::usage,
                        "no product; write " + command + " PRODUCT IMAGE, or " + command +
                            " products/PRODUCT/images/IMAGE, or set BINARLY_PRODUCT_ID");
  }
  auto ref = image_ref::parse(product, ids.back());
  if (!ref) throw command_error(exit_code::usage, ref.error().detail().reason + origin);
  return *ref;
}

exit_code exit_code_of(const failure& why) {
  const auto value = verdict_of(why);
  if (value == verdict::missing || value == verdict::forbidden) return exit_code::problems;
  return why.code() == errc::invalid_argument ? exit_code::usage : exit_code::unavailable;
}

void check_outputs(const service_arguments& arguments, const std::string& what) {
  require_distinct({{what, "-"}, {"--metrics", arguments.metrics}}, {});
  require_standard_output(what);
}

void print_result(const std::string& text, const char* what) {
  std::cout << text;
  require_written(what);
}

}  // namespace binarly::tools
