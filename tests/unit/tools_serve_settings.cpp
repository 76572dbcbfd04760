// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/exit_code.hpp"
#include "tools/serve_settings.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace binarly::tools {

namespace {

using namespace std::chrono_literals;
using testing::fake_service_options;

fake_service_options with(const std::vector<std::string>& settings) {
  fake_service_options options;
  apply_settings(options, settings);
  return options;
}

std::string refusal(const std::vector<std::string>& settings) {
  try {
    (void)with(settings);
    return "none";
  } catch (const command_error& error) {
    CHECK(error.code() == exit_code::usage);
    return error.what();
  }
}

}  // namespace

TEST_CASE("serve settings: scans, whichever order they come in") {
  for (const auto& settings : {std::vector<std::string>{"scans=new/done=0.5,none=0.25",
                                                        "early-report=409", "scan-seconds=1.5"},
                               std::vector<std::string>{"early-report=409", "scan-seconds=1.5",
                                                        "scans=new/done=0.5,none=0.25"}}) {
    const auto options = with(settings);
    REQUIRE(options.scans.size() == 2);
    CHECK(options.scans[0].states == std::vector<std::string>{"new", "done"});
    CHECK(options.scans[1].share == doctest::Approx(0.25));
    for (const auto& each : options.scans) {
      CHECK(each.before == testing::early_report::status_409);
      CHECK(each.state_duration == 1500ms);
    }
  }
  CHECK(with({}).scans.empty());
}

TEST_CASE("serve settings: the identity server") {
  const auto options =
      with({"style=okta", "realm=Other", "scope=a b=c", "audience=main-api",
            "other-audience=useless_token", "authentication=form", "username=u", "password=p=q",
            "token-seconds=7", "token-uses=3", "token-type=no", "token-faults=503=0.5,hang=0.1"});
  const auto& identity = options.identity;
  CHECK(identity.style == testing::identity_style::okta);
  CHECK(identity.realm == "Other");
  CHECK(identity.scope == "a b=c");
  CHECK(identity.audience == "main-api");
  CHECK(identity.for_another_audience == testing::other_audience::useless_token);
  CHECK(identity.authentication == testing::accepted_authentication::form);
  CHECK(identity.username == "u");
  CHECK(identity.password == "p=q");
  CHECK(identity.token_lifetime == 7s);
  CHECK(identity.uses_per_token == 3);
  CHECK_FALSE(identity.states_token_type);
  REQUIRE(identity.faults.size() == 2);
  CHECK(identity.faults[1].kind == testing::fault::hang);
}

TEST_CASE("serve settings: the rest") {
  const auto options = with({"permissions=products.view", "elsewhere=html", "path-prefix=/x",
                             "plain-http=yes", "answers=9"});
  CHECK(options.permissions == std::vector<std::string>{"products.view"});
  REQUIRE(options.elsewhere.has_value());
  CHECK(options.elsewhere->status == 404);
  CHECK(options.elsewhere->type == "text/html");
  CHECK(options.path_prefix == "/x");
  CHECK(options.plain_http);
  CHECK(options.answers_per_connection == 9);
  CHECK(with({"permissions="}).permissions.empty());
}

TEST_CASE("serve settings: what cannot be set is named") {
  const std::pair<std::string, std::string_view> bad[] = {
      {"other=1", "\"other\" is none of answers, audience"},
      {"", "\"\" is none of"},
      {"style", "style lacks its value"},
      {"style=other", "--set style: \"other\" is none of keycloak"},
      {"early-report=403", "\"403\" is none of 202"},
      {"scans=done", "--set scans: \"done\" lacks its share"},
      {"scan-seconds=-1", "scan-seconds: takes seconds"},
      {"scan-seconds=nan", "scan-seconds: takes seconds"},
      {"scan-seconds=1x", "scan-seconds: takes seconds"},
      {"token-uses=x", "token-uses: takes a whole number"},
      {"token-type=maybe", "token-type: takes yes or no"},
      {"elsewhere=pdf", "elsewhere: takes text, html or json"},
      {"token-faults=x=1", "token-faults: faults: \"x\""},
  };
  for (const auto& [setting, words] : bad) {
    CAPTURE(setting);
    const std::string said = refusal({setting});
    CHECK(said.starts_with("--set "));
    CHECK(said.find(words) != std::string::npos);
  }
  CHECK(refusal({"realm=a", "realm=b"}).find("realm is there twice") != std::string::npos);
}

}  // namespace binarly::tools
