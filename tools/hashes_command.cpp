// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/commands.hpp"
#include "tools/exit_code.hpp"
#include "tools/one_image.hpp"
#include "tools/telemetry.hpp"
#include "tools/text.hpp"

#include <binarly/client.hpp>
#include <binarly/image_hashes.hpp>

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace binarly::tools {

namespace {

/// A name with a tab or a line end would make one line of output look like another.
void check_names(const std::vector<std::string>& names) {
  const auto disturbing = [](const std::string& name) {
    return std::any_of(name.begin(), name.end(),
                       [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
  };
  const auto found = std::find_if(names.begin(), names.end(), disturbing);
  if (found != names.end()) {
    throw command_error(exit_code::usage,
                        "the file's name " + printable(*found) + " has control characters");
  }
}

hash_query query_of(const hashes_arguments& arguments) {
  check_names(arguments.files);
  hash_query query;
  query.format = arguments.format == "spdx" ? sbom_format::spdx : sbom_format::cyclonedx;
  query.files = arguments.files;
  return query;
}

/// Prints what was found, and tells what was not.
class hash_printer {
 public:
  explicit hash_printer(const std::vector<std::string>& algorithms) : algorithms_(algorithms) {}

  /// The checksums of one thing, those that were asked for.
  void add(std::string_view name, const std::vector<checksum>& all) {
    const auto print = [&](const checksum& one) {
      text_.append(one.algorithm).append("\t").append(one.value).append("\t").append(name) += '\n';
    };
    if (algorithms_.empty()) {
      std::for_each(all.begin(), all.end(), print);
      if (all.empty()) miss(name, "no checksum");
    }
    for (const auto& algorithm : algorithms_) {
      const auto found = std::find_if(all.begin(), all.end(), [&](const checksum& one) {
        return same_algorithm(one.algorithm, algorithm);
      });
      if (found == all.end()) {
        miss(name, "no checksum by " + printable(algorithm));
      } else {
        print(*found);
      }
    }
  }

  void miss(std::string_view name, const std::string& what) {
    missing_ += "binarly-images: the report has " + what + " for " + printable(name) + '\n';
  }

  /// The process's exit code.
  int finish() const {
    print_result(text_, "the checksums");
    std::cerr << missing_;
    return static_cast<int>(missing_.empty() ? exit_code::good : exit_code::problems);
  }

 private:
  const std::vector<std::string>& algorithms_;
  std::string text_;
  std::string missing_;
};

}  // namespace

int hashes(const hashes_arguments& arguments, const environment& variables) {
  const image_ref ref = wanted_image("hashes", arguments.ids, variables);
  const hash_query query = query_of(arguments);
  client_options settings = make_client_options(arguments.service, variables);
  const telemetry tells(arguments.service);
  tells.listen(settings);
  boost::asio::io_context loop(1);
  std::optional<client> service(std::in_place, loop.get_executor(), settings);
  std::optional<result<image_hashes>> answer;
  service->async_find_hashes(ref, query, [&](result<image_hashes> found) {
    answer = std::move(found);
    // An idle connection would keep the loop running.
    service.reset();
  });
  loop.run();
  tells.finish();
  if (!*answer) throw command_error(exit_code_of(answer->error()), answer->error().message());
  hash_printer printer(arguments.algorithms);
  printer.add(ref.image_id(), (*answer)->own);
  const auto& files = (*answer)->files;
  // In the order of the command line; what stands there twice is printed once.
  for (auto name = query.files.begin(); name != query.files.end(); ++name) {
    if (std::find(query.files.begin(), name, *name) != name) continue;
    bool found = false;
    for (const auto& file : files) {
      if (file.name != *name) continue;
      found = true;
      printer.add(*name, file.checksums);
    }
    if (!found) printer.miss(*name, "no entry");
  }
  return printer.finish();
}

}  // namespace binarly::tools
