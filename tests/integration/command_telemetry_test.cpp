// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What the command tells of its client, and how it gets its tokens.

#include "support/command.hpp"
#include "support/microsocks.hpp"
#include "support/process.hpp"
#include "support/tinyproxy.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace binarly::testing {
namespace {

const std::string header = "product_id,image_id,version\n";

fake_service_options with_identity() {
  fake_service_options options;
  options.identity.client_id = "robot";
  options.identity.client_secret = "h&sh-hush";
  options.identity.uses_per_token = 300;  // more than are ever in flight
  return options;
}

}  // namespace

TEST_CASE("command: the metrics are what promtool takes for metrics") {
  fake_service_options options;
  options.faults = {misbehaviour(fault::status_503, 0.1)};
  served remote(options);
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 100));
  const auto file = remote.file("metrics.prom");
  CHECK(remote.verify(manifest, {"--metrics", file, "--quiet"}).code == 0);
  const std::string text = read_file(file);
  CHECK(contains(text, "binarly_images_calls_total{result=\"ok\"} 100\n"));
  CHECK(contains(text, "binarly_images_retries_total{reason=\"server_error\"}"));
  CHECK(contains(text, "binarly_images_concurrency_limit{operation=\"get image\"} "));
  child_process checker({"promtool", "check", "metrics"}, {}, text);
  CHECK(checker.wait() == 0);
  CHECK(checker.output() + checker.errors() == "");
  // It does find fault.
  child_process doubter({"promtool", "check", "metrics"}, {},
                        text + "binarly_images_calls_total x\n");
  CHECK(doubter.wait() != 0);
}

TEST_CASE("command: metrics that cannot be written are told") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 3));
  const auto end = remote.verify(manifest, {"--metrics", "/absent/metrics.prom", "--quiet"});
  check_one_line(end, 2, "the metrics cannot be written to /absent/metrics.prom");
  CHECK(remote.service().counters().connections == 0);
  const auto full = remote.verify(manifest, {"--metrics", "/dev/full", "--quiet"});
  check_one_line(full, 3, "the metrics could not be written to /dev/full");
}

TEST_CASE("command: --verbose shows what happens, and no secret") {
  served remote(with_identity());
  remote.service().script(remote.service().image_at(0).ref, {misbehaviour(fault::status_503)});
  const auto end = run_command(
      {"get", remote.service().image_at(0).ref.product_id(),
       remote.service().image_at(0).ref.image_id(), "--verbose", "--ca-file", remote.ca()},
      {"BINARLY_API_URL=" + remote.service().base_url(), "BINARLY_CLIENT_ID=robot",
       "BINARLY_CLIENT_SECRET=h&sh-hush", "BINARLY_AUTH_URL=" + remote.service().base_url()});
  CHECK(end.code == 0);
  for (const auto* const expected :
       {"connection to the identity server opened", "token renewed: good for 1800 s",
        "connection opened", "attempt started: ", "server_error (HTTP 503)",
        "retry scheduled: ", "call finished: "}) {
    CAPTURE(end.errors);
    CHECK(contains(end.errors, expected));
  }
  CHECK(!contains(end.errors, "h&sh"));
  CHECK(!contains(end.errors, "Bearer"));
}

TEST_CASE("command: client credentials from the command line, in a run that outlives its tokens") {
  served remote(with_identity());
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 1000));
  const auto secret_file = remote.write("secret", "h&sh-hush\n");
  const words arguments{"verify",
                        manifest,
                        "--quiet",
                        "--ca-file",
                        remote.ca(),
                        "--client-id",
                        "robot",
                        "--client-secret-file",
                        secret_file,
                        "--auth-url",
                        remote.service().token_url()};
  const auto end = run_command(arguments, {"BINARLY_API_URL=" + remote.service().base_url()});
  CHECK(end.errors == "");
  CHECK(end.code == 0);
  CHECK(remote.service().counters().tokens_issued >= 4);
}

TEST_CASE("command: scope, audience and the way to send the secret reach the identity server") {
  auto options = with_identity();
  options.identity.scope = "openid read";
  options.identity.audience = "main-api";
  served remote(options);
  const auto ref = remote.service().image_at(0).ref;
  const words get{"get", ref.product_id(), ref.image_id(), "--ca-file", remote.ca()};
  const words variables{"BINARLY_API_URL=" + remote.service().base_url(), "BINARLY_CLIENT_ID=robot",
                        "BINARLY_CLIENT_SECRET=h&sh-hush",
                        "BINARLY_AUTH_URL=" + remote.service().base_url()};
  const auto with = [&](const words& more_arguments, const words& more_variables) {
    words arguments = get;
    arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
    words all = variables;
    all.insert(all.end(), more_variables.begin(), more_variables.end());
    return run_command(arguments, all);
  };
  CHECK(with({"--scope", "openid read", "--audience", "main-api"}, {}).code == 0);
  CHECK(with({"--auth-method", "basic"},
             {"BINARLY_SCOPE= openid read\n", "BINARLY_AUDIENCE=main-api"})
            .code == 0);
  check_one_line(with({"--audience", "main-api"}, {}), 3, "check the scope that is asked for");
  check_one_line(with({"--auth-method", "post"}, {}), 2, "--auth-method");
}

