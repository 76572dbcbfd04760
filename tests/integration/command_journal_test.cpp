// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The journal as the users of `verify` and `report` have it.

#include "support/command.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace binarly::testing {
namespace {

const std::string header = "product_id,image_id,version\n";

/// Rows with a final verdict, each of which must stand in the journal once.
std::map<std::int64_t, std::string> final_verdicts(const std::string& journal) {
  std::string lines;
  std::istringstream in(journal);
  for (std::string line; std::getline(in, line);) {
    const bool unfinished =
        contains(line, "\"verdict\":\"failed\"") || contains(line, "\"verdict\":\"cancelled\"");
    if (!unfinished) lines += line + '\n';
  }
  return verdicts(lines);
}

}  // namespace

TEST_CASE("journal: results that are there are not written over unasked") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 20));
  const auto out = remote.file("out");
  CHECK(remote.verify(manifest, {"--results", out}).code == 0);
  const auto before = read_file(out);
  check_one_line(remote.verify(manifest, {"--results", out}), 2, "are there already; --resume");
  CHECK(read_file(out) == before);
  CHECK(remote.service().counters().requests == 20);
  CHECK(remote.verify(manifest, {"--results", out, "--overwrite"}).code == 0);
  CHECK(verdicts(read_file(out)).size() == 20);
  CHECK(remote.service().counters().requests == 40);
  check_one_line(remote.verify(manifest, {"--resume"}), 2, "--results");
}

TEST_CASE("journal: a resumed run looks up what failed or is absent, and nothing else") {
  served remote;
  auto& service = remote.service();
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 50));
  const auto out = remote.file("out");
  service.script(service.image_at(7).ref, {misbehaviour(fault::html_success)});
  CHECK(remote.verify(manifest, {"--results", out}).code == 3);
  CHECK(final_verdicts(read_file(out)).size() == 49);
  CHECK(remote.verify(manifest, {"--results", out, "--resume", "--durable"}).code == 0);
  CHECK(final_verdicts(read_file(out)).size() == 50);
  CHECK(service.counters().requests == 51);
  const auto other = remote.write("other.csv", header + remote.rows(1, 51));
  const auto before = read_file(out);
  check_one_line(remote.verify(other, {"--results", out, "--resume", "--quiet"}), 2,
                 "are of another manifest: row 1 has other contents");
  CHECK(read_file(out) == before);
}

TEST_CASE("journal: killed at any moment, a run is resumed to its end") {
  fake_service_options options;
  options.images = 4000;
  options.faults = {misbehaviour(fault::status_503, 0.05),
                    misbehaviour(fault::reset_in_body, 0.05)};
  served remote(options);
  auto& service = remote.service();
  // Every 100th upload is not what the manifest says, or is not there.
  std::string rows;
  for (std::uint64_t index = 0; index < options.images; ++index) {
    const auto image = service.image_at(index);
    rows += image.ref.product_id() + ',' +
            (index % 100 == 50 ? "absent" + std::to_string(index) : image.ref.image_id()) + ',' +
            image.version + (index % 100 == 99 ? "x\n" : "\n");
  }
  const auto manifest = remote.write("m.csv", header + rows);
  const auto out = remote.file("out");
  std::mt19937 random(20261125);  // NOLINT(*-msc51-cpp): the same moments each time
  const words arguments{"verify",    manifest,    "--results",  out, "--resume",
                        "--ca-file", remote.ca(), "--attempts", "20"};
  for (int kill = 0; kill < 5; ++kill) {
    child_process child(command(arguments), clean(remote.variables()));
    const auto until = service.counters().requests + 100 + random() % 700;
    wait_until([&] { return service.counters().requests >= until || !child.running(); });
    child.signal(SIGKILL);
    child.wait();
  }
  const auto end = run_command(arguments, remote.variables());
  CHECK(end.code == 1);
  const auto found = final_verdicts(read_file(out));
  REQUIRE(found.size() == options.images);
  for (const auto& [row, verdict] : found) {
    CHECK(verdict == (row % 100 == 0 ? "mismatched" : row % 100 == 51 ? "missing" : "verified"));
  }
}

TEST_CASE("journal: where the disk is full, what was written is good") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 1000));
  const auto out = remote.file("out");
  // A file's size has a limit, which is met in the middle of a line.
  const auto limited = "ulimit -f 64; exec \"$0\" \"$@\"";
  words arguments{"/bin/sh", "-c", limited};
  for (const auto& word :
       command({"verify", manifest, "--results", out, "--ca-file", remote.ca(), "--quiet"}))
    arguments.push_back(word);
  child_process child(arguments, clean(remote.variables()));
  CHECK(child.wait() == 3);
  CHECK(contains(child.errors(), "could not be written to their end: File too large"));
  CHECK(contains(child.errors(), "--resume"));
  CHECK(std::filesystem::file_size(out) > 30'000);
  CHECK(remote.verify(manifest, {"--results", out, "--resume"}).code == 0);
  CHECK(final_verdicts(read_file(out)).size() == 1000);
}

