// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/shard.hpp"

#include "tools/exit_code.hpp"
#include "tools/text.hpp"

#include <boost/crc.hpp>

#include <charconv>
#include <optional>
#include <system_error>

namespace binarly::tools {

namespace {

constexpr std::uint64_t most_shards = 100'000;

[[noreturn]] void refuse(const std::string& why) {
  throw command_error(exit_code::usage, "--shard: " + why);
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::uint64_t variable(const environment& variables, const char* name) {
  const auto text = variables(name);
  if (!text) refuse(std::string("the environment has no ") + name);
  const auto value = number_in(*text);
  if (!value)
    refuse(std::string(name) + " is \"" + printable(*text, 40) + "\", which is no number");
  return *value;
}

/// Which one this is, from 1, and of how many, if that is told.
struct place {
  std::uint64_t number;
  std::optional<std::uint64_t> count;
};

place find_place(const environment& variables, std::optional<std::uint64_t> wanted) {
  if (variables("SLURM_ARRAY_TASK_ID")) {
    const auto id = variable(variables, "SLURM_ARRAY_TASK_ID");
    const auto first = variable(variables, "SLURM_ARRAY_TASK_MIN");
    const auto last = variable(variables, "SLURM_ARRAY_TASK_MAX");
    const auto count = variable(variables, "SLURM_ARRAY_TASK_COUNT");
    // Members that are submitted again are an array of their own.
    if (wanted && wanted != count) return {id, wanted};
    if (!wanted && count == 1 && id > 1) {
      refuse("this member of a Slurm array was submitted alone; give the number of all as auto/N");
    }
    // Steps are possible, lists with holes are not: their numbers do not say which one this is.
    const auto step = count > 1 ? (last - first) / (count - 1) : 1;
    if (id < first || id > last || step == 0 || last - first != step * (count - 1) ||
        (id - first) % step != 0) {
      refuse("the Slurm array is a list with holes; number it from 1 to N without any");
    }
    return {(id - first) / step + 1, count};
  }
  if (variables("AWS_BATCH_JOB_ARRAY_INDEX")) {
    std::optional<std::uint64_t> count;
    if (variables("AWS_BATCH_JOB_ARRAY_SIZE")) {
      count = variable(variables, "AWS_BATCH_JOB_ARRAY_SIZE");
    }
    return {variable(variables, "AWS_BATCH_JOB_ARRAY_INDEX") + 1, count};
  }
  if (variables("JOB_COMPLETION_INDEX")) {
    return {variable(variables, "JOB_COMPLETION_INDEX") + 1, std::nullopt};
  }
  if (variables("PARALLEL_SEQ")) return {variable(variables, "PARALLEL_SEQ"), std::nullopt};
  refuse(
      "auto finds no job array in the environment: neither SLURM_ARRAY_TASK_ID nor "
      "AWS_BATCH_JOB_ARRAY_INDEX, JOB_COMPLETION_INDEX or PARALLEL_SEQ is set");
}

}  // namespace

bool shard::takes(std::string_view image_id) const noexcept {
  if (count == 1) return true;
  boost::crc_32_type sum;
  sum.process_bytes(image_id.data(), image_id.size());
  return sum.checksum() % count == number - 1;
}

shard parse_shard(const std::string& text, const environment& variables) {
  if (text.empty()) return {};
  const auto slash = text.find('/');
  const auto before = text.substr(0, slash);
  std::optional<std::uint64_t> count;
  if (slash != std::string::npos) {
    count = number_in(std::string_view(text).substr(slash + 1));
    if (!count) refuse("\"" + printable(text, 40) + "\" is neither K/N, auto nor auto/N");
  }
  std::optional<std::uint64_t> number;
  if (before == "auto") {
    const auto found = find_place(variables, count);
    number = found.number;
    if (count && found.count && count != found.count) {
      refuse("the array has " + std::to_string(*found.count) + " members, not " +
             std::to_string(*count));
    }
    if (!count) count = found.count;
    if (!count) refuse("the job does not tell how many there are; give their number as auto/N");
  } else {
    number = number_in(before);
  }
  if (!number || !count) refuse("\"" + printable(text, 40) + "\" is neither K/N, auto nor auto/N");
  if (*count == 0 || *count > most_shards) refuse("there are from 1 to 100,000 shards");
  if (*number == 0 || *number > *count) {
    refuse(std::to_string(*number) + " is not from 1 to " + std::to_string(*count));
  }
  return {*number, *count};
}

}  // namespace binarly::tools
