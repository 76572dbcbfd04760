// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/job_numbering.hpp"

#include "tools/exit_code.hpp"
#include "tools/text.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <string>
#include <system_error>

namespace binarly::tools {

namespace {

using wanted_count = std::optional<std::uint64_t>;

/// What one engine says.
struct numbering {
  const char* variable = nullptr;  ///< the one that has the number
  job_number place;
  /// It says for certain that there is but one, which numbers nothing. Of a Slurm array of one that
  /// is not certain: the others may have been submitted before.
  bool trivial = false;
};

[[noreturn]] void refuse(const std::string& why) {
  throw command_error(exit_code::usage, "--shard: " + why);
}

std::uint64_t number_of(const char* name, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // One less than all, since one may be added.
  if (error != std::errc() || end != text.data() + text.size() ||
      value == std::numeric_limits<std::uint64_t>::max()) {
    refuse(std::string(name) + " is \"" + printable(text, 40) + "\", which is no number");
  }
  return value;
}

std::optional<std::uint64_t> optional_variable(const environment& variables, const char* name) {
  const auto text = variables(name);
  if (!text) return std::nullopt;
  return number_of(name, *text);
}

std::uint64_t variable(const environment& variables, const char* name) {
  const auto value = optional_variable(variables, name);
  if (!value) refuse(std::string("the environment has no ") + name);
  return *value;
}

/// The member `id` of an array that goes from `first` to `last` by steps; none where it cannot be.
std::optional<job_number> in_steps(std::uint64_t id, std::uint64_t first, std::uint64_t last,
                                   std::uint64_t step) {
  if (step == 0 || id < first || id > last || (id - first) % step != 0) return std::nullopt;
  return job_number{(id - first) / step + 1, (last - first) / step + 1};
}

numbering slurm_array(const environment& variables, wanted_count wanted) {
  constexpr const char* name = "SLURM_ARRAY_TASK_ID";
  const auto id = optional_variable(variables, name);
  if (!id) return {};
  const auto first = variable(variables, "SLURM_ARRAY_TASK_MIN");
  const auto last = variable(variables, "SLURM_ARRAY_TASK_MAX");
  const auto count = variable(variables, "SLURM_ARRAY_TASK_COUNT");
  // Members that are submitted again are an array of their own.
  if (wanted && wanted != count) return {name, {*id, wanted}};
  if (!wanted && count == 1 && *id > 1) {
    refuse("this member of a Slurm array was submitted alone; give the number of all as auto/N");
  }
  // Steps are possible, lists with holes are not: their numbers do not say which one this is. The
  // step is not taken from the others, since a list may look regular to some of its members.
  const auto step =
      count == 1 ? 1 : optional_variable(variables, "SLURM_ARRAY_TASK_STEP").value_or(1);
  const auto place = in_steps(*id, first, last, step);
  if (!place || place->count != count || (last - first) % step != 0) {
    refuse("the Slurm array is a list with holes; number it from 1 to N without any");
  }
  return {name, *place};
}

/// Tasks that `srun` started. In a batch script these variables are there, too, and say that it is
/// the first of all tasks, though nobody has started the others.
numbering slurm_step(const environment& variables, wanted_count /*wanted*/) {
  constexpr const char* name = "SLURM_PROCID";
  const auto id = optional_variable(variables, name);
  auto count = optional_variable(variables, "SLURM_STEP_NUM_TASKS");
  const bool in_step = count || variables("SLURM_STEP_ID");
  if (!count) count = optional_variable(variables, "SLURM_NTASKS");
  if (!id || !count) return {};
  if (!in_step && *id == 0 && *count > 1) {
    // A member of an array may have tasks in plenty for what else it does.
    if (variables("SLURM_ARRAY_TASK_ID")) return {};
    refuse("the job has " + std::to_string(*count) +
           " tasks (SLURM_NTASKS), but only its batch script is running; start the command with "
           "srun");
  }
  return {name, {*id + 1, count}, count == 1};
}

numbering grid_engine(const environment& variables, wanted_count /*wanted*/) {
  constexpr const char* name = "SGE_TASK_ID";
  const auto text = variables(name);
  // So in jobs that are no arrays.
  if (!text || *text == "undefined") return {};
  const auto id = number_of(name, *text);
  const auto place =
      in_steps(id, variable(variables, "SGE_TASK_FIRST"), variable(variables, "SGE_TASK_LAST"),
               optional_variable(variables, "SGE_TASK_STEPSIZE").value_or(1));
  if (!place) {
    refuse("SGE_TASK_ID is " + std::to_string(id) +
           ", which SGE_TASK_FIRST, SGE_TASK_LAST and SGE_TASK_STEPSIZE do not have");
  }
  return {name, *place};
}

numbering lsf(const environment& variables, wanted_count /*wanted*/) {
  constexpr const char* name = "LSB_JOBINDEX";
  const auto id = optional_variable(variables, name);
  // 0 in jobs that are no arrays.
  if (id.value_or(0) == 0) return {};
  if (optional_variable(variables, "LSB_JOBINDEX_STEP").value_or(1) > 1) {
    refuse("the LSF array has steps; number it from 1 to N without any");
  }
  auto count = optional_variable(variables, "LSB_JOBINDEX_END");
  if (count == 0U) count.reset();
  return {name, {*id, count}};
}

numbering gitlab(const environment& variables, wanted_count /*wanted*/) {
  constexpr const char* name = "CI_NODE_INDEX";
  const auto id = optional_variable(variables, name);
  const auto count = optional_variable(variables, "CI_NODE_TOTAL");
  // A job without `parallel` has the total alone.
  if (!id && count != 1U) return {};
  return {name, {id.value_or(1), count}, count == 1U};
}

/// Those that number from 0 or 1, and tell the count in a variable, or not at all.
struct plain_engine {
  const char* number;
  const char* count;
  std::uint64_t first;
  const char* other_number = nullptr;  ///< its name in other versions
};
constexpr std::array<plain_engine, 8> plain_engines{
    plain_engine{"AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", 0},
    plain_engine{"BATCH_TASK_INDEX", "BATCH_TASK_COUNT", 0},
    plain_engine{"CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_COUNT", 0},
    plain_engine{"CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0},
    plain_engine{"BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0},
    plain_engine{"PBS_ARRAY_INDEX", nullptr, 1, "PBS_ARRAYID"},
    plain_engine{"JOB_COMPLETION_INDEX", nullptr, 0},
    plain_engine{"PARALLEL_SEQ", nullptr, 1}};

numbering plain(const environment& variables, const plain_engine& engine) {
  const char* name = engine.number;
  if (engine.other_number != nullptr && !variables(name)) name = engine.other_number;
  const auto id = optional_variable(variables, name);
  if (!id) return {};
  std::optional<std::uint64_t> count;
  if (engine.count != nullptr) count = optional_variable(variables, engine.count);
  return {name, {*id + 1 - engine.first, count}, count == 1U};
}

/// Holds the one numbering that counts.
class choice {
 public:
  void add(const numbering& found) {
    if (found.variable == nullptr) return;
    if (found.trivial) {
      if (!only_) trivial_ = found.place;
      return;
    }
    if (only_) {
      refuse(std::string("both ") + only_->variable + " and " + found.variable +
             " are set; which of them to go by is not guessed: write --shard K/N");
    }
    only_ = found;
  }
  [[nodiscard]] std::optional<job_number> result() const { return only_ ? only_->place : trivial_; }

 private:
  std::optional<numbering> only_;
  std::optional<job_number> trivial_;
};

}  // namespace

job_number find_job_number(const environment& variables, std::optional<std::uint64_t> wanted) {
  choice found;
  for (const auto engine : {slurm_array, slurm_step, grid_engine, lsf, gitlab})
    found.add(engine(variables, wanted));
  for (const auto& engine : plain_engines)
    found.add(plain(variables, engine));
  if (const auto place = found.result()) return *place;
  refuse(
      "auto finds no job array in the environment, neither Slurm's (SLURM_ARRAY_TASK_ID, "
      "SLURM_PROCID), Grid Engine's, LSF's or PBS's nor AWS Batch's, Google Batch's, Cloud Run's, "
      "Kubernetes' (JOB_COMPLETION_INDEX), GitLab's, CircleCI's, Buildkite's or GNU parallel's; "
      "write --shard K/N");
}

}  // namespace binarly::tools
