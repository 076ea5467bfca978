#!/usr/bin/env bash
# Trains on a SLURM cluster: sbatch [--nodes=N] [--ntasks=N] slurm/train.sh --preset P --data DIR --out DIR
#
# The number of ranks is the job's --ntasks; each gets its share of its node's processors. On one node Kiln starts them
# itself; on several, srun does if it has PMIx, else mpirun, and Open MPI joins them (./kiln setup mpi). The folders must be on
# a file system that all nodes have. SLURM's warning before the time limit (--signal) and preemption (SIGTERM) make Kiln finish
# the step, save and exit; a requeued job resumes where it stopped.
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
train=("$home/kiln" train "${resume[@]}" "$@")

if [ "${SLURM_JOB_NUM_NODES:-1}" = 1 ]; then
  stop=TERM
  "${train[@]}" --ranks "${SLURM_NTASKS:-1}" &
else
  stop=USR1 # what srun and mpirun pass on to ranks
  "$home/kiln" build # once, not by all ranks
  if srun --mpi=list 2>&1 | grep -q pmix; then
    srun --mpi=pmix --kill-on-bad-exit=1 "${train[@]}" &
  else
    mpirun -np "$SLURM_NTASKS" "${train[@]}" &
  fi
fi
training=$!
# The signal reaches this shell alone; training is told, and waited for until it has saved.
trap 'kill -"$stop" "$training"' TERM
while true; do
  wait "$training" && status=0 || status=$?
  kill -0 "$training" 2>/dev/null || exit "$status"
done
