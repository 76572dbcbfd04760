// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/serve_settings.hpp"

#include "tools/exit_code.hpp"
#include "tools/text.hpp"

#include <binarly/failure.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace binarly::tools {

namespace {

using testing::fake_service_options;
using testing::fault;
using testing::misbehaviour;

/// What is true of all scans, whichever order the settings come in.
struct scan_settings {
  std::optional<testing::early_report> before;
  std::optional<std::chrono::milliseconds> state_duration;
};

struct target {
  fake_service_options& options;
  scan_settings& scans;
};

[[noreturn]] void refuse(const std::string& reason) {
  throw command_error(exit_code::usage, "--set " + reason);
}

[[noreturn]] void refuse_value(std::string_view wanted, std::string_view value) {
  throw failure_error(failure(errc::invalid_argument, "takes " + std::string(wanted) + ", not \"" +
                                                          printable(value, 40) + '"'));
}

double seconds(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() ||
      !(value >= 0 && value <= 604'800)) {
    refuse_value("seconds from 0 to 604800", text);
  }
  return value;
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    refuse_value("a whole number", text);
  }
  return value;
}

bool yes(std::string_view text) {
  if (text != "yes" && text != "no") refuse_value("yes or no", text);
  return text == "yes";
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(','));
    all.emplace_back(word);
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return all;
}

/// What a load balancer says that does not know the path.
testing::canned_answer stranger(std::string_view form) {
  if (form == "text") return {404, "text/plain", "default backend - 404"};
  if (form == "html") {
    return {404, "text/html", "<html><head><title>404 Not Found</title></head></html>\r\n"};
  }
  if (form == "json") return {404, "application/json", R"({"status":404,"error":"Not Found"})"};
  refuse_value("text, html or json", form);
}

struct setting {
  std::string_view name;
  void (*apply)(target to, std::string_view value);
};

constexpr std::array settings_known{
    setting{"answers",
            [](target to, std::string_view value) {
              to.options.answers_per_connection = static_cast<std::size_t>(number(value));
            }},
    setting{"audience",
            [](target to, std::string_view value) { to.options.identity.audience = value; }},
    setting{"authentication",
            [](target to, std::string_view value) {
              to.options.identity.authentication =
                  testing::parse_accepted_authentication(value).value();
            }},
    setting{"early-report",
            [](target to, std::string_view value) {
              to.scans.before = testing::parse_early_report(value).value();
            }},
    setting{"elsewhere",
            [](target to, std::string_view value) { to.options.elsewhere = stranger(value); }},
    setting{"other-audience",
            [](target to, std::string_view value) {
              to.options.identity.for_another_audience =
                  testing::parse_other_audience(value).value();
            }},
    setting{"password",
            [](target to, std::string_view value) { to.options.identity.password = value; }},
    setting{"path-prefix",
            [](target to, std::string_view value) { to.options.path_prefix = value; }},
    setting{"permissions",
            [](target to, std::string_view value) { to.options.permissions = words(value); }},
    setting{"plain-http",
            [](target to, std::string_view value) { to.options.plain_http = yes(value); }},
    setting{"realm", [](target to, std::string_view value) { to.options.identity.realm = value; }},
    setting{"scan-seconds",
            [](target to, std::string_view value) {
              to.scans.state_duration =
                  std::chrono::milliseconds(std::llround(seconds(value) * 1000));
            }},
    setting{"scans",
            [](target to, std::string_view value) {
              to.options.scans = testing::parse_scans(value).value();
            }},
    setting{"scope", [](target to, std::string_view value) { to.options.identity.scope = value; }},
    setting{"style",
            [](target to, std::string_view value) {
              to.options.identity.style = testing::parse_identity_style(value).value();
            }},
    setting{
        "token-faults",
        [](target to, std::string_view value) { to.options.identity.faults = read_faults(value); }},
    setting{"token-seconds",
            [](target to, std::string_view value) {
              to.options.identity.token_lifetime =
                  std::chrono::seconds(std::llround(seconds(value)));
            }},
    setting{"token-type",
            [](target to, std::string_view value) {
              to.options.identity.states_token_type = yes(value);
            }},
    setting{"token-uses",
            [](target to, std::string_view value) {
              to.options.identity.uses_per_token = number(value);
            }},
    setting{"username",
            [](target to, std::string_view value) { to.options.identity.username = value; }},
};

