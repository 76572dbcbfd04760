// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What the command writes beside its journal, where it goes, and what becomes of the rest when one
// of them fails.

#include "support/command.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>

namespace binarly::testing {
namespace {

const std::string header = "product_id,image_id,version\n";

/// Runs the command with its descriptors as the shell is told to.
command_end run_with(const std::string& descriptors, const words& arguments,
                     const words& variables = {}) {
  words all{"/bin/sh", "-c", "exec \"$@\" " + descriptors, "sh"};
  for (const auto& word : command(arguments))
    all.push_back(word);
  child_process child(all, clean(variables));
  command_end end;
  end.code = child.wait();
  end.output = child.output();
  end.errors = child.errors();
  return end;
}

}  // namespace

TEST_CASE("outputs: each is tried before the first lookup, and before old results are emptied") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 5));
  const auto out = remote.file("out");
  CHECK(remote.verify(manifest, {"--results", out}).code == 0);
  const auto before = read_file(out);
  const auto requests = remote.service().counters().requests;
  for (const std::string option : {"--junit", "--report", "--metrics"}) {
    for (const auto& path :
         {remote.file("absent/x"), remote.file(""), remote.ca() + "/x", std::string("/dev/fd/99"),
          std::string("/dev/stdin"), std::string("/proc/x")}) {
      check_one_line(remote.verify(manifest, {"--results", out, "--overwrite", option, path}), 2,
                     "nothing was begun; check " + option);
    }
  }
  for (const auto& path : {remote.file("absent/x"), remote.file(""), std::string("/dev/fd/99"),
                           std::string("/dev/stdin")}) {
    check_one_line(remote.verify(manifest, {"--results", path}), 2, "nothing was looked up");
  }
  CHECK(read_file(out) == before);
  CHECK(remote.service().counters().requests == requests);
  check_one_line(run_command({"report", out, "--junit", remote.file("absent/x")}), 2, "--junit");
  check_one_line(run_command({"serve", "--manifest-out", "/absent/m.csv"}), 2, "/absent/m.csv");
}

TEST_CASE("outputs: one that fails does not take the others along") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 5));
  const auto out = remote.file("out");
  const auto end = remote.verify(
      manifest, {"--results", out, "--junit", "/dev/full", "--report", remote.file("r.html"),
                 "--metrics", remote.file("m.prom"), "--format", "csv", "--quiet"});
  check_one_line({end.code, "", end.errors}, 3, "the JUnit report could not be written to /dev/f");
  CHECK(std::count(end.output.begin(), end.output.end(), '\n') == 6);
  CHECK(contains(read_file(remote.file("r.html")), "<!"));
  CHECK(contains(read_file(remote.file("m.prom")), "binarly_images_calls_total"));

  const auto all = run_with(">/dev/full", {"report", out, "--format", "csv", "--junit", "/dev/full",
                                           "--report", remote.file("r2.html")});
  CHECK(all.code == 3);
  CHECK(contains(all.errors, "the results could not be written to standard output: No space"));
  CHECK(contains(all.errors, "the JUnit report could not be written"));
  CHECK(contains(read_file(remote.file("r2.html")), "<!"));

  // The results themselves.
  const auto lost =
      remote.verify(manifest, {"--results", "/dev/full", "--metrics", remote.file("m2.prom")});
  CHECK(lost.code == 3);
  CHECK(contains(lost.errors, "the results in /dev/full could not be written to their end"));
  CHECK(contains(read_file(remote.file("m2.prom")), "binarly_images_calls_total"));

  const auto ref = remote.service().image_at(0).ref;
  const auto one = run_command(
      {"get", ref.product_id(), ref.image_id(), "--ca-file", remote.ca(), "--metrics", "/dev/full"},
      remote.variables());
  CHECK(one.code == 3);
  CHECK(contains(one.output, ref.image_id()));
  CHECK(contains(one.errors, "the metrics could not be written"));
}

TEST_CASE("outputs: - and /dev/stdout are standard output, for one of them") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 5));
  const auto junit = remote.verify(manifest, {"--junit", "-"});
  CHECK(junit.code == 0);
  CHECK(junit.output.starts_with("<?xml"));
  CHECK(contains(junit.errors, "5 uploads in"));
  const auto metrics = remote.verify(manifest, {"--metrics", "-", "--quiet"});
  CHECK(metrics.output.starts_with("# "));
  const auto ref = remote.service().image_at(0).ref;
  check_one_line(
      run_command({"get", ref.product_id(), ref.image_id(), "--metrics", "-"}, remote.variables()),
      2, "--metrics and the image both take standard output");
  check_one_line(remote.verify(manifest, {"--junit", "-", "--report", "-"}), 2, "both take");
  check_one_line(remote.verify(manifest, {"--junit", "/dev/stdout", "--format", "csv"}), 2,
                 "both take");
  check_one_line(run_command({"serve", "--ca-out", "-"}), 2, "both take");

  // It is written to, and not replaced by a file.
  words arguments{"/bin/sh", "-c", "echo before; \"$@\"; echo after", "sh"};
  for (const auto& word : command(
           {"verify", manifest, "--ca-file", remote.ca(), "--quiet", "--report", "/dev/stdout"}))
    arguments.push_back(word);
  child_process child(arguments, clean(remote.variables()));
  CHECK(child.wait() == 0);
  CHECK(child.output().starts_with("before\n<!"));
  CHECK(child.output().ends_with("\nafter\n"));

  const auto third = run_with(
      "3>" + remote.file("third"),
      {"verify", manifest, "--ca-file", remote.ca(), "--results", "/dev/fd/3"}, remote.variables());
  CHECK(third.code == 0);
  CHECK(verdicts(read_file(remote.file("third"))).size() == 5);
  check_one_line(remote.verify(manifest, {"--results", "/dev/fd/3", "--junit", "/dev/null"}), 2,
                 "are made from a file of results");
}

