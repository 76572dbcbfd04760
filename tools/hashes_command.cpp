// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/commands.hpp"
#include "tools/every_step.hpp"
#include "tools/exit_code.hpp"
#include "tools/hash_printer.hpp"
#include "tools/one_image.hpp"
#include "tools/telemetry.hpp"
#include "tools/text.hpp"

#include <binarly/client.hpp>
#include <binarly/image_hashes.hpp>

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <optional>
#include <string>
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

bool of_components(const hashes_arguments& arguments) { return arguments.source == "components"; }

hash_query query_of(const hashes_arguments& arguments) {
  check_names(arguments.files);
  if (of_components(arguments) && arguments.files.empty()) {
    throw command_error(exit_code::usage,
                        "a scan's components have no checksum of the image itself; name files "
                        "with --file, or use --source report");
  }
  if (!of_components(arguments) && !arguments.scan.empty()) {
    throw command_error(exit_code::usage, "--scan needs --source components");
  }
  hash_query query;
  query.format = arguments.format == "spdx" ? sbom_format::spdx : sbom_format::cyclonedx;
  query.files = arguments.files;
  query.scan_id = arguments.scan;
  return query;
}

/// The operations of the command, one after the other.
class hash_lookup {
 public:
  explicit hash_lookup(const client_options& settings)
      : service_(std::in_place, loop_.get_executor(), settings) {}

  result<std::vector<scan>> list_scans(const image_ref& ref) {
    return run<std::vector<scan>>(
        [&](auto done) { service_->async_list_scans(ref, std::move(done)); });
  }
  result<image_hashes> find(const image_ref& ref, const hash_query& query) {
    return run<image_hashes>(
        [&](auto done) { service_->async_find_hashes(ref, query, std::move(done)); });
  }
  /// What was done is told to its end.
  void close() {
    service_.reset();
    loop_.restart();
    loop_.run();
  }

 private:
  template <class T, class Start>
  result<T> run(Start start) {
    std::optional<result<T>> answer;
    loop_.restart();
    start([&](result<T> got) {
      answer = std::move(got);
      // An idle connection would keep the loop running.
      loop_.stop();
    });
    loop_.run();
    return std::move(*answer);
  }

  boost::asio::io_context loop_{1};
  std::optional<client> service_;
};

bool is_newer(const scan& one, const scan& other) {
  if (!one.create_time || !other.create_time) return one.create_time.has_value();
  return one.create_time->time > other.create_time->time;
}

/// The last part of a scan's id, which may be a resource name.
std::string id_of(const scan& which) { return which.id.substr(which.id.rfind('/') + 1); }

/// The latest scan that is done; throws where there is none, and tells by the exit code whether one
/// may still be.
std::string latest_done(const std::vector<scan>& scans, const image_ref& ref) {
  const scan* latest = nullptr;
  const scan* done = nullptr;
  for (const auto& each : scans) {
    if (latest == nullptr || is_newer(each, *latest)) latest = &each;
    const bool ended = each.latest_state && each.latest_state->progress == scan_progress::done;
    if (ended && (done == nullptr || is_newer(each, *done))) done = &each;
  }
  if (done != nullptr) return id_of(*done);
  const auto how = latest != nullptr && latest->latest_state ? latest->latest_state->progress
                                                             : scan_progress::unknown;
  const bool may_come = how != scan_progress::failed && how != scan_progress::cancelled;
  std::string line = ref.path() + " has no scan that is done, so it has no component tree: ";
  if (latest == nullptr) {
    line += "it has no scan; start one";
  } else {
    const std::string state = latest->latest_state ? latest->latest_state->type : "unknown";
    line += "its latest scan is " + printable(state);
  }
  throw command_error(may_come ? exit_code::unavailable : exit_code::problems, line);
}

template <class T>
T taken(result<T> answer) {
  if (!answer) {
    const failure why = answer.error();
    throw command_error(exit_code_of(why), why.message());
  }
  return std::move(*answer);
}

/// Whether nothing tells these two apart but a checksum that is asked for.
bool contradict(const file_hashes& one, const file_hashes& other, const hash_printer& printer) {
  if (one.path != other.path) return false;
  const auto differs = [&](const checksum& left) {
    return printer.prints(left.algorithm) &&
           std::any_of(other.checksums.begin(), other.checksums.end(), [&](const checksum& right) {
             return same_algorithm(left.algorithm, right.algorithm) && left.value != right.value;
           });
  };
  return std::any_of(one.checksums.begin(), one.checksums.end(), differs);
}

/// In the order of the command line; what stands there twice is printed once.
void print_files(hash_printer& printer, const std::vector<std::string>& names,
                 const image_hashes& found) {
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (std::find(names.begin(), name, *name) != name) continue;
    bool any = false;
    bool doubtful = false;
    const file_hashes* last = nullptr;
    for (const auto& file : found.files) {
      if (file.name != *name) continue;
      any = true;
      doubtful = doubtful || (last != nullptr && contradict(*last, file, printer));
      if (!file.checksums.empty()) last = &file;
      printer.add(*name, file.path, file.checksums, file.flaws);
    }
    if (!any) printer.miss(*name, found.unread);
    if (doubtful) printer.doubt(*name);
  }
}

}  // namespace

int hashes(const hashes_arguments& arguments, const environment& variables) {
  const image_ref ref = wanted_image("hashes", arguments.ids, variables);
  hash_query query = query_of(arguments);
  check_outputs(arguments.service, "the checksums");
  client_options settings = make_client_options(arguments.service, variables);
  const telemetry tells(arguments.service);
  tells.listen(settings);
  hash_lookup lookup(settings);
  std::optional<command_error> none;
  std::optional<result<image_hashes>> answer;
  if (of_components(arguments) && query.scan_id.empty()) {
    auto scans = lookup.list_scans(ref);
    if (scans) {
      try {
        query.scan_id = latest_done(*scans, ref);
      } catch (const command_error& why) {
        none = why;
      }
    } else {
      answer = scans.error();
    }
  }
  if (!none && !answer) answer = lookup.find(ref, query);
  lookup.close();
  every_step steps;
  exit_code code = exit_code::good;
  steps.take([&] {
    if (none) throw command_error(*none);
    const auto found = taken(std::move(*answer));
    hash_printer printer(arguments.algorithms,
                         of_components(arguments) ? "the component tree" : "the report");
    if (!of_components(arguments)) printer.add(ref.image_id(), "", found.own, found.own_flaws);
    print_files(printer, query.files, found);
    code = printer.finish();
  });
  steps.take([&] { tells.finish(); });
  return steps.finish(code);
}

}  // namespace binarly::tools