TEST_CASE("journal: a folder that takes no file, and a pipe that was closed") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 1000));
  // Even root makes no file there.
  check_one_line(remote.verify(manifest, {"--results", "/proc/binarly-images"}), 2,
                 "nothing was looked up");
  if (::geteuid() != 0) {
    std::filesystem::create_directory(remote.file("locked"));
    std::filesystem::permissions(remote.file("locked"), std::filesystem::perms::owner_read |
                                                            std::filesystem::perms::owner_exec);
    check_one_line(remote.verify(manifest, {"--results", remote.file("locked/out")}), 2,
                   "Permission denied");
  }
  const words arguments{"/bin/sh", "-c", "\"$0\" \"$@\" | true; exit 0"};
  words all = arguments;
  for (const auto& word :
       command({"verify", manifest, "--results", "-", "--ca-file", remote.ca(), "--quiet"}))
    all.push_back(word);
  child_process child(all, clean(remote.variables()));
  CHECK(child.wait() == 0);
  CHECK(contains(child.errors(), "on standard output could not be written to their end: Broken "));
}

TEST_CASE("journal: outputs are made of it, with a file of results and without") {
  served remote;
  auto& service = remote.service();
  service.script(service.image_at(3).ref, {misbehaviour(fault::forbidden)});
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 30));
  const auto end = remote.verify(manifest, {"--junit", remote.file("j.xml"), "--report",
                                            remote.file("r.html"), "--format", "csv", "--quiet"});
  CHECK(end.code == 1);
  CHECK(std::count(end.output.begin(), end.output.end(), '\n') == 31);
  CHECK(contains(end.output, ",forbidden,"));
  CHECK(contains(read_file(remote.file("j.xml")), "tests=\"30\""));
  CHECK(contains(read_file(remote.file("r.html")), "<!"));

  const auto out = remote.file("out");
  CHECK(remote.verify(manifest, {"--results", out, "--format", "json"}).code == 0);
  const auto again = run_command({"report", out, "--format", "json"});
  CHECK(again.code == 0);
  CHECK(contains(again.output, "\"verified\": 30"));

  check_one_line(remote.verify(manifest, {"--results", "-", "--format", "csv"}), 2, "--format");
  check_one_line(remote.verify(manifest, {"--results", "-", "--junit", remote.file("x")}), 2,
                 "--junit");
  check_one_line(remote.verify(manifest, {"--format", "xml"}), 2, "--format");
  const auto before = service.counters().requests;
  const auto unwritten =
      remote.verify(manifest, {"--report", remote.file("absent/r.html"), "--quiet"});
  check_one_line(unwritten, 2, "--report");
  CHECK(service.counters().requests == before);
}

TEST_CASE("journal: no output is written over another file of the run") {
  served remote;
  const auto text = header + remote.rows(0, 5);
  const auto manifest = remote.write("m.csv", text);
  const auto out = remote.file("out");
  check_one_line(remote.verify(manifest, {"--results", out, "--report", out}), 2,
                 "--report would overwrite --results");
  check_one_line(remote.verify(manifest, {"--junit", manifest}), 2,
                 "--junit would overwrite the manifest");
  check_one_line(remote.verify(manifest, {"--results", out, "--metrics", remote.file("./out")}), 2,
                 "--metrics would overwrite --results");
  CHECK(remote.service().counters().requests == 0);
  CHECK(remote.verify(manifest, {"--results", out}).code == 0);
  const auto before = read_file(out);
  check_one_line(run_command({"report", out, "--junit", out}), 2,
                 "--junit would overwrite the results");
  CHECK(read_file(out) == before);
  CHECK(read_file(manifest) == text);

  // A link stays one.
  std::filesystem::create_symlink("target.html", remote.file("link.html"));
  remote.write("target.html", "old");
  CHECK(remote.verify(manifest, {"--report", remote.file("link.html"), "--junit", "/dev/null"})
            .code == 0);
  CHECK(std::filesystem::is_symlink(remote.file("link.html")));
  CHECK(contains(read_file(remote.file("target.html")), "<!"));
}

TEST_CASE("journal: a pipe whose reader goes away ends the run") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 1000));
  const auto pipe = remote.file("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  child_process reader({"/bin/sh", "-c", "head -c 10 " + pipe});
  const auto end = remote.verify(manifest, {"--results", pipe, "--quiet"});
  check_one_line(end, 3, "Broken pipe");
  CHECK(reader.wait() == 0);
}

TEST_CASE("journal: what finished is written, though the manifest turns out to be another") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 7));
  const auto out = remote.file("out");
  CHECK(remote.verify(manifest, {"--results", out, "--shard", "1/1"}).code == 0);
  auto journal = read_file(out);
  // Only the last row's line is left.
  std::string last;
  std::istringstream in(journal);
  for (std::string line; std::getline(in, line);) {
    if (contains(line, "{\"row\":7,")) last = line + '\n';
  }
  remote.write("out", last);
  const auto other = remote.write("o.csv", header + remote.rows(0, 6) + remote.rows(8, 9));
  const auto end = remote.verify(other, {"--results", out, "--resume", "--window", "1"});
  CHECK(end.code == 2);
  CHECK(verdicts(read_file(out)).size() > 1);
}

