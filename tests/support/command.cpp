// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/command.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <utility>

namespace binarly::testing {

namespace {

fake_service_options with_token(fake_service_options options) {
  options.token = secret;
  return options;
}

}  // namespace

words command(const words& arguments) {
  const char* path = std::getenv("BINARLY_IMAGES_COMMAND");
  if (path == nullptr) throw std::runtime_error("BINARLY_IMAGES_COMMAND does not name the command");
  words all{path};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

words clean(const words& variables) {
  words all = variables;
  for (const std::string name :
       {"BINARLY_API_URL=", "TOKEN=", "BINARLY_PRODUCT_ID=", "SLURM_ARRAY_TASK_ID=",
        "SLURM_PROCID=", "CI_NODE_INDEX=", "CIRCLE_NODE_INDEX=", "BUILDKITE_PARALLEL_JOB=",
        "JOB_COMPLETION_INDEX=", "PARALLEL_SEQ="}) {
    const auto given = [&](const std::string& one) { return one.starts_with(name); };
    if (std::ranges::none_of(variables, given)) all.push_back(name);
  }
  return all;
}

command_end run_command(const words& arguments, const words& variables, const std::string& input) {
  child_process child(command(arguments), clean(variables), input);
  command_end end;
  end.code = child.wait();
  end.output = child.output();
  end.errors = child.errors();
  CHECK_FALSE(contains(end.errors, secret));
  CHECK_FALSE(contains(end.output, secret));
  return end;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void check_one_line(const command_end& end, int code, const std::string& part) {
  CAPTURE(end.errors);
  CAPTURE(part);
  CHECK(end.code == code);
  CHECK(end.output.empty());
  CHECK(end.errors.starts_with("binarly-images: "));
  CHECK(end.errors.find('\n') == end.errors.size() - 1);
  CHECK(end.errors.size() < 500);
  CHECK(contains(end.errors, part));
}

std::map<std::int64_t, std::string> verdicts(const std::string& results) {
  std::map<std::int64_t, std::string> found;
  std::istringstream lines(results);
  for (std::string line; std::getline(lines, line);) {
    const auto value = boost::json::parse(line);
    const auto row = value.at("row").to_number<std::int64_t>();
    CHECK(found.emplace(row, value.at("verdict").as_string().c_str()).second);
  }
  return found;
}

served::served(fake_service_options options)
    : service_(loop_.get_executor(), with_token(std::move(options))),
      ca_(write("ca.pem", service_.ca_pem())),
      thread_([this] { loop_.run(); }) {}

served::~served() {
  loop_.stop();
  thread_.join();
}

words served::variables() const {
  return {"BINARLY_API_URL=" + service_.base_url(), std::string("TOKEN=") + secret};
}

std::string served::file(const std::string& name) const {
  return (directory_.path() / name).string();
}

std::string served::write(const std::string& name, const std::string& text) const {
  return directory_.write(name, text).string();
}

std::string served::rows(std::uint64_t from, std::uint64_t to) const {
  std::string text;
  for (auto index = from; index < to; ++index) {
    const auto image = service_.image_at(index);
    text += image.ref.product_id() + ',' + image.ref.image_id() + ',' + image.version + '\n';
  }
  return text;
}

command_end served::get(std::uint64_t index) const {
  const auto ref = service_.image_at(index).ref;
  return run_command({"get", ref.product_id(), ref.image_id(), "--ca-file", ca_}, variables());
}

command_end served::verify(const std::string& manifest, const words& more) const {
  words arguments{"verify", manifest, "--ca-file", ca_};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_command(arguments, variables());
}

}  // namespace binarly::testing
