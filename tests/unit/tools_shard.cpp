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
                        {"SLURM_ARRAY_TASK_COUNT", "4"}};
  CHECK(parsed("auto", slurm) == "2/4");
  CHECK(parsed("auto/4", slurm) == "2/4");
  CHECK(parsed("auto/8", slurm) == "6/8");
  CHECK(refused("auto/5", "6 is not from 1 to 5", slurm));
  auto holes = slurm;
  holes["SLURM_ARRAY_TASK_MAX"] = "11";
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
}

}  // namespace binarly::tools