TEST_CASE("outputs: what standard output goes to is a file like others") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 5));
  const auto file = remote.file("file");
  for (const std::string option : {"--results", "--junit", "--report", "--metrics"}) {
    const auto end =
        run_with(">" + file, {"verify", manifest, "--ca-file", remote.ca(), option, file},
                 remote.variables());
    check_one_line(end, 2, option + " would overwrite the summary");
  }
  CHECK(remote.service().counters().requests == 0);
}

TEST_CASE("outputs: where standard output is closed, nothing is sent that would have no place") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 5));
  const auto out = remote.file("out");
  const auto ref = remote.service().image_at(0).ref;
  for (const words& arguments :
       {words{"get", ref.product_id(), ref.image_id()}, words{"hashes", ref.product_id(), "i"},
        words{"verify", manifest}, words{"verify", manifest, "--format", "csv", "--quiet"},
        words{"verify", manifest, "--check"}, words{"serve"}, words{"demo"}}) {
    CAPTURE(arguments.front());
    words all = arguments;
    const bool remote_one = all.front() != "serve" && all.front() != "demo";
    if (remote_one) all.insert(all.end(), {"--ca-file", remote.ca()});
    check_one_line(run_with(">&-", all, remote.variables()), 2, "standard output is closed");
  }
  CHECK(remote.service().counters().connections == 0);
  // Nothing else gets its number, nor that of standard error.
  const auto end = run_with("0<&- >&- 2>&-",
                            {"verify", manifest, "--ca-file", remote.ca(), "--results", out,
                             "--metrics", remote.file("m.prom"), "--quiet", "--verbose"},
                            remote.variables());
  CHECK(end.code == 0);
  CHECK(verdicts(read_file(out)).size() == 5);
  CHECK(read_file(remote.file("m.prom")).starts_with("# "));
  check_one_line(run_with(">&-", {"report", out}), 2, "standard output is closed");
  check_one_line(
      run_with("<&-", {"verify", "-", "--ca-file", remote.ca(), "--quiet"}, remote.variables()), 2,
      "standard input cannot be read");
  check_one_line(run_with("1<" + manifest, {"report", out}), 2, "open for reading alone");
}

TEST_CASE("outputs: a full standard output is told, whatever was to stand there") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 5));
  const auto out = remote.file("out");
  const auto ref = remote.service().image_at(0).ref;
  const auto full = [&](words arguments) {
    return run_with(">/dev/full", arguments, remote.variables());
  };
  check_one_line(full({"verify", manifest, "--results", out, "--ca-file", remote.ca()}), 3,
                 "the summary could not be written to standard output: No space left");
  CHECK(verdicts(read_file(out)).size() == 5);
  check_one_line(full({"verify", manifest, "--check"}), 3, "No space left");
  check_one_line(full({"get", ref.product_id(), ref.image_id(), "--ca-file", remote.ca()}), 3,
                 "the image could not be written to standard output: No space left");
  check_one_line(full({"report", out}), 3, "No space left");
  check_one_line(full({"report", out, "--format", "json"}), 3, "No space left");
  check_one_line(full({"serve"}), 3, "No space left");
  check_one_line(full({"--help"}), 3, "No space left");
  check_one_line(full({"--version"}), 3, "No space left");
}

TEST_CASE("outputs: a reader that goes away ends nothing that he does not read") {
  served remote;
  const auto manifest = remote.write("m.csv", header + remote.rows(0, 50));
  const auto run = [&](const std::string& script, words arguments) {
    words all{"/bin/sh", "-c", script, "sh"};
    for (const auto& word : command(arguments))
      all.push_back(word);
    child_process child(all, clean(remote.variables()));
    CHECK(child.wait() == 0);
    return child.output();
  };
  // Standard error's.
  const auto code = remote.file("code");
  run("{ \"$@\" 2>&1 >/dev/null; echo $? >" + code + "; } | true",
      {"verify", manifest, "--verbose", "--ca-file", remote.ca()});
  CHECK(read_file(code) == "0\n");
  const auto first = run("\"$@\" | head -1", {"verify", manifest, "--format", "csv", "--ca-file",
                                              remote.ca(), "--report", remote.file("r.html")});
  CHECK(std::count(first.begin(), first.end(), '\n') == 1);
  CHECK(contains(read_file(remote.file("r.html")), "<!"));
}

}  // namespace binarly::testing
