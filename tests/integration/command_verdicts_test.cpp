// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What is final and what is not, as the users of the command see it.

#include "support/command.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fcntl.h>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace binarly::testing {
namespace {

const std::string header = "product_id,image_id,version\n";

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

fake_service_options always(fault kind) {
  fake_service_options options;
  options.faults = {misbehaviour(kind, 1)};
  return options;
}

words identity_of(const served& remote, const std::string& url, const std::string& secret_text) {
  words variables = remote.variables();
  std::erase_if(variables, [](const std::string& each) { return each.starts_with("TOKEN="); });
  variables.push_back("BINARLY_CLIENT_ID=robot");
  variables.push_back("BINARLY_CLIENT_SECRET=" + secret_text);
  variables.push_back("BINARLY_AUTH_URL=" + url);
  return variables;
}

}  // namespace

TEST_CASE("verdicts: a stranger's 404 is no verdict, and stops a run that has seen nothing else") {
  for (const auto kind : {fault::not_found_html, fault::not_found_text, fault::not_found_json,
                          fault::forbidden_html, fault::html_success, fault::redirect}) {
    CAPTURE(to_string(kind));
    served remote(always(kind));
    const auto manifest = remote.write("m.csv", header + remote.rows(0, 500));
    const auto out = remote.file("out");
    const auto end = remote.verify(manifest, {"--results", out, "--window", "8", "--wait", "1h"});
    CHECK(end.code == 3);
    CHECK(contains(end.errors, "the run stopped early"));
    CHECK(contains(end.errors, "go on with --resume"));
    CHECK(contains(end.errors, "base URL"));
    const auto results = read_file(out);
    CHECK(lines_in(results) >= 20);
    CHECK(lines_in(results) < 100);
    for (const auto& [row, verdict] : verdicts(results))
      CHECK(verdict == "failed");
  }
}

TEST_CASE("verdicts: a run that gives up does not wait for the rest of its manifest") {
  served remote(always(fault::not_found_html));
  const auto pipe = remote.file("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  // Open for as long as the test lasts, and silent after the first rows.
  const int end = ::open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(end >= 0);
  const auto rows = header + remote.rows(0, 30);
  REQUIRE(::write(end, rows.data(), rows.size()) == static_cast<ssize_t>(rows.size()));
  child_process child(command({"verify", pipe, "--ca-file", remote.ca(), "--window", "8"}),
                      clean(remote.variables()));
  CHECK(child.wait() == 3);
  CHECK(contains(child.errors(), "the run stopped early"));
  ::close(end);
}

TEST_CASE("verdicts: what failed is looked up again by --resume") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 40));
  const auto out = remote.file("out");
  for (std::uint64_t index = 0; index < 40; index += 4) {
    const auto ref = remote.service().image_at(index).ref;
    remote.service().script(ref, {misbehaviour(fault::not_found_html)});
  }
  const auto first = remote.verify(manifest, {"--results", out});
  CHECK(first.code == 3);
  CHECK(!contains(first.errors, "stopped early"));
  CHECK(remote.verify(manifest, {"--results", out, "--resume"}).code == 0);
  CHECK(remote.service().counters().requests == 50);
}

TEST_CASE("verdicts: a token that is refused for good stops the run, and fails no row for good") {
  fake_service_options options;
  options.identity.client_id = "robot";
  options.identity.client_secret = "right";
  served remote(options);
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 500));
  const auto out = remote.file("out");
  const auto run = [&](const words& variables, const words& more) {
    words arguments{"verify",    manifest,   "--results", out,      "--ca-file",
                    remote.ca(), "--window", "8",         "--wait", "1h"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_command(arguments, variables);
  };
  const std::string url = remote.service().token_url();
  struct row {
    words variables;
    std::string part;
  };
  const std::vector<row> table{
      {identity_of(remote, url, "wrong"), "invalid_client"},
      {identity_of(remote,
                   remote.service().base_url() + "/realms/Other/protocol/openid-connect/token",
                   "right"),
       "HTTP 404"},
  };
  for (const auto& [variables, part] : table) {
    CAPTURE(part);
    const auto end = run(variables, {"--overwrite"});
    CHECK(end.code == 3);
    CHECK(contains(end.errors, "the run stopped early"));
    CHECK(contains(end.errors, part));
    CHECK(!contains(end.errors + end.output, "wrong"));
    const auto results = read_file(out);
    CHECK(lines_in(results) < 100);
    for (const auto& [row, verdict] : verdicts(results))
      CHECK(verdict == "failed");
  }
  CHECK(run(identity_of(remote, url, "right"), {"--resume"}).code == 0);
  const auto end = run(identity_of(remote, url, "right"), {"--resume"});
  CHECK(end.code == 0);
}

