// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_JOB_NUMBERING_HPP
#define BINARLY_TOOLS_JOB_NUMBERING_HPP

#include "tools/settings.hpp"

#include <cstdint>
#include <optional>

namespace binarly::tools {

/// Which member of its job this process is, from 1, and of how many, if that is told.
struct job_number {
  std::uint64_t number = 1;
  std::optional<std::uint64_t> count;
};

/// Reads it from the variables of the engine that runs the job:
///
/// | engine | number | count |
/// |---|---|---|
/// | Slurm's arrays | `SLURM_ARRAY_TASK_ID`, `_MIN`, `_MAX`, `_STEP` | `SLURM_ARRAY_TASK_COUNT` |
/// | Slurm's `srun` | `SLURM_PROCID`, from 0 | `SLURM_STEP_NUM_TASKS`, else `SLURM_NTASKS` |
/// | AWS Batch | `AWS_BATCH_JOB_ARRAY_INDEX`, from 0 | `AWS_BATCH_JOB_ARRAY_SIZE` |
/// | Google Batch | `BATCH_TASK_INDEX`, from 0 | `BATCH_TASK_COUNT` |
/// | Cloud Run | `CLOUD_RUN_TASK_INDEX`, from 0 | `CLOUD_RUN_TASK_COUNT` |
/// | GitLab | `CI_NODE_INDEX`, from 1 | `CI_NODE_TOTAL` |
/// | CircleCI | `CIRCLE_NODE_INDEX`, from 0 | `CIRCLE_NODE_TOTAL` |
/// | Buildkite | `BUILDKITE_PARALLEL_JOB`, from 0 | `BUILDKITE_PARALLEL_JOB_COUNT` |
/// | Grid Engine | `SGE_TASK_ID`, `SGE_TASK_FIRST`, `_LAST`, `_STEPSIZE` | from these |
/// | LSF | `LSB_JOBINDEX`, from 1 | `LSB_JOBINDEX_END` |
/// | PBS | `PBS_ARRAY_INDEX` or `PBS_ARRAYID`, from 1 | not told |
/// | Kubernetes | `JOB_COMPLETION_INDEX`, from 0 | not told |
/// | GNU parallel | `PARALLEL_SEQ`, from 1 | not told |
///
/// `wanted` is the count that the user gave. Where two engines number at once, and neither says
/// that there is but one, which of them counts is not guessed. Throws `command_error` with what is
/// wrong.
[[nodiscard]] job_number find_job_number(const environment& variables,
                                         std::optional<std::uint64_t> wanted);

}  // namespace binarly::tools

#endif