TEST_CASE(
    "command: a token that cannot be had costs its own attempts, and says nothing of images") {
  served remote(with_identity());
  const auto ref = remote.service().image_at(0).ref;
  const auto get = [&](const std::string& hidden) {
    return run_command(
        {"get", ref.product_id(), ref.image_id(), "--ca-file", remote.ca(), "--attempts", "4"},
        {"BINARLY_API_URL=" + remote.service().base_url(), "BINARLY_CLIENT_ID=robot",
         "BINARLY_CLIENT_SECRET=" + hidden, "BINARLY_AUTH_URL=" + remote.service().base_url()});
  };
  check_one_line(get("another"), 3, "check the client id and the client secret");
  CHECK(remote.service().counters().token_requests == 1);
  remote.service().script_token_requests(
      std::vector<misbehaviour>(16, misbehaviour(fault::status_503)));
  check_one_line(get("h&sh-hush"), 3, "the identity server is in trouble");
  CHECK(remote.service().counters().token_requests == 1 + 4);
}

TEST_CASE("command: what is missing of client credentials is named") {
  check_one_line(run_command({"get", "P", "I", "--client-id", "robot"},
                             {"BINARLY_API_URL=https://localhost:1"}),
                 2, "BINARLY_AUTH_URL");
  check_one_line(run_command({"get", "P", "I", "--client-id", "robot", "--token-file", "/dev/null"},
                             {"BINARLY_API_URL=https://localhost:1"}),
                 2, "--token-file, or --client-id");
  check_one_line(run_command({"get", "P", "I"},
                             {"BINARLY_API_URL=https://localhost:1", "BINARLY_CLIENT_ID=robot",
                              "BINARLY_AUTH_URL=http://elsewhere.example"}),
                 2, "BINARLY_CLIENT_SECRET");
  check_one_line(
      run_command({"get", "P", "I"},
                  {"BINARLY_API_URL=https://localhost:1", "BINARLY_CLIENT_ID=robot",
                   "BINARLY_CLIENT_SECRET=hush", "BINARLY_AUTH_URL=http://elsewhere.example"}),
      2, "the identity server's address must begin with https://");
}

TEST_CASE("command: deadline, attempts, rate and proxy are heeded") {
  served remote;
  const auto ref = remote.service().image_at(0).ref;
  const auto get = [&](words more) {
    words arguments{"get", ref.product_id(), ref.image_id(), "--ca-file", remote.ca()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_command(arguments, remote.variables());
  };
  remote.service().script(ref, {misbehaviour(fault::hang)});
  CHECK(contains(get({"--deadline", "0.05"}).errors, "the call's deadline is 0.05 s"));
  remote.service().script(ref, {misbehaviour(fault::status_500), misbehaviour(fault::status_500)});
  CHECK(contains(get({"--attempts", "2"}).errors, "2 attempts"));
  CHECK(get({"--rate", "1000"}).code == 0);
  const deaf_port nobody;
  const auto nowhere =
      get({"--proxy", "http://127.0.0.1:" + std::to_string(nobody.number()), "--attempts", "1"});
  CHECK(nowhere.code == 3);
  CHECK(contains(nowhere.errors, "no connection while connecting"));
  check_one_line(get({"--attempts", "0"}), 2, "--attempts");
  check_one_line(get({"--rate", "-1"}), 2, "--rate");
}

TEST_CASE("command: ALL_PROXY leads through HTTP proxies and SOCKS 5 alike") {
  served remote;
  const auto ref = remote.service().image_at(0).ref;
  const auto get = [&](const std::string& proxy) {
    words variables = remote.variables();
    for (const auto* const other :
         {"https_proxy=", "HTTPS_PROXY=", "all_proxy=", "no_proxy=", "NO_PROXY="}) {
      variables.emplace_back(other);
    }
    variables.push_back("ALL_PROXY=" + proxy);
    return run_command(
        {"get", ref.product_id(), ref.image_id(), "--ca-file", remote.ca(), "--attempts", "1"},
        variables);
  };
  const auto count_of = [](const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size()))
      ++count;
    return count;
  };
  const tinyproxy_server http;
  CHECK(get(http.url()).code == 0);
  wait_until([&] { return contains(http.log(), "CONNECT localhost:"); });

  const microsocks_server socks;
  const auto address = "://127.0.0.1:" + std::to_string(socks.port());
  std::size_t tunnels = 0;
  for (const std::string scheme : {"socks5h", "socks5"}) {
    CAPTURE(scheme);
    CHECK(get(scheme + address).code == 0);
    ++tunnels;
    wait_until([&] { return count_of(socks.log(), "connected to") == tunnels; });
  }
  const auto requests = remote.service().counters().requests;
  const deaf_port nobody;
  for (const std::string scheme : {"http", "socks5h", "socks5"}) {
    CAPTURE(scheme);
    const auto end = get(scheme + "://127.0.0.1:" + std::to_string(nobody.number()));
    CHECK(end.code == 3);
    CHECK(contains(end.errors, "proxy"));
  }
  CHECK(remote.service().counters().requests == requests);
}

}  // namespace binarly::testing
