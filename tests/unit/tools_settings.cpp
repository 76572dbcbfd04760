// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/process.hpp"
#include "tools/exit_code.hpp"
#include "tools/settings.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <string>

namespace binarly::tools {

namespace {

environment variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

const environment usual =
    variables({{"BINARLY_API_URL", "https://a.example"}, {"TOKEN", "secret-of-variable"}});

std::string refusal(const service_arguments& arguments, const environment& from) {
  try {
    (void)make_client_options(arguments, from);
    return "none";
  } catch (const command_error& error) {
    CHECK(error.code() == exit_code::usage);
    return error.what();
  }
}

}  // namespace

TEST_CASE("service and token come from the environment") {
  const auto options = make_client_options({}, usual);
  CHECK(options.base_url == "https://a.example");
  CHECK(options.auth.origin() != nullptr);
  CHECK(options.tls.ca_file.empty());
}

TEST_CASE("the command line wins over the environment") {
  service_arguments arguments;
  arguments.base_url = "https://b.example";
  arguments.ca_file = "ca.pem";
  const auto options = make_client_options(arguments, usual);
  CHECK(options.base_url == "https://b.example");
  CHECK(options.tls.ca_file == "ca.pem");
}

TEST_CASE("what is missing is named, with what to do") {
  CHECK(refusal({}, variables({{"TOKEN", "t"}})).starts_with("no service; set BINARLY_API_URL"));
  CHECK(refusal({}, variables({{"BINARLY_API_URL", "https://a.example"}}))
            .starts_with("no token; set TOKEN"));
}

TEST_CASE("a token that cannot be one is refused without being repeated") {
  const auto line =
      refusal({}, variables({{"BINARLY_API_URL", "https://a.example"}, {"TOKEN", "se cret"}}));
  CHECK(line.starts_with("TOKEN holds no usable token"));
  CHECK(line.find("cret") == std::string::npos);
}

TEST_CASE("a token file is bounded and checked") {
  const testing::temporary_directory directory;
  service_arguments arguments;
  arguments.token_file = (directory.path() / "token").string();
  CHECK(refusal(arguments, usual).find("cannot be opened") != std::string::npos);
  const auto write = [&](const std::string& text) {
    std::ofstream(arguments.token_file, std::ios::binary) << text;
  };
  write("secret-of-file\n");
  CHECK(refusal(arguments, usual) == "none");
  // The file wins: a variable that cannot be used is not even looked at.
  CHECK(refusal(arguments, variables({{"BINARLY_API_URL", "u"}, {"TOKEN", "se cret"}})) == "none");
  write("");
  CHECK(refusal(arguments, usual).find("holds no usable token") != std::string::npos);
  write("secret of file\n");
  const auto line = refusal(arguments, usual);
  CHECK(line.find("holds no usable token") != std::string::npos);
  CHECK(line.find("secret") == std::string::npos);
  write(std::string(64 * 1024 + 1, 'a'));
  CHECK(refusal(arguments, usual).find("larger than 64 KiB") != std::string::npos);
  arguments.token_file = directory.path().string();
  CHECK(refusal(arguments, usual).find("cannot be read") != std::string::npos);
}

TEST_CASE("what the library refuses is explained in the command's terms") {
  CHECK(explain(failure(errc::invalid_argument, "tls.ca_file \"x\" cannot be read")) ==
        "--ca-file \"x\" cannot be read; it takes the authority's certificate as a PEM file");
  CHECK(explain(failure(errc::invalid_argument, "base_url is empty")) ==
        "the service's address is empty; check BINARLY_API_URL or --base-url");
  CHECK(explain(failure(errc::invalid_argument, "faults: no")) == "invalid argument: faults: no");
}

TEST_CASE("colour is for terminals, and NO_COLOR turns it off") {
  CHECK(wants_colour(true, variables({})));
  CHECK_FALSE(wants_colour(true, variables({{"NO_COLOR", "1"}})));
  CHECK_FALSE(wants_colour(false, variables({})));
}

}  // namespace binarly::tools
