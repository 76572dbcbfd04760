// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/exit_code.hpp"
#include "tools/shard.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace binarly::tools {

namespace {

using variables = std::map<std::string, std::string>;

/// `K/N`, or the error.
std::string parsed(const std::string& text, const variables& set = {}) {
  try {
    const auto found = parse_shard(text, [&set](const char* name) -> std::optional<std::string> {
      const auto at = set.find(name);
      if (at == set.end()) return std::nullopt;
      return at->second;
    });
    return std::to_string(found.number) + '/' + std::to_string(found.count);
  } catch (const command_error& error) {
    CHECK(error.code() == exit_code::usage);
    return error.what();
  }
}

bool refused(const std::string& text, const std::string& part, const variables& set = {}) {
  const auto got = parsed(text, set);
  CAPTURE(got);
  return got.starts_with("--shard: ") && got.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("shard: given by number") {
  CHECK(parsed("") == "1/1");
  CHECK(parsed("1/1") == "1/1");
  CHECK(parsed("7/8") == "7/8");
  CHECK(parsed("100000/100000") == "100000/100000");
  CHECK(refused("0/8", "0 is not from 1 to 8"));
  CHECK(refused("9/8", "9 is not from 1 to 8"));
  CHECK(refused("1/0", "from 1 to 100,000"));
  CHECK(refused("1/100001", "from 1 to 100,000"));
  for (const std::string bad : {"1", "x/2", "1/x", "1/2/3", "/2", "1/", "-1/2", " 1/2", "1/2 "}) {
    CAPTURE(bad);
    CHECK(refused(bad, "neither K/N, auto nor auto/N"));
  }
}

TEST_CASE("shard: as job arrays number their members") {
  const variables slurm{{"SLURM_ARRAY_TASK_ID", "6"},
                        {"SLURM_ARRAY_TASK_MIN", "4"},
                        {"SLURM_ARRAY_TASK_MAX", "10"},
                        {"SLURM_ARRAY_TASK_STEP", "2"},
                        {"SLURM_ARRAY_TASK_COUNT", "4"}};
  CHECK(parsed("auto", slurm) == "2/4");
  CHECK(parsed("auto/4", slurm) == "2/4");
  CHECK(parsed("auto/8", slurm) == "6/8");
  CHECK(refused("auto/5", "6 is not from 1 to 5", slurm));
  auto holes = slurm;
  holes["SLURM_ARRAY_TASK_MAX"] = "11";
  holes["SLURM_ARRAY_TASK_STEP"] = "1";
  CHECK(refused("auto", "a list with holes", holes));
  CHECK(parsed("auto/8", holes) == "6/8");
  auto single = slurm;
  single["SLURM_ARRAY_TASK_MIN"] = single["SLURM_ARRAY_TASK_MAX"] = "6";
  single["SLURM_ARRAY_TASK_COUNT"] = "1";
  CHECK(refused("auto", "was submitted alone", single));
  CHECK(parsed("auto/8", single) == "6/8");
  for (auto& [name, value] : single)
    value = "1";
  CHECK(parsed("auto", single) == "1/1");
  auto partial = slurm;
  partial.erase("SLURM_ARRAY_TASK_COUNT");
  CHECK(refused("auto", "no SLURM_ARRAY_TASK_COUNT", partial));
  auto none = slurm;
  none["SLURM_ARRAY_TASK_COUNT"] = "0";
  CHECK(refused("auto", "", none));

  const variables batch{{"AWS_BATCH_JOB_ARRAY_INDEX", "0"}, {"AWS_BATCH_JOB_ARRAY_SIZE", "5"}};
  CHECK(parsed("auto", batch) == "1/5");
  const variables kubernetes{{"JOB_COMPLETION_INDEX", "3"}};
  CHECK(refused("auto/4", "the array has 5 members, not 4", batch));
  CHECK(parsed("auto/4", kubernetes) == "4/4");
  CHECK(refused("auto", "auto/N", kubernetes));
  CHECK(refused("auto/3", "4 is not from 1 to 3", kubernetes));
  const variables parallel{{"PARALLEL_SEQ", "2"}};
  CHECK(parsed("auto/2", parallel) == "2/2");
  CHECK(refused("auto", "no job array", {}));
  CHECK(refused("auto/2", "which is no number", {{"PARALLEL_SEQ", "two\x1b"}}));
}

TEST_CASE("shard: a Slurm array with holes is refused by all of its members alike") {
  const auto member = [](const std::string& id, const std::string& step) {
    variables set{{"SLURM_ARRAY_TASK_ID", id},
                  {"SLURM_ARRAY_TASK_MIN", "1"},
                  {"SLURM_ARRAY_TASK_MAX", "7"},
                  {"SLURM_ARRAY_TASK_COUNT", "4"}};
    if (!step.empty()) set["SLURM_ARRAY_TASK_STEP"] = step;
    return set;
  };
  // 1,2,5,7: to three of them it might be 1-7:2.
  for (const std::string id : {"1", "2", "5", "7"}) {
    CHECK(refused("auto", "a list with holes", member(id, "1")));
    CHECK(refused("auto", "a list with holes", member(id, "")));
    CHECK(refused("auto/4", "a list with holes", member(id, "1")));
  }
  CHECK(parsed("auto", member("5", "2")) == "3/4");
  // 1-8:2, whose last is 7.
  auto short_of = member("7", "2");
  short_of["SLURM_ARRAY_TASK_MAX"] = "8";
  CHECK(refused("auto", "a list with holes", short_of));
  CHECK(refused("auto", "a list with holes", member("5", "0")));
}

TEST_CASE("shard: as each engine tells it") {
  struct row {
    const char* text;
    variables set;
    const char* expected;  ///< or a part of the refusal
  };
  const row rows[] = {
      {"auto", {{"SLURM_PROCID", "2"}, {"SLURM_NTASKS", "4"}, {"SLURM_STEP_ID", "0"}}, "3/4"},
      {"auto", {{"SLURM_PROCID", "2"}, {"SLURM_NTASKS", "4"}}, "3/4"},
      {"auto",
       {{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}, {"SLURM_STEP_NUM_TASKS", "2"}},
       "1/2"},
      {"auto", {{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}}, "start the command with srun"},
      {"auto", {{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "1"}}, "1/1"},
      {"auto", {{"SLURM_PROCID", "0"}}, "no job array"},
      {"auto", {{"CI_NODE_INDEX", "1"}, {"CI_NODE_TOTAL", "3"}}, "1/3"},
      {"auto", {{"CI_NODE_INDEX", "3"}, {"CI_NODE_TOTAL", "3"}}, "3/3"},
      {"auto", {{"CI_NODE_TOTAL", "1"}}, "1/1"},
      {"auto", {{"CI_NODE_TOTAL", "3"}}, "no job array"},
      {"auto", {{"CIRCLE_NODE_INDEX", "0"}, {"CIRCLE_NODE_TOTAL", "3"}}, "1/3"},
      {"auto", {{"CIRCLE_NODE_INDEX", "2"}, {"CIRCLE_NODE_TOTAL", "3"}}, "3/3"},
      {"auto", {{"BUILDKITE_PARALLEL_JOB", "0"}, {"BUILDKITE_PARALLEL_JOB_COUNT", "5"}}, "1/5"},
      {"auto", {{"CLOUD_RUN_TASK_INDEX", "9"}, {"CLOUD_RUN_TASK_COUNT", "10"}}, "10/10"},
      {"auto", {{"BATCH_TASK_INDEX", "1"}, {"BATCH_TASK_COUNT", "2"}}, "2/2"},
      {"auto",
       {{"SGE_TASK_ID", "7"},
        {"SGE_TASK_FIRST", "1"},
        {"SGE_TASK_LAST", "10"},
        {"SGE_TASK_STEPSIZE", "3"}},
       "3/4"},
      {"auto", {{"SGE_TASK_ID", "2"}, {"SGE_TASK_FIRST", "1"}, {"SGE_TASK_LAST", "2"}}, "2/2"},
      {"auto",
       {{"SGE_TASK_ID", "6"},
        {"SGE_TASK_FIRST", "1"},
        {"SGE_TASK_LAST", "10"},
        {"SGE_TASK_STEPSIZE", "3"}},
       "SGE_TASK_ID is 6, which"},
      {"auto",
       {{"SGE_TASK_ID", "undefined"},
        {"SGE_TASK_FIRST", "undefined"},
        {"SGE_TASK_LAST", "undefined"}},
       "no job array"},
      {"auto", {{"LSB_JOBINDEX", "4"}, {"LSB_JOBINDEX_END", "4"}}, "4/4"},
      {"auto", {{"LSB_JOBINDEX", "0"}, {"LSB_JOBINDEX_END", "0"}}, "no job array"},
      {"auto", {{"LSB_JOBINDEX", "4"}}, "give their number as auto/N"},
      {"auto",
       {{"LSB_JOBINDEX", "3"}, {"LSB_JOBINDEX_END", "5"}, {"LSB_JOBINDEX_STEP", "2"}},
       "has steps"},
      {"auto", {{"PBS_ARRAY_INDEX", "3"}}, "give their number as auto/N"},
      {"auto/4", {{"PBS_ARRAY_INDEX", "3"}}, "3/4"},
      {"auto/4", {{"PBS_ARRAYID", "3"}}, "3/4"},
      {"auto/4", {{"PBS_ARRAY_INDEX", "3"}, {"PBS_ARRAYID", "3"}}, "3/4"},
      {"auto/4", {{"PBS_ARRAYID", "0"}}, "0 is not from 1 to 4"},
      {"auto", {{"CIRCLE_NODE_INDEX", "-1"}, {"CIRCLE_NODE_TOTAL", "3"}}, "which is no number"},
      {"auto",
       {{"BATCH_TASK_INDEX", "18446744073709551615"}, {"BATCH_TASK_COUNT", "3"}},
       "which is no number"},
  };
  for (const auto& [text, set, expected] : rows) {
    CAPTURE(set.begin()->first);
    const auto got = parsed(text, set);
    CAPTURE(got);
    CHECK((got == expected || refused(text, expected, set)));
  }
}

TEST_CASE("shard: two numberings at once are refused, not guessed") {
  const variables array{{"SLURM_ARRAY_TASK_ID", "1"},
                        {"SLURM_ARRAY_TASK_MIN", "1"},
                        {"SLURM_ARRAY_TASK_MAX", "3"},
                        {"SLURM_ARRAY_TASK_STEP", "1"},
                        {"SLURM_ARRAY_TASK_COUNT", "3"}};
  const auto with = [&array](const variables& more) {
    variables all = array;
    all.insert(more.begin(), more.end());
    return all;
  };
  const auto step = with({{"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "2"}});
  CHECK(refused("auto", "both SLURM_ARRAY_TASK_ID and SLURM_PROCID are set", step));
  CHECK(refused("auto", "write --shard K/N", step));
  CHECK(refused("auto/3", "both SLURM_ARRAY_TASK_ID and SLURM_PROCID are set", step));
  CHECK(refused("auto", "both SLURM_ARRAY_TASK_ID and CI_NODE_INDEX",
                with({{"CI_NODE_INDEX", "1"}, {"CI_NODE_TOTAL", "2"}})));
  CHECK(refused("auto/4", "both CI_NODE_INDEX and JOB_COMPLETION_INDEX",
                {{"CI_NODE_INDEX", "1"}, {"CI_NODE_TOTAL", "4"}, {"JOB_COMPLETION_INDEX", "1"}}));
  CHECK(refused("auto/4", "both SLURM_ARRAY_TASK_ID and PARALLEL_SEQ",
                with({{"PARALLEL_SEQ", "1"}})));
  // Who says that there is but one numbers nothing.
  CHECK(parsed("auto", with({{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "1"}})) == "1/3");
  CHECK(parsed("auto", with({{"CIRCLE_NODE_INDEX", "0"}, {"CIRCLE_NODE_TOTAL", "1"}})) == "1/3");
  CHECK(parsed("auto", with({{"CI_NODE_TOTAL", "1"}})) == "1/3");
  // Nor does a batch script that has tasks in plenty and has not started them.
  CHECK(parsed("auto", with({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}})) == "1/3");
  // An array of one may be what is left of a larger one.
  variables one = with({{"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "2"}});
  one["SLURM_ARRAY_TASK_MAX"] = one["SLURM_ARRAY_TASK_COUNT"] = "1";
  CHECK(refused("auto", "both SLURM_ARRAY_TASK_ID and SLURM_PROCID are set", one));
}

TEST_CASE("shard: each id falls to one, always the same, and to all alike") {
  constexpr std::uint64_t shards = 7;
  std::map<std::uint64_t, int> sizes;
  for (int each = 0; each < 7000; ++each) {
    const std::string id = "01HMK50680" + std::to_string(100'000 + each) + "DWDFG9XAVJ";
    int takers = 0;
    for (std::uint64_t number = 1; number <= shards; ++number) {
      if (!shard{number, shards}.takes(id)) continue;
      ++takers;
      ++sizes[number];
    }
    CHECK(takers == 1);
    CHECK(shard{}.takes(id));
  }
  for (const auto& [number, size] : sizes) {
    CHECK(size > 850);
    CHECK(size < 1150);
  }
  // What one machine says another must say, and next year's version, too.
  CHECK(shard{3, 3}.takes("01HMK506805D233WDFG9XAVJCP"));
  // A full name is its id's.
  CHECK(shard{3, 3}.takes("products/p/images/01HMK506805D233WDFG9XAVJCP"));
}

TEST_CASE("shard: an image falls to the same one by its id and by its name") {
  constexpr std::uint64_t shards = 11;
  for (const std::string id : {"01HMK506805D233WDFG9XAVJCP", "img_abc123", "a"}) {
    for (std::uint64_t number = 1; number <= shards; ++number) {
      const bool taken = shard{number, shards}.takes(id);
      CHECK(shard{number, shards}.takes("products/P/images/" + id) == taken);
      CHECK(shard{number, shards}.takes("/products/Q/images/" + id) == taken);
    }
  }
}

}  // namespace binarly::tools
