// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// `verify` as its users have it: a process of its own, against a service in this one.

#include "support/command.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>

namespace binarly::testing {
namespace {

const std::string header = "product_id,image_id,version\n";

}  // namespace
TEST_CASE("verify: all good") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 300));
  const auto end = remote.verify(manifest, {"--results", remote.file("out.jsonl")});
  CHECK(end.code == 0);
  CHECK(end.errors.empty());
  CHECK(contains(end.output, "300 uploads in"));
  CHECK(verdicts(read_file(remote.file("out.jsonl"))).size() == 300);
}

TEST_CASE("verify: each bad answer is its own row's, and no other row suffers") {
  served remote;
  auto& service = remote.service();
  const std::map<std::int64_t, std::pair<fault, std::string>> scripted{
      {10, {fault::huge_body, "failed"}},    {20, {fault::deep_json, "failed"}},
      {30, {fault::html_success, "failed"}}, {40, {fault::garbage, "failed"}},
      {50, {fault::forbidden, "forbidden"}}, {60, {fault::reset_in_body, "verified"}},
      {70, {fault::html_error, "verified"}}, {80, {fault::wrong_image, "failed"}}};
  for (const auto& [row, what] : scripted) {
    const auto index = static_cast<std::uint64_t>(row - 1);
    service.script(service.image_at(index).ref, {misbehaviour(what.first)});
  }
  const auto first = service.image_at(0).ref;
  const auto manifest =
      remote.write("m.csv", header + remote.rows(0, 100) + first.product_id() + ",absent,1\n" +
                                first.product_id() + ',' + first.image_id() + ",never\n");
  const auto end = remote.verify(manifest, {"--results", remote.file("out.jsonl"), "--quiet"});
  CHECK(end.code == 3);
  CHECK(end.output.empty());
  CHECK(end.errors.find('\n') == end.errors.size() - 1);
  CHECK(contains(end.errors, "8 of 102 uploads not verified: "));
  const auto found = verdicts(read_file(remote.file("out.jsonl")));
  REQUIRE(found.size() == 102);
  for (const auto& [row, verdict] : found) {
    CAPTURE(row);
    const auto special = scripted.find(row);
    CHECK(verdict == (row == 101                  ? "missing"
                      : row == 102                ? "mismatched"
                      : special != scripted.end() ? special->second.second
                                                  : "verified"));
  }
}

TEST_CASE("verify: exit code 1 when the service answered, but not as hoped") {
  served remote;
  const auto product = remote.service().image_at(0).ref.product_id();
  const auto manifest =
      remote.write("m.jsonl", R"({"product_id":")" + product + R"(","image_id":"absent"})");
  const auto end = remote.verify(manifest);
  CHECK(end.code == 1);
  CHECK(contains(end.output, "1  missing"));
  CHECK(contains(end.output, "what to do: "));
  const auto good = remote.write("good.csv", header + remote.rows(0, 1));
  const auto wrong = run_command({"verify", good, "--ca-file", remote.ca()},
                                 {"BINARLY_API_URL=" + remote.service().base_url(), "TOKEN=wrong"});
  CHECK(wrong.code == 3);
  CHECK(contains(wrong.output, "1  failed"));
  remote.service().script(remote.service().image_at(0).ref, {misbehaviour(fault::forbidden)});
  const auto forbidden = remote.verify(good);
  CHECK(forbidden.code == 1);
  CHECK(contains(forbidden.output, "1  forbidden"));
}

TEST_CASE("verify: a bad row ends the run where it is met, or is recorded when asked for") {
  served remote;
  const auto manifest = remote.write(
      "m.csv", header + remote.rows(0, 50) + "p,a/b,1\n,i,1\n" + "p,\"i\n" + remote.rows(50, 100));
  const auto end = remote.verify(manifest, {"--results", remote.file("out.jsonl"), "--quiet"});
  check_one_line(end, 2, "m.csv, line 52, column 3: image id \"a/b\": character 2");
  const auto found = verdicts(read_file(remote.file("out.jsonl")));
  CHECK(found.size() == 50);
  for (const auto& [row, verdict] : found)
    CHECK(verdict == "verified");

  const auto all = remote.verify(manifest, {"--results", remote.file("all.jsonl"), "--keep-going"});
  CHECK(all.code == 2);
  CHECK(contains(all.errors, "m.csv, line 52, column 3: image id \"a/b\": character 2"));
  CHECK(contains(all.errors, "m.csv, line 53, column 2: the row names no product"));
  CHECK(contains(all.errors, "m.csv, line 54, column 3: the quote that opens here"));
  const auto each = verdicts(read_file(remote.file("all.jsonl")));
  REQUIRE(each.size() == 103);
  for (const auto& [row, verdict] : each)
    CHECK(verdict == (row >= 51 && row <= 53 ? "failed" : "verified"));
}