TEST_CASE("verdicts: get and hashes end like verify") {
  served remote;
  const auto ref = remote.service().image_at(3).ref;
  const auto code_of = [&](const std::string& verb, fault kind) {
    remote.service().script(ref, {misbehaviour(kind)});
    const auto end = run_command({verb, ref.product_id(), ref.image_id(), "--ca-file", remote.ca()},
                                 remote.variables());
    return end.code;
  };
  for (const std::string verb : {"get", "hashes"}) {
    CAPTURE(verb);
    CHECK(code_of(verb, fault::none) == 0);
    CHECK(code_of(verb, fault::not_found) == 1);
    CHECK(code_of(verb, fault::forbidden) == 1);
    CHECK(code_of(verb, fault::unauthorized) == 3);
    CHECK(code_of(verb, fault::not_found_html) == 3);
    CHECK(code_of(verb, fault::forbidden_text) == 3);
    CHECK(code_of(verb, fault::html_success) == 3);
  }
}

TEST_CASE("verdicts: --again looks the named ones up anew, and nothing else") {
  served remote;
  auto& service = remote.service();
  const auto line = [&](std::uint64_t index, const std::string& version) {
    const auto image = service.image_at(index);
    return image.ref.product_id() + ',' + image.ref.image_id() + ',' +
           (version.empty() ? image.version : version) + '\n';
  };
  const auto manifest =
      remote.write("m.csv", header + line(0, "") + line(1, "") + line(2, "") + line(3, "other"));
  const auto out = remote.file("out");
  service.script(service.image_at(1).ref, {misbehaviour(fault::not_found)});
  service.script(service.image_at(2).ref, {misbehaviour(fault::forbidden)});
  CHECK(remote.verify(manifest, {"--results", out}).code == 1);
  CHECK(service.counters().requests == 4);

  // Nothing is looked up, unless it is asked for.
  CHECK(remote.verify(manifest, {"--results", out, "--resume"}).code == 1);
  CHECK(service.counters().requests == 4);
  const auto missing =
      remote.verify(manifest, {"--results", out, "--resume", "--again", "missing"});
  CHECK(missing.code == 1);
  CHECK(service.counters().requests == 5);
  CHECK(contains(missing.output, "2  verified"));

  // The expectation was mended, and the permission given.
  const auto mended =
      remote.write("m2.csv", header + line(0, "") + line(1, "") + line(2, "") + line(3, ""));
  CHECK(remote.verify(mended, {"--results", out, "--resume"}).code == 2);
  const auto rest =
      remote.verify(mended, {"--results", out, "--resume", "--again", "forbidden,mismatched"});
  CHECK(rest.code == 0);
  CHECK(service.counters().requests == 7);
  CHECK(contains(rest.output, "4  verified"));

  const auto report = run_command({"report", out, "--format", "json"});
  CHECK(report.code == 0);
  CHECK(contains(report.output, R"("total": 4)"));
  CHECK(contains(report.output, R"("verified": 4)"));
  CHECK(remote.verify(mended, {"--results", out, "--resume"}).code == 0);
  CHECK(service.counters().requests == 7);

  check_one_line(remote.verify(mended, {"--results", out, "--again", "missing"}), 2, "--resume");
  CHECK(remote.verify(mended, {"--results", out, "--resume", "--again", "verified"}).code == 2);
}

TEST_CASE("verdicts: a journal of before is read by today's rule") {
  served remote;
  const auto image = remote.service().image_at(0);
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 1));
  const auto out = remote.file("out");
  CHECK(remote.verify(manifest, {"--results", out}).code == 0);
  // As an older version wrote it, of an identity server's 404.
  auto text = read_file(out);
  const std::string good = R"("verdict":"verified")";
  text.replace(text.find(good), good.size(),
               R"("verdict":"missing","failure":{"code":"not_found","step":"token",)"
               R"("http_status":404,"message":"get image: not found while getting a token"})");
  remote.write("out", text);
  const auto report = run_command({"report", out, "--format", "json"});
  CHECK(report.code == 3);
  CHECK(contains(report.output, R"("failed": 1)"));
  CHECK(remote.verify(manifest, {"--results", out, "--resume"}).code == 0);
  CHECK(remote.service().counters().requests == 2);
}

TEST_CASE("verdicts: scans and archived images are counted in the summary") {
  fake_service_options options;
  options.images = 6;
  served remote(options);
  auto& service = remote.service();
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 6));
  const auto set = [&](std::uint64_t index, const std::string& states) {
    service.set_scan(service.image_at(index).ref, parse_scans(states).value().front());
  };
  for (std::uint64_t index = 0; index < 4; ++index)
    set(index, "new/done=1");
  set(4, "new/failed=1");
  set(5, "none=1");
  service.script(service.image_at(0).ref, std::vector(8, misbehaviour(fault::archived)));
  const auto out = remote.file("out");
  const auto end =
      remote.verify(manifest, {"--results", out, "--wait-for-scan", "3s", "--deadline", "1m"});
  CAPTURE(end.output);
  CHECK(end.code == 3);
  CHECK(contains(end.output, "latest scans: 4 done, 1 failed, 1 none"));
  CHECK(contains(end.output, "archived: 1"));
  CHECK(contains(end.output, "start one"));
  const auto found = verdicts(read_file(out));
  CHECK(found.at(1) == "verified");
  CHECK(found.at(5) == "mismatched");
  CHECK(found.at(6) == "failed");
  CHECK(contains(read_file(out), R"("archived":true)"));
}

}  // namespace binarly::testing
