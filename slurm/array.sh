#!/usr/bin/env bash
# Trains in a chain of jobs, for clusters whose time limit is shorter than the run and that let no job back into the queue:
#
#   sbatch [--array=1-N%1] [OPTION of sbatch…] slurm/array.sh --preset P --data DIR --out DIR [OPTION of kiln train…]
#
# The tasks of the array run one after the other (%1). Each trains until SLURM's warning before its time limit, saves and ends;
# the next one resumes. When the run is complete, or has failed by a mistake of the user's, the rest end at once with its status.
# All else is as in train.sh.
#SBATCH --job-name=kiln
#SBATCH --output=kiln-%A_%a.log
#SBATCH --open-mode=append
#SBATCH --array=1-10%1
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=2
#SBATCH --cpus-per-task=4
#SBATCH --mem-per-cpu=2G
#SBATCH --requeue
#SBATCH --signal=B:USR1@120
set -u

asked=""
trap 'asked=yes' TERM INT USR1 USR2 # until train.sh listens

described="$(scontrol show job "${SLURM_ARRAY_JOB_ID:-}_${SLURM_ARRAY_TASK_ID:-}" 2>/dev/null)"
if [ -z "${SLURM_ARRAY_JOB_ID:-}" ] || ! grep -q 'ArrayTaskThrottle=1\b' <<<"$described"; then
  echo "slurm/array.sh: expected a job array whose tasks run one after the other (sbatch --array=1-N%1), found another job" >&2
  exit 2
fi
if [ -z "${KILN_HOME:-}" ]; then
  submitted="$(sed -n 's/^ *Command=//p' <<<"$described")" # the script, and its arguments
  KILN_HOME="${submitted%%/slurm/array.sh*}"
fi
[ -r "$KILN_HOME/slurm/train.sh" ] || KILN_HOME="$SLURM_SUBMIT_DIR"
. "$KILN_HOME/slurm/train.sh"