TEST_CASE("verify: --check reads all of the manifest, and sends nothing") {
  served remote;
  const auto good = remote.write("good.csv", header + remote.rows(0, 50));
  const auto fine = remote.verify(good, {"--check"});
  CHECK(fine.code == 0);
  CHECK(fine.output == "50 uploads; all rows can be used; nothing was looked up\n");
  const auto bad = remote.write("bad.csv", "product_id,image_id,file\np,i,absent\np\np,a/b,\n");
  const auto end = remote.verify(bad, {"--check"});
  CHECK(end.code == 2);
  CHECK(contains(end.errors, "line 2, column 5: the file absent is not there"));
  CHECK(contains(end.errors, "line 3, column 2: the row has 1 of"));
  CHECK(contains(end.errors, "line 4, column 3: image id"));
  CHECK(contains(end.output, "3 uploads; 0 rows can be used"));
  CHECK(remote.service().counters().requests == 0);
}

TEST_CASE("verify: --check notes ids that look like ULIDs gone wrong, and takes them") {
  served remote;
  const std::string good = "01JYJ0W0AACGC7QT1Q21SRWG94";
  const auto manifest =
      remote.write("odd.csv", "product_id,image_id\n" + good + ',' + good.substr(1) + "\nO" +
                                  good.substr(1) + ",img_abc123\n" + good + ',' + good +
                                  "\n,products/8" + good.substr(1) + "/images/" + good + '\n');
  const auto end = remote.verify(manifest, {"--check"});
  CHECK(end.code == 0);
  CHECK(contains(end.output, "4 uploads; all rows can be used"));
  CHECK(contains(end.errors, "note: "));
  CHECK(contains(end.errors, "odd.csv, line 2, column 28: the image id " + good.substr(1) +
                                 " has 25 characters, where a ULID has 26 (row 1)\n"));
  CHECK(contains(end.errors, "odd.csv, line 3, column 1: the product id O" + good.substr(1) +
                                 " has the letter O as character 1, which no ULID has (row 2)\n"));
  CHECK(contains(end.errors, "odd.csv, line 5, column 2: the product id 8" + good.substr(1) +
                                 " begins with 8, where a ULID begins with 0 to 7 (row 4)\n"));
  CHECK(std::count(end.errors.begin(), end.errors.end(), '\n') == 3);

  std::string rows = "product_id,image_id\n";
  for (int row = 0; row < 20; ++row)
    rows += "p," + good + "0\n";
  const auto many = remote.verify(remote.write("many.csv", rows), {"--check"});
  CHECK(many.code == 0);
  CHECK(std::count(many.errors.begin(), many.errors.end(), '\n') == 11);
  CHECK(contains(many.errors, "and 10 more ids that look like ULIDs gone wrong"));
  CHECK(remote.service().counters().requests == 0);
}

TEST_CASE("verify: a manifest may hold resource names, and a contradiction is a bad row") {
  served remote;
  const auto first = remote.service().image_at(0).ref;
  const auto second = remote.service().image_at(1).ref;
  const std::string start = "product_id,image_id\n";
  const auto good = remote.write("good.csv", start + "products/" + first.product_id() + ',' +
                                                 first.image_id() + "\n,/" + second.path() + '\n');
  const auto end = remote.verify(good, {"--results", remote.file("out.jsonl")});
  CHECK(end.code == 0);
  const auto written = read_file(remote.file("out.jsonl"));
  CHECK(verdicts(written).size() == 2);
  CHECK(contains(written, R"("image_id":")" + second.image_id() + '"'));
  const auto bad = remote.write("bad.csv", start + "other," + first.path() + '\n');
  check_one_line(remote.verify(bad, {"--quiet"}), 2,
                 "line 2, column 7: image id \"" + first.path() +
                     "\": belongs to another product "
                     "than the product id \"other\"");
}

TEST_CASE("verify: manifests that hold nothing, or are none") {
  served remote;
  const words quiet{"--quiet"};
  check_one_line(remote.verify(remote.write("a", ""), quiet), 2, "line 1, column 1: the manifest");
  check_one_line(remote.verify(remote.write("b", header), quiet), 2, "line 2, column 1: the manif");
  check_one_line(remote.verify(remote.write("c", "x,y\n"), quiet), 2,
                 "unknown columns \"x\", \"y\"");
  check_one_line(remote.verify(remote.write("d", std::string(4, '\0')), quiet), 2, "a NUL byte");
  check_one_line(remote.verify(remote.file("absent"), quiet), 2, "cannot be opened");
  check_one_line(remote.verify("/", quiet), 2, "is a directory; name a file");
  CHECK(remote.service().counters().requests == 0);
}

TEST_CASE("verify: a sheet as Excel saves it") {
  served remote;
  const auto& image = remote.service().image_at(0);
  const auto sheet = [&](const std::string& names, const std::string& more) {
    return "sep=;\r\n" + names + "\r\n" + image.ref.product_id() + ';' + image.ref.image_id() +
           ';' + image.version + more + "\r\n;;\r\n;;\r\n";
  };
  const auto plain = remote.write("a.csv", sheet("Product_ID;Image_ID;Version", ""));
  CHECK(remote.verify(plain, {"--results", remote.file("a.jsonl")}).code == 0);
  CHECK(verdicts(read_file(remote.file("a.jsonl"))).size() == 1);
  const auto end = run_command({"report", remote.file("a.jsonl"), "--manifest", plain}, {});
  CHECK(end.code == 0);

  const auto wide = remote.write("b.csv", sheet("Product_ID;Image_ID;Version;Owner", ";me"));
  check_one_line(remote.verify(wide, {"--quiet"}), 2, "unknown column \"Owner\"");
  const auto passed = remote.verify(wide, {"--ignore-columns"});
  CHECK(passed.code == 0);
  CHECK(contains(passed.errors, "passed over \"Owner\""));
  CHECK(remote.verify(wide, {"--check", "--ignore-columns"}).output ==
        "1 uploads; all rows can be used; nothing was looked up\n");
}

TEST_CASE("verify: what list-images prints, and rows whose product is a variable's") {
  served remote;
  const auto& image = remote.service().image_at(0);
  const auto list =
      remote.write("list.json", R"({"status":"ok","payload":[{"id":")" + image.ref.image_id() +
                                    R"(","createTime":"x","parent":"products/)" +
                                    image.ref.product_id() + R"("}]})");
  CHECK(remote.verify(list).code == 0);
  const auto alone = remote.write("alone.csv", "image_id\n" + image.ref.image_id() + "\n");
  check_one_line(remote.verify(alone, {"--quiet"}), 2, "the row names no product");
  auto variables = remote.variables();
  variables.push_back("BINARLY_PRODUCT_ID=" + image.ref.product_id());
  CHECK(run_command({"verify", alone, "--ca-file", remote.ca()}, variables).code == 0);
}

