// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What signals make of a run, and of the terminal that it belongs to.

#include "support/command.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace binarly::testing {
namespace {

const std::string header = "product_id,image_id,version\n";

/// A run over a manifest that has no end, with one lookup at a time, of which the second is slow.
struct endless_run {
  endless_run(served& remote, const misbehaviour& second, words before = {})
      : writer(open_pipe(remote)) {
    auto& service = remote.service();
    service.script(service.image_at(1).ref, {second});
    writer << header << remote.rows(0, 3) << std::flush;
    for (const auto& word : command({"verify", remote.file("pipe"), "--results", remote.file("out"),
                                     "--ca-file", remote.ca(), "--window", "1"}))
      before.push_back(word);
    child.emplace(before, clean(remote.variables()));
    // With a window of one, the second request says that the first upload is done.
    wait_until([&] { return service.counters().requests == 2; });
  }

  std::fstream writer;
  std::optional<child_process> child;

 private:
  /// Opened for both, a pipe neither blocks nor ends.
  static std::fstream open_pipe(const served& remote) {
    const auto pipe = remote.file("pipe");
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    return std::fstream(pipe, std::ios::in | std::ios::out);
  }
};

}  // namespace

TEST_CASE("signals: the first finishes what is in flight") {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    CAPTURE(number);
    served remote;
    misbehaviour slow(fault::delay);
    slow.duration = std::chrono::milliseconds(300);
    endless_run run(remote, slow);
    run.child->signal(number);
    CHECK(run.child->wait() == 4);
    CHECK(verdicts(read_file(remote.file("out"))) ==
          std::map<std::int64_t, std::string>{{1, "verified"}, {2, "verified"}});
    CHECK(contains(run.child->output(), "2 uploads in"));
    CHECK(contains(run.child->errors(), "stopped by a signal"));
    CHECK(contains(run.child->errors(), "--resume"));
  }
}

TEST_CASE("signals: the second cancels at once, and the journal can be resumed") {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    CAPTURE(number);
    served remote;
    endless_run run(remote, misbehaviour(fault::hang));
    run.child->signal(number);
    // Until it has been heard, the second one would be the first.
    wait_until([&] { return contains(run.child->errors(), "finishing what is in flight"); });
    // A SIGHUP that follows at once belongs to the first.
    wait_until([&] {
      run.child->signal(number);
      return number != SIGHUP || !run.child->running();
    });
    CHECK(run.child->wait() == 128 + number);
    CHECK(verdicts(read_file(remote.file("out"))) ==
          std::map<std::int64_t, std::string>{{1, "verified"}, {2, "cancelled"}});
    CHECK(contains(run.child->output(), "2 uploads in"));

    const auto manifest = remote.write("m.csv", header + remote.rows(0, 3));
    const auto end = remote.verify(manifest, {"--results", remote.file("out"), "--resume"});
    CHECK(end.code == 0);
    CHECK(contains(end.output, "3 uploads, 1 of them had their verdict before; 2 uploads in"));
  }
}

TEST_CASE("signals: one wakes a run that waits for its manifest") {
  served remote;
  const auto pipe = remote.file("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::fstream writer(pipe, std::ios::in | std::ios::out);
  writer << header << remote.rows(0, 1) << std::flush;
  child_process child(command({"verify", pipe, "--ca-file", remote.ca()}),
                      clean(remote.variables()));
  wait_until([&] { return remote.service().counters().requests == 1; });
  child.signal(SIGTERM);
  CHECK(child.wait() == 4);
  CHECK(contains(child.output(), "1 upload in"));
}

TEST_CASE("signals: a terminal that goes away says so more than once") {
  served remote;
  misbehaviour slow(fault::delay);
  slow.duration = std::chrono::milliseconds(300);
  endless_run run(remote, slow);
  for (int times = 0; times < 3; ++times)
    run.child->signal(SIGHUP);
  CHECK(run.child->wait() == 4);
  CHECK(verdicts(read_file(remote.file("out"))) ==
        std::map<std::int64_t, std::string>{{1, "verified"}, {2, "verified"}});
}

TEST_CASE("signals: under nohup, SIGHUP is not heard") {
  served remote;
  misbehaviour slow(fault::delay);
  slow.duration = std::chrono::milliseconds(300);
  endless_run run(remote, slow, {"nohup"});
  run.child->signal(SIGHUP);
  run.child->signal(SIGTERM);
  // Otherwise the second one would be the second.
  CHECK(run.child->wait() == 4);
}

TEST_CASE("signals: after a hangup, messages go to a terminal that is gone") {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(terminal >= 0);
  REQUIRE(::grantpt(terminal) == 0);
  REQUIRE(::unlockpt(terminal) == 0);
  served remote;
  misbehaviour slow(fault::delay);
  slow.duration = std::chrono::milliseconds(300);
  endless_run run(remote, slow,
                  {"/bin/sh", "-c", "exec \"$@\" 2>" + std::string(::ptsname(terminal)), "sh"});
  ::close(terminal);
  run.child->signal(SIGHUP);
  CHECK(run.child->wait() == 4);
  CHECK(verdicts(read_file(remote.file("out"))).size() == 2);
  CHECK(contains(run.child->output(), "2 uploads in"));
}

TEST_CASE("signals: serve ends with SIGHUP, too") {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    child_process serve(command({"serve", "--images", "1"}), clean());
    wait_until([&] { return contains(serve.errors(), "listening"); });
    serve.signal(number);
    CHECK(serve.wait() == 0);
  }
}

}  // namespace binarly::testing
