#!/bin/sh
# Copyright (c) 2026 The binarly-images authors
# Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.
#
# Verifies a manifest in the shards of a Slurm array:
#
#   export BINARLY_API_URL=… BINARLY_AUTH_URL=… BINARLY_CLIENT_ID=… BINARLY_CLIENT_SECRET=…
#   sbatch --wait --array=1-8 slurm.sh uploads.csv results
#   binarly-images report results/*.jsonl --manifest uploads.csv --junit report.xml
#
# The members share nothing but the manifest. One that was preempted, killed or out of time goes on
# where it stopped when it is submitted again: what is final is not asked again. With the number of
# all, some go without the others:
#
#   sbatch --wait --array=3,5 slurm.sh uploads.csv results 8
#SBATCH --job-name=verify-uploads
#SBATCH --cpus-per-task=1
#SBATCH --mem=256M
#SBATCH --time=04:00:00
# Two minutes before the end, what is in flight may finish.
#SBATCH --signal=TERM@120
#SBATCH --requeue
#SBATCH --open-mode=append
set -eu

manifest=${1:?usage: sbatch --array=1-N slurm.sh MANIFEST RESULTS_FOLDER [N]}
results=${2:?usage: sbatch --array=1-N slurm.sh MANIFEST RESULTS_FOLDER [N]}
shard=auto${3:+/$3}
mkdir -p "$results"

# A step of its own, which is what the signal reaches. Uploads that are missing or differ (1) are
# for the report to tell: no failed job.
srun --ntasks=1 binarly-images verify "$manifest" --shard "$shard" \
  --results "$results/shard-$SLURM_ARRAY_TASK_ID.jsonl" --resume --durable || [ $? -eq 1 ]
