#!/usr/bin/env bash
# Copyright (c) 2026 The binarly-images authors
# Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.
#
# fleet.sh COMMAND SHARDS UPLOADS: verifies in shards, with GNU parallel and with a Slurm of one
# node, and merges what they found.
set -euo pipefail
command=$(realpath "$1") shards=$2 uploads=$3
PATH=$PATH:/usr/sbin
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
# shellcheck source=tests/soak/service.sh
. "$here/service.sh"
serve "$uploads" 503=0.05,reset_in_body=0.03
pids=()
# shellcheck disable=SC2317  # the trap runs it
finish() {
  kill "$service" "${pids[@]}" 2> /dev/null || true
  wait 2> /dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

# SSL_CERT_FILE would do as well, but this is what a user of a private authority has.
verify=("$command" verify "$folder/uploads.csv" --ca-file "$folder/ca.pem" --resume --quiet --attempts 20)

echo 'fleet: GNU parallel'
mkdir "$folder/parallel"
# A shard whose uploads have problems ends with 1, which is no failed job.
seq "$shards" | parallel --will-cite --halt soon,fail=1 -j "$shards" \
  "${verify[*]} --shard auto/$shards --results $folder/parallel/{#}.jsonl 2> $folder/parallel/{#}.log" \
  '|| [ $? -eq 1 ]'
check "$folder"/parallel/*.jsonl
echo "fleet: $shards shards by GNU parallel, every verdict is right"

# One node, this machine, in one folder and on free ports; it touches no Slurm that is here already.
start_slurm() {
  local node key
  node=$(hostname -s)
  key=$folder/munge.key
  (umask 077 && head -c 1024 /dev/urandom > "$key")
  munged --foreground --key-file="$key" --socket="$folder/munge.sock" --force \
    --pid-file="$folder/munge.pid" --log-file="$folder/munge.log" --seed-file="$folder/munge.seed" \
    > /dev/null 2>&1 &
  pids+=($!)
  cat > "$folder/slurm.conf" << CONF
ClusterName=soak
SlurmctldHost=$node(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$folder/munge.sock
CryptoType=crypto/munge
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
SlurmctldPort=$((20000 + RANDOM % 10000))
SlurmdPort=$((30000 + RANDOM % 2000))
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$(awk "/^MemTotal/ { print int(\$2 / 1200) }" /proc/meminfo) State=UNKNOWN
PartitionName=all Nodes=$node Default=YES MaxTime=INFINITE OverSubscribe=FORCE:$shards State=UP
CONF
  mkdir "$folder/state" "$folder/spool"
  export SLURM_CONF=$folder/slurm.conf
  for _ in $(seq 100); do [ -S "$folder/munge.sock" ] && break; sleep 0.1; done
  slurmctld -D > /dev/null 2>&1 &
  pids+=($!)
  slurmd -D > /dev/null 2>&1 &
  pids+=($!)
  for _ in $(seq 300); do
    sinfo -h -o %T 2> /dev/null | grep -q idle && return 0
    sleep 0.1
  done
  return 1
}

if ! start_slurm; then
  echo "fleet: Slurm cannot be started here:"
  tail -n 3 "$folder"/munge.log "$folder"/slurm*.log 2> /dev/null || true
  exit 0
fi
mkdir "$folder/bin"
# The script of the example, as it is; only the authority of the fake service is no system's.
cat > "$folder/bin/binarly-images" << WRAP
#!/bin/sh
exec "$command" "\$@" --ca-file "$folder/ca.pem" --attempts 20 --quiet
WRAP
chmod +x "$folder/bin/binarly-images"
(cd "$folder" && PATH=$folder/bin:$PATH sbatch --wait --quiet --array="1-$shards" \
  "$here/../../examples/fleet/slurm.sh" "$folder/uploads.csv" "$folder/slurm") ||
  { cat "$folder"/slurm-*.out >&2; exit 1; }
check "$folder"/slurm/*.jsonl
echo "fleet: $shards shards by Slurm, every verdict is right"
