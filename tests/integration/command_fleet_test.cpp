// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The examples for job arrays do what they say, each in the environment that its engine makes.

#include "support/command.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>

namespace binarly::testing {
namespace {

std::string example(const std::string& name) {
  const char* const source = std::getenv("BINARLY_IMAGES_SOURCE");
  REQUIRE(source != nullptr);
  return read_file(std::filesystem::path(source) / "examples" / "fleet" / name);
}

/// The text of the block that begins after the line `- |`, without its indentation.
std::string script_in(const std::string& yaml) {
  std::istringstream in(yaml);
  std::string script;
  std::size_t indent = 0;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find_first_not_of(' ');
    if (!inside) {
      inside = line.find("- |") != line.npos;
      continue;
    }
    if (indent == 0) indent = first;
    if (first != line.npos && first < indent) break;
    script += line.substr(std::min(indent, line.size())) + '\n';
  }
  return script;
}

struct fleet {
  fleet() {
    manifest =
        remote.write("m.csv", "product_id,image_id,version\n" + remote.rows(0, 90) +
                                  remote.service().image_at(0).ref.product_id() + ",absent,1\n");
    std::filesystem::create_directory(remote.file("bin"));
    std::filesystem::create_directory(remote.file("results"));
    program("binarly-images",
            "exec \"" + command({})[0] + "\" \"$@\" --ca-file \"" + remote.ca() + "\"");
    // As srun does, but for the engine behind it.
    program("srun", "shift; exec \"$@\"");
  }

  void program(const std::string& name, const std::string& text) const {
    const auto path = remote.write("bin/" + name, "#!/bin/sh\n" + text + '\n');
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }
  [[nodiscard]] words variables(const words& more) const {
    words all = remote.variables();
    all.push_back("PATH=" + remote.file("bin") + ':' + std::getenv("PATH"));
    all.insert(all.end(), more.begin(), more.end());
    return clean(all);
  }
  [[nodiscard]] std::size_t verified(int shards, int first) const {
    std::map<std::int64_t, std::string> all;
    for (int number = first; number < first + shards; ++number) {
      const auto found =
          verdicts(read_file(remote.file("results/shard-" + std::to_string(number) + ".jsonl")));
      all.insert(found.begin(), found.end());
    }
    return all.size();
  }

  served remote;
  std::string manifest;
};

}  // namespace

TEST_CASE("fleet: the Kubernetes job verifies every upload, shard by shard") {
  const fleet world;
  const auto script = script_in(example("kubernetes-job.yaml"));
  CAPTURE(script);
  for (int index = 0; index < 8; ++index) {
    child_process pod(
        {"/bin/sh", "-c", script},
        world.variables({"JOB_COMPLETION_INDEX=" + std::to_string(index),
                         "MANIFEST=" + world.manifest, "RESULTS=" + world.remote.file("results")}));
    CHECK(pod.wait() == 0);
  }
  CHECK(world.verified(8, 0) == 91);
  child_process broken({"/bin/sh", "-c", script},
                       world.variables({"JOB_COMPLETION_INDEX=9", "MANIFEST=" + world.manifest,
                                        "RESULTS=" + world.remote.file("results")}));
  CHECK(broken.wait() == 2);
}

TEST_CASE("fleet: a pod that is told to end finishes what is in flight") {
  fleet world;
  misbehaviour slow(fault::delay);
  slow.duration = std::chrono::milliseconds(500);
  auto& service = world.remote.service();
  for (std::uint64_t index = 0; index < 90; ++index)
    service.script(service.image_at(index).ref, {slow});
  child_process pod({"/bin/sh", "-c", script_in(example("kubernetes-job.yaml"))},
                    world.variables({"JOB_COMPLETION_INDEX=1", "MANIFEST=" + world.manifest,
                                     "RESULTS=" + world.remote.file("results")}));
  wait_until([&] { return service.counters().requests > 0; });
  pod.signal(SIGTERM);
  CHECK(pod.wait() == 4);
  const auto found = verdicts(read_file(world.remote.file("results/shard-1.jsonl")));
  CHECK(found.size() > 0);
  for (const auto& [row, verdict] : found)
    CHECK(verdict == "verified");
}

TEST_CASE("fleet: the Slurm script verifies every upload, member by member") {
  const fleet world;
  const auto script = world.remote.write("slurm.sh", example("slurm.sh"));
  // The second is submitted alone.
  for (const std::string id : {"1", "2", "3"}) {
    const bool alone = id == "2";
    child_process member(
        {"/bin/sh", script, world.manifest, world.remote.file("results"), alone ? "3" : ""},
        world.variables({"SLURM_ARRAY_TASK_ID=" + id, "SLURM_ARRAY_TASK_MIN=" + (alone ? id : "1"),
                         "SLURM_ARRAY_TASK_MAX=" + (alone ? id : "3"),
                         std::string("SLURM_ARRAY_TASK_COUNT=") + (alone ? "1" : "3")}));
    CHECK(member.wait() == 0);
  }
  CHECK(world.verified(3, 1) == 91);
}

TEST_CASE("fleet: GitLab's parallel jobs verify every upload, job by job") {
  const fleet world;
  const auto script = script_in(example("gitlab-ci.yml"));
  CAPTURE(script);
  for (int index = 1; index <= 4; ++index) {
    child_process job(
        {"/bin/sh", "-c", script},
        world.variables({"CI_NODE_INDEX=" + std::to_string(index), "CI_NODE_TOTAL=4",
                         "MANIFEST=" + world.manifest, "RESULTS=" + world.remote.file("results")}));
    CHECK(job.wait() == 0);
  }
  CHECK(world.verified(4, 1) == 91);
}

TEST_CASE("fleet: within two numberings a run is refused, and says what to write") {
  const fleet world;
  const auto end =
      run_command({"verify", world.manifest, "--shard", "auto", "--ca-file", world.remote.ca()},
                  world.variables({"CI_NODE_INDEX=1", "CI_NODE_TOTAL=4", "SLURM_PROCID=1",
                                   "SLURM_STEP_NUM_TASKS=2"}));
  check_one_line(end, 2, "both SLURM_PROCID and CI_NODE_INDEX are set");
  CHECK(contains(end.errors, "--shard K/N"));
}

}  // namespace binarly::testing
