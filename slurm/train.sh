#!/usr/bin/env bash
# Trains on one node of a SLURM cluster: sbatch [--ntasks=N] slurm/train.sh --preset P --data DIR --out DIR
#
# The number of ranks is the job's --ntasks; each gets its share of the node's processors. SLURM's warning before the time limit
# (--signal) and preemption (SIGTERM) make Kiln finish the step, save and exit; a requeued job resumes where it stopped.
#SBATCH --job-name=kiln
#SBATCH --nodes=1
#SBATCH --ntasks=2
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:TERM@120
set -euo pipefail

home="${KILN_HOME:-$SLURM_SUBMIT_DIR}"
resume=()
[ "${SLURM_RESTART_COUNT:-0}" -gt 0 ] && resume=(--resume)

"$home/kiln" train --ranks "${SLURM_NTASKS:-1}" "${resume[@]}" "$@" &
training=$!
# The signal reaches this shell alone; training is told, and waited for until it has saved.
trap 'kill -TERM "$training"' TERM
while true; do
  wait "$training" && status=0 || status=$?
  kill -0 "$training" 2>/dev/null || exit "$status"
done