TEST_CASE("journal: a damaged line is told, set aside, and its upload looked up again") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 20));
  const auto out = remote.file("out");
  CHECK(remote.verify(manifest, {"--results", out}).code == 0);
  const auto whole = read_file(out);
  // One line is torn and joined with the next, and one is garbage.
  std::istringstream in(whole);
  std::string damaged;
  std::string first;
  std::string second;
  int number = 0;
  for (std::string line; std::getline(in, line); ++number) {
    if (number == 4) damaged += first = line.substr(0, line.size() / 2);
    if (number == 9) damaged += (second = std::string(line.size(), '?')) + '\n';
    if (number != 4 && number != 9) damaged += line + '\n';
  }
  remote.write("out", damaged);
  const auto shown = run_command({"report", out});
  CHECK(shown.code == 3);
  CHECK(contains(shown.output, "18 uploads"));
  CHECK(contains(shown.errors, "out, line 5: not a line of results: "));
  CHECK(contains(shown.errors, "2 damaged lines passed over, and nothing was changed"));
  CHECK(read_file(out) == damaged);
  CHECK_FALSE(std::filesystem::exists(out + ".damaged"));

  const auto before = remote.service().counters().requests;
  const auto end = remote.verify(manifest, {"--results", out, "--resume", "--quiet"});
  CHECK(end.code == 0);
  CHECK(contains(end.errors, "out, line 5: not a line of results: "));
  CHECK(contains(end.errors, "2 damaged lines set aside in "));
  CHECK(remote.service().counters().requests == before + 2);
  CHECK(read_file(out + ".damaged") == first + '\n' + second + '\n');
  const auto again = run_command({"report", out, "--manifest", manifest});
  CHECK(again.code == 0);
  CHECK(again.errors.empty());
  CHECK(contains(again.output, "20 uploads"));
}

TEST_CASE("report: shards are merged, and rows without a result are named") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 60));
  words results;
  for (const std::string number : {"1", "2", "3"}) {
    results.push_back(remote.file("shard" + number));
    CHECK(remote.verify(manifest, {"--results", results.back(), "--shard", number + "/3"}).code ==
          0);
  }
  CHECK(remote.service().counters().requests == 60);
  const auto whole =
      run_command({"report", results[0], results[1], results[2], "--manifest", manifest});
  CHECK(whole.code == 0);
  CHECK(contains(whole.output, "60 uploads in"));
  const auto partial = run_command(
      {"report", results[0], results[2], "--manifest", manifest, "--junit", remote.file("j.xml")});
  CHECK(partial.code == 3);
  CHECK(contains(partial.errors, " rows of the manifest have no result: "));
  CHECK(!read_file(remote.file("j.xml")).empty());
  check_one_line(run_command({"report", results[0], results[0]}), 2, "has a final verdict already");
  check_one_line(run_command({"report", remote.file("absent")}), 2, "cannot be opened");
  check_one_line(run_command({"report", manifest}), 2, "line 1: not a line of results");
  const auto other = remote.write("other.csv", header + remote.rows(1, 61));
  check_one_line(run_command({"report", results[0], "--manifest", other, "--format", "csv"}), 2,
                 "of another manifest");
  const auto array = run_command({"verify", manifest, "--results", remote.file("auto"), "--ca-file",
                                  remote.ca(), "--shard", "auto/3"},
                                 [&] {
                                   auto set = remote.variables();
                                   set.push_back("JOB_COMPLETION_INDEX=1");
                                   return set;
                                 }());
  CHECK(array.code == 0);
  CHECK(verdicts(read_file(remote.file("auto"))) == verdicts(read_file(results[1])));
}

TEST_CASE("verify: uploads that are waited for, and checksums out of reports") {
  served remote;
  auto& service = remote.service();
  const auto image = service.image_at(0);
  service.script(image.ref, {misbehaviour(fault::not_found)});
  const auto file = remote.write("firmware", "abc");
  const auto manifest = remote.write(
      "m.csv", "product_id,image_id,sha256,md5,file\n" + image.ref.product_id() + ',' +
                   image.ref.image_id() + ',' + image.sha256 + ',' + image.md5 + ",\n" +
                   image.ref.product_id() + ',' + image.ref.image_id() + ",,," + file + '\n');
  const auto out = remote.file("out");
  const auto end = remote.verify(manifest, {"--results", out, "--wait", "1m", "--window", "1"});
  CHECK(end.code == 1);
  CHECK(verdicts(read_file(out)) ==
        std::map<std::int64_t, std::string>{{1, "verified"}, {2, "mismatched"}});
  CHECK(contains(read_file(out), R"("field":"sha256","expected":"ba7816bf)"));
  for (const std::string bad : {"x", "-1s", "8d", "200h"})
    check_one_line(remote.verify(manifest, {"--wait", bad}), 2, "--wait");
}

}  // namespace binarly::testing