std::string all_names() {
  std::string text;
  for (const setting& each : settings_known) {
    if (!text.empty()) text += ", ";
    text += each.name;
  }
  return text;
}

}  // namespace

namespace {

constexpr std::string_view settings_help =
    "\nWhat --set takes, each name once:\n"
    "  scans=STATE/STATE/...=SHARE,...   how images' scans go, one state for each look; done and\n"
    "                                    completed let reports out, none is no scan:\n"
    "                                    scans=new/running/done=0.8,new/failed=0.1,none=0.1\n"
    "  scan-seconds=SECONDS              how long each state lasts at least\n"
    "  early-report=202|204|400|404|409|422|500|502|no_checksums|whole\n"
    "                                    what a report answers until then\n"
    "  permissions=NAME,...              else products.view,reports.view\n"
    "  elsewhere=text|html|json          a stranger's 404 outside of /api/v4, as of a load "
    "balancer\n"
    "  path-prefix=/PATH                 all is served below it\n"
    "  plain-http=yes, answers=N         no TLS; so many answers on each connection\n"
    "The identity server, beside --client-id:\n"
    "  style=keycloak|oidc_provider|node_oauth|glewlwyd|okta|auth0|errors_in_200\n"
    "  realm=NAME, scope=TEXT, audience=TEXT\n"
    "  other-audience=refused|useless_token\n"
    "  authentication=either|basic|form\n"
    "  username=NAME, password=TEXT      the password grant, for the client BinarlyClient\n"
    "  token-seconds=SECONDS, token-uses=N, token-type=yes|no\n"
    "  token-faults=NAME=PROBABILITY,... as --faults, for requests for a token; none that is "
    "about\n"
    "                                    images or reports\n";

/// All that can be written down, in lines that fit.
std::string names_of_faults() {
  constexpr std::size_t width = 98;
  std::string text;
  std::string line = " ";
  for (int index = 0;; ++index) {
    const auto kind = static_cast<fault>(index);
    const auto name = testing::to_string(kind);
    if (name == "?") return text + line + '\n';
    if (kind == fault::answer) continue;
    if (line.size() + name.size() > width) text += std::exchange(line, " ") + '\n';
    line.append(" ").append(name);
  }
}

}  // namespace

std::vector<misbehaviour> read_faults(std::string_view text) {
  auto read = testing::parse_faults(text);
  if (read) return *std::move(read);
  failure_detail detail = read.error().detail();
  detail.reason += "; binarly-images serve --help has all names";
  throw failure_error(failure(std::move(detail)));
}

std::string serve_help() {
  return "\nThe names that --faults takes:\n" + names_of_faults() + std::string(settings_help);
}

void apply_settings(fake_service_options& options, const std::vector<std::string>& settings) {
  std::set<std::string, std::less<>> seen;
  scan_settings scans;
  for (const std::string& text : settings) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const auto known = std::ranges::find(settings_known, name, &setting::name);
    if (known == settings_known.end()) {
      refuse("\"" + printable(name, 40) + "\" is none of " + all_names());
    }
    if (equals == std::string::npos) {
      std::string line = name;
      line.append(" lacks its value, as in ").append(name).append("=…");
      refuse(line);
    }
    if (!seen.insert(name).second) refuse(name + " is there twice");
    try {
      known->apply({options, scans}, std::string_view(text).substr(equals + 1));
    } catch (const failure_error& error) {
      const std::string& reason = error.why().detail().reason;
      std::string line = name;
      line += ": ";
      if (reason.starts_with(line)) refuse(reason);
      refuse(line.append(reason));
    }
  }
  for (auto& each : options.scans) {
    each.before = scans.before.value_or(each.before);
    each.state_duration = scans.state_duration.value_or(each.state_duration);
  }
}

}  // namespace binarly::tools
