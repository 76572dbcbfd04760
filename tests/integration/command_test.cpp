// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The command as its users have it: a process of its own, against a service in this one.

#include "support/command.hpp"

#include "support/run_task.hpp"
#include "support/service_fixture.hpp"
#include "support/wire_client.hpp"

#include <binarly/testing/certificate_authority.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <string>
#include <utility>

namespace binarly::testing {
namespace {

using namespace std::string_literals;

boost::asio::awaitable<void> ask_into(wire_client& client, const std::string& request,
                                      wire_answer& answer) {
  answer = co_await client.ask(request);
}

}  // namespace

TEST_CASE("help and version go to standard output, and help has the exit codes") {
  const auto help = run_command({"--help"});
  CHECK(help.code == 0);
  CHECK(contains(help.output, "Of several, 2 wins over 3, and 3 over 1."));
  CHECK(help.errors.empty());
  CHECK(run_command({"--version"}).output.starts_with("binarly-images "));
  CHECK(contains(run_command({"verify", "--help"}).output, "--window"));
}

TEST_CASE("usage errors are one line each, and repeat no secret") {
  check_one_line(run_command({}), 2, "--help");
  check_one_line(run_command({"fetch"}), 2, "--help");
  check_one_line(run_command({"verify", "m.csv", "--token", secret}), 2, "unknown option --token;");
  check_one_line(run_command({"verify", "m.csv", "--token="s + secret}), 2,
                 "unknown option --token;");
  check_one_line(run_command({"get", "p", "i", secret}), 2, "--help");
  check_one_line(run_command({"verify", "m.csv", "--window", "0"}), 2, "--window");
  check_one_line(run_command({"get", "p", "i"}, {"TOKEN="s + secret}), 2, "set BINARLY_API_URL");
  check_one_line(run_command({"get", "p", "i"}, {"BINARLY_API_URL=https://localhost"}), 2,
                 "set TOKEN");
  check_one_line(run_command({"get", "i"}, {"TOKEN="s + secret}), 2, "set BINARLY_PRODUCT_ID");
  const words usable{"BINARLY_API_URL=https://localhost", "TOKEN="s + secret};
  check_one_line(run_command({"get", "p", "i", "--ca-file", "/absent"}, usable), 2,
                 "--ca-file \"/absent\"");
  check_one_line(run_command({"get", "p", "i", "--base-url", "ftp://localhost"}, usable), 2,
                 "--base-url");
  for (const auto* const command : {"serve", "demo"}) {
    check_one_line(run_command({command, "--faults", "reset_bodies=1"}), 2,
                   "\"reset_bodies\" is no kind of fault; the nearest names are reset_after, "
                   "reset_before, reset_in_body;");
  }
  check_one_line(run_command({"serve", "--ca-out", "/absent/ca.pem"}), 2, "/absent/ca.pem");
}

TEST_CASE("a value that an option does not take is refused with those that it takes") {
  const auto verify = [](const words& more) {
    words arguments{"verify", "m.csv", "--results", "r.jsonl", "--resume"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_command(arguments);
  };
  // Numbers stand for the words within the program, and nowhere else.
  for (const std::string bad : {"3", "verified", "Missing"}) {
    check_one_line(verify({"--again", bad}), 2,
                   "--again: \"" + bad + "\" is none of missing, forbidden, mismatched;");
  }
  check_one_line(verify({"--again", "missing,1"}), 2, "--again: \"1\" is none of missing,");
  for (const std::string bad : {"digest", "0"}) {
    check_one_line(verify({"--auth-method", bad}), 2,
                   "--auth-method: \"" + bad + "\" is none of form, basic;");
  }
  for (const std::string bad : {"xml", "2"}) {
    check_one_line(verify({"--format", bad}), 2,
                   "--format: \"" + bad + "\" is none of table, json, csv;");
  }
  check_one_line(run_command({"report", "r.jsonl", "--format", "1"}), 2,
                 "none of table, json, csv");
  check_one_line(run_command({"hashes", "p", "i", "--format", "swid"}), 2,
                 "--format: \"swid\" is none of cyclonedx, spdx;");
  check_one_line(run_command({"hashes", "p", "i", "--source", "0"}), 2,
                 "--source: \"0\" is none of report, components;");
}

TEST_CASE("a number out of bounds is refused with the bounds, and a flag with a value") {
  const std::pair<words, std::string> bad[] = {
      {{"verify", "m.csv", "--window", "x"},
       "--window: \"x\" is no whole number from 1 to 1000000;"},
      {{"verify", "m.csv", "--connections", "0x10"},
       "--connections: \"0x10\" is no whole number from 1 to 10000;"},
      {{"verify", "m.csv", "--attempts", "1.5"},
       "--attempts: \"1.5\" is no whole number from 1 to 100;"},
      {{"verify", "m.csv", "--rate", "nan"}, "--rate: \"nan\" is no number from 0.001 to 1000000;"},
      {{"serve", "--port", "65536"}, "--port: \"65536\" is no whole number from 0 to 65535;"},
      {{"serve", "--images", "-1"}, "--images: \"-1\" is no whole number from 1 to "},
      {{"serve", "--seed", "-1"}, "--seed: \"-1\" is no whole number from 0 to "},
      {{"serve", "--report-components", ""}, "--report-components: \"\" is no whole number"},
      {{"demo", "--uploads", "9"}, "--uploads: \"9\" is no whole number from 10 to 10000000;"},
      {{"verify", "m.csv", "--quiet=3"}, "--quiet takes no value;"},
      {{"verify", "m.csv", "--results", "r", "--resume=maybe"}, "--resume takes no value;"},
      {{"get", "p", "i", "--verbose="s + secret}, "--verbose takes no value;"},
  };
  for (const auto& [arguments, said] : bad)
    check_one_line(run_command(arguments), 2, said);
  CHECK(contains(run_command({"verify", "--help"}).output, "--window N:1 to 1000000=256"));
}

TEST_CASE("serve --help has every kind of fault, and its errors say so") {
  const auto help = run_command({"serve", "--help"}).output;
  const auto names = help.substr(help.find("The names that --faults takes:"));
  const auto end = names.find("\n\n");
  REQUIRE(end != names.npos);
  for (int index = 0; index <= static_cast<int>(fault::byte_order_mark); ++index) {
    const std::string name(to_string(static_cast<fault>(index)));
    CAPTURE(name);
    // That one has words of its own, which cannot be written down there.
    const bool there = contains(names.substr(0, end) + ' ', ' ' + name + ' ') ||
                       contains(names.substr(0, end) + '\n', ' ' + name + '\n');
    CHECK(there == (name != "answer"));
  }
  check_one_line(run_command({"serve", "--faults", "nonsense=1"}), 2, "serve --help has all names");
  check_one_line(run_command({"serve", "--set", "token-faults=nonsense=1"}), 2,
                 "serve --help has all names");
}

TEST_CASE("get prints the image as JSON") {
  served remote;
  const auto image = remote.service().image_at(3);
  const auto end = remote.get(3);
  CHECK(end.code == 0);
  CHECK(end.errors.empty());
  const auto value = boost::json::parse(end.output);
  CHECK(value.at("id").as_string() == image.ref.image_id());
  CHECK(value.at("version").as_string() == image.version);
  CHECK(value.at("parent").as_string() == "products/" + image.ref.product_id());

  words variables = remote.variables();
  variables.push_back("BINARLY_PRODUCT_ID=" + image.ref.product_id());
  CHECK(run_command({"get", image.ref.image_id(), "--ca-file", remote.ca()}, variables).output ==
        end.output);
  const auto token = remote.write("token", secret + "\n"s);
  CHECK(run_command({"get", image.ref.product_id(), image.ref.image_id(), "--ca-file", remote.ca(),
                     "--base-url", remote.service().base_url(), "--token-file", token})
            .output == end.output);
}

TEST_CASE("get takes resource names, and refuses a contradiction with the product") {
  served remote;
  const auto ref = remote.service().image_at(3).ref;
  const auto whole = remote.get(3);
  REQUIRE(whole.code == 0);
  const auto get = [&](words ids, const std::string& product = "") {
    words variables = remote.variables();
    if (!product.empty()) variables.push_back("BINARLY_PRODUCT_ID=" + product);
    ids.insert(ids.begin(), "get");
    ids.insert(ids.end(), {"--ca-file", remote.ca()});
    return run_command(ids, variables);
  };
  CHECK(get({ref.path()}).output == whole.output);
  CHECK(get({"/" + ref.path()}).output == whole.output);
  CHECK(get({ref.path()}, ref.product_id()).output == whole.output);
  CHECK(get({ref.image_id()}, "products/" + ref.product_id()).output == whole.output);
  CHECK(get({"products/" + ref.product_id(), ref.image_id()}).output == whole.output);
  CHECK(get({ref.product_id(), ref.path()}).output == whole.output);
  const auto before = remote.service().counters().requests;
  const std::string both = "image id \"" + ref.path() +
                           "\": belongs to another product than the "
                           "product id \"other\"";
  check_one_line(get({"other", ref.path()}), 2, both);
  const auto variable = get({ref.path()}, "other");
  check_one_line(variable, 2, both);
  CHECK(contains(variable.errors, "BINARLY_PRODUCT_ID"));
  check_one_line(get({"-"}, ref.product_id()), 2, "image id \"-\"");
  check_one_line(get({ref.image_id()}, "-"), 2, "product id \"-\"");
  CHECK(remote.service().counters().requests == before);
}

TEST_CASE("get tells an id that cannot be used, a missing image, and a wrong token apart") {
  served remote;
  const auto ref = remote.service().image_at(0).ref;
  check_one_line(run_command({"get", "../x", "i", "--ca-file", remote.ca()}, remote.variables()), 2,
                 "product id \"../x\"");
  CHECK(remote.service().counters().connections == 0);
  check_one_line(run_command({"get", ref.product_id(), "absent", "--ca-file", remote.ca()},
                             remote.variables()),
                 1, "not found");
  check_one_line(run_command({"get", ref.product_id(), ref.image_id(), "--ca-file", remote.ca()},
                             {"BINARLY_API_URL=" + remote.service().base_url(), "TOKEN=wrong"}),
                 3, "check that the token");
  remote.service().script(ref, {misbehaviour(fault::forbidden)});
  check_one_line(remote.get(0), 1, "forbidden");
}

TEST_CASE("a host that cannot be reached or trusted") {
  served remote;
  const deaf_port nobody;
  const auto url = "BINARLY_API_URL=https://127.0.0.1:" + std::to_string(nobody.number());
  check_one_line(run_command({"get", "p", "i"}, {url, "TOKEN="s + secret}), 3,
                 "check the base URL");
  check_one_line(run_command({"get", "p", "i"}, remote.variables()), 3,
                 "certificate is not trusted");

  const certificate_authority authority;
  certificate_request request;
  request.names = {"DNS:elsewhere.example"};
  fake_service_options options;
  options.certificate = authority.issue(request);
  served impostor(options);
  const auto ca = impostor.write("other.pem", authority.ca_pem());
  check_one_line(run_command({"get", "p", "i", "--ca-file", ca}, impostor.variables()), 3,
                 "certificate is not trusted");
  CHECK(impostor.service().counters().requests == 0);
}

TEST_CASE("answers that are no image") {
  served remote;
  const std::vector<std::pair<fault, std::string>> faults{
      {fault::huge_body, "too large"},          {fault::huge_head, "too large"},
      {fault::deep_json, "unexpected answer"},  {fault::html_success, "unexpected answer"},
      {fault::wrong_json, "unexpected answer"}, {fault::broken_json, "unexpected answer"},
      {fault::garbage, "not proper HTTP"},      {fault::redirect, "redirected"}};
  for (const auto& [kind, words_expected] : faults) {
    CAPTURE(to_string(kind));
    remote.service().script(remote.service().image_at(0).ref, {misbehaviour(kind)});
    check_one_line(remote.get(0), 3, words_expected);
  }
}

TEST_CASE("serve and verify, as a new user would") {
  const temporary_directory directory;
  const auto path = [&](const char* name) { return (directory.path() / name).string(); };
  child_process serve(command({"serve", "--port", "0", "--images", "500", "--ca-out", path("ca"),
                               "--manifest-out", path("uploads.csv"), "--token", "t"}),
                      clean());
  wait_until([&] { return contains(serve.output(), "\n"); });
  const auto url = serve.output().substr(0, serve.output().find('\n'));
  CHECK(url.starts_with("https://localhost:"));
  const auto end = run_command({"verify", path("uploads.csv"), "--ca-file", path("ca"), "--window",
                                "256", "--results", path("out.jsonl")},
                               {"BINARLY_API_URL=" + url, "TOKEN=t"});
  CHECK(end.code == 0);
  CHECK(verdicts(read_file(path("out.jsonl"))).size() == 500);
  serve.signal(SIGTERM);
  CHECK(serve.wait() == 0);
}

TEST_CASE("serve issues tokens") {
  const temporary_directory directory;
  const auto ca = (directory.path() / "ca").string();
  child_process serve(command({"serve", "--images", "1", "--ca-out", ca, "--client-id", "machine",
                               "--client-secret", "hush"}),
                      clean());
  wait_until([&] { return std::ranges::count(serve.output(), '\n') == 2; });
  const auto output = serve.output();
  const auto url = output.substr(0, output.find('\n'));
  CHECK(output == url + '\n' + url + "/realms/BinarlyRealm/protocol/openid-connect/token\n");
  CHECK_FALSE(contains(serve.errors(), "hush"));

  boost::asio::io_context context;
  wire_client client(context.get_executor(), read_file(ca));
  const auto port = static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
  run_task(context, client.connect(port));
  const auto ask = [&](const std::string& request) {
    wire_answer answer;
    run_task(context, ask_into(client, request, answer));
    return answer;
  };
  const std::string form = "grant_type=client_credentials&client_id=machine&client_secret=hush";
  const auto answer =
      ask("POST /realms/BinarlyRealm/protocol/openid-connect/token HTTP/1.1\r\nHost: h\r\n"
          "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
          std::to_string(form.size()) + "\r\n\r\n" + form);
  REQUIRE(answer.status == 200);
  const std::string token = boost::json::parse(answer.body).at("access_token").as_string().c_str();
  CHECK(ask(get_request("/api/v4/products", "Authorization: Bearer " + token + "\r\n")).status ==
        404);
  CHECK(ask(get_request("/api/v4/products")).status == 401);
  serve.signal(SIGTERM);
  CHECK(serve.wait() == 0);
}

TEST_CASE("serve issues tokens to a client with a secret alone") {
  check_one_line(run_command({"serve", "--client-id", "machine"}), 2, "--client-secret");
  check_one_line(run_command({"serve", "--client-secret", "hush"}), 2, "--client-id");
  check_one_line(run_command({"serve", "--client-id", "machine", "--client-secret", ""}), 2,
                 "client_secret");
}

TEST_CASE("demo finds the planted problems, and notices when it does not") {
  const auto good = run_command({"demo", "--uploads", "300"});
  CHECK(good.code == 0);
  CHECK(contains(good.output, "Every planted problem was found"));
  CHECK(contains(good.output, "282  verified"));
  CHECK(contains(good.errors, "18 of them are truly wrong, and 16 only look so"));
  CHECK(contains(good.output, "mismatched in scan: 2"));
  CHECK(contains(good.output, "mismatched in sha256: 1"));
  CHECK(contains(good.output, " requests for a token failed."));
  CHECK(std::ranges::count(good.output, '\n') < 80);
  const auto bad = run_command({"demo", "--uploads", "50", "--faults", "wrong_json=1"});
  CHECK(bad.code == 3);
  CHECK(contains(bad.output, "did not get the verdict"));
}

}  // namespace binarly::testing