TEST_CASE("verify: times have units, and bounds are told in the same words") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 1));
  CHECK(remote.verify(manifest, {"--deadline", "1m30s", "--wait", "500ms"}).code == 0);
  check_one_line(remote.verify(manifest, {"--deadline", "25h"}), 2,
                 "--deadline: \"25h\" is not from 1ms to 1d");
  check_one_line(remote.verify(manifest, {"--wait", "8d"}), 2, "\"8d\" is not from 0s to 7d");
  check_one_line(remote.verify(manifest, {"--wait-for-scan", "soon"}), 2, "no span of time");
}

TEST_CASE("verify: results that cannot be written") {
  served remote;
  const auto text = header + remote.rows(0, 20);
  const auto manifest = remote.write("m.csv", text);
  check_one_line(remote.verify(manifest, {"--results", remote.file("absent/out")}), 2,
                 "nothing was looked up");
  check_one_line(remote.verify(manifest, {"--results", manifest}), 2, "overwrite the manifest");
  CHECK(read_file(manifest) == text);
  CHECK(remote.service().counters().requests == 0);
  if (std::filesystem::exists("/dev/full")) {
    check_one_line(remote.verify(manifest, {"--results", "/dev/full", "--quiet"}), 3, "No space");
  }
}

TEST_CASE("verify: manifest from standard input, results to standard output") {
  served remote;
  const auto end = run_command({"verify", "-", "--results", "-", "--ca-file", remote.ca()},
                               remote.variables(), header + remote.rows(0, 20));
  CHECK(end.code == 0);
  CHECK(verdicts(end.output).size() == 20);
  CHECK(contains(end.errors, "20 uploads in"));
}

TEST_CASE("verify: the progress line fits its terminal, in colours only if they are wanted") {
  fake_service_options options;
  options.latency = std::chrono::milliseconds(10);
  served remote(options);
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 60));
  const auto typed = remote.file("typed");
  const auto run = [&](const std::string& variable) {
    std::string line = "stty cols 30; exec";
    for (const auto& word :
         command({"verify", manifest, "--ca-file", remote.ca(), "--window", "1"}))
      line += " '" + word + "'";
    auto variables = remote.variables();
    variables.push_back("TERM=xterm");
    variables.push_back(variable);
    child_process child({"script", "-q", "-e", "-c", line, typed}, clean(variables));
    CHECK(child.wait() == 0);
    return read_file(typed);
  };
  const auto plain = run("NO_COLOR=1");
  std::size_t redrawn = 0;
  for (auto at = plain.find("\r"); at != plain.npos; at = plain.find('\r', at + 1)) {
    const auto end = plain.find("\x1b[K", at);
    if (end == plain.npos || plain.find('\n', at) < end) continue;
    ++redrawn;
    CHECK(end - at - 1 <= 29);
  }
  CHECK(redrawn > 2);
  CHECK(!contains(plain, "\x1b[3"));
  CHECK(contains(run("NO_COLOR="), "\x1b[32m"));
}

}  // namespace binarly::testing
