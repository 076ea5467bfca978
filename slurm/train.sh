#!/usr/bin/env bash
# Trains on a SLURM cluster, through preemptions, time limits and failures, until the run is complete:
#
#   sbatch [OPTION of sbatch…] slurm/train.sh --preset P --data DIR --out DIR [OPTION of kiln train…]
#
# Every line of #SBATCH below is a default: the same option given to sbatch replaces it. One rank per task, or, in a job with GPUs
# (--gres=gpu:N), one per GPU of each node; the folders must be on a file system that all nodes have.
#
#   SLURM's warning before the time limit or a preemption (--signal), or SIGTERM: the ranks finish their step, save and end,
#   and this script puts the job back into the queue, unless SLURM does so itself. It resumes where it stopped.
#   A rank that dies, or a node: the same, from the last checkpoint.
#   A mistake in the command or the data: the job ends with Kiln's status (1 or 2).   scancel: the job ends, after saving.
#   A task of a job array (array.sh) leaves it to the next one to go on.
#
# Variables, which sbatch passes on:
#   KILN_STARTER       kiln (one node: Kiln starts the ranks itself), srun (with PMIx) or mpirun; auto, the default: kiln on one
#                      node, on several srun if it has PMIx, else mpirun. srun and mpirun need ./kiln setup mpi.
#   KILN_RANKS_PER_NODE  how many ranks each node has; if not set, as many as it has GPUs, if the job has some and --backend is
#                      not another one than auto or cuda, else the job's tasks. They share the node's processors of the job.
#   KILN_MAX_REQUEUES  how often in a row the job may start again without a new checkpoint (5); 0: it never puts itself back
#   KILN_HOME          Kiln's folder, if it is not the one that the script was submitted from
#
# Logs: kiln-JOB.log has what this script and rank 0 say; DIR/slurm/JOB/start-N/ in the run's folder has what every rank said.
#SBATCH --job-name=kiln
#SBATCH --output=kiln-%j.log
#SBATCH --open-mode=append
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=2
#SBATCH --cpus-per-task=4
#SBATCH --mem-per-cpu=2G
#SBATCH --requeue
#SBATCH --signal=B:USR1@120
set -u

# Kiln's exit statuses (./kiln train --help).
complete=0 user_error=1 usage_error=2 stopped=75
by_usr1=$((128 + 10)) # the status of a process that signal 10 has ended

# Of an array's task in this form: the number of the last task's job is the whole array's too.
job="${SLURM_ARRAY_JOB_ID:-${SLURM_JOB_ID-}}${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}"
asked="${asked-}" # whether a signal has asked training to end; array.sh may have heard it
training=""       # the process that is waited for, once there is one
heard=""          # whether a signal came since this was last emptied
trap 'ask TERM' TERM
for signal in INT USR1 USR2; do
  trap "ask $signal" "$signal"
done

say() {
  echo "slurm/train.sh: $1"
}

fail() {
  say "$1" >&2
  exit "$usage_error"
}

# Asks SLURM, for half a minute if it does not answer: its controllers may just be changing.
patiently() {
  local attempt
  for attempt in 1 2 3 4 5; do
    "$@" 2>/dev/null && return
    sleep 6
  done
  "$@"
}

# RUNNING: nobody but this script ends the job. Else SLURM is ending it, and tells all of its processes so.
state() {
  squeue --noheader --jobs="$job" --format="%T %r"
}

ask() { # SIGNAL
  asked=yes
  heard=yes
  say "received SIG$1"
  # Of a signal by which SLURM ends the job the ranks have got their own, and another one would end them before they have saved.
  if [ "$1" != TERM ] || [[ "$(state 2>/dev/null)" = RUNNING* ]]; then
    pass_on
  fi
}

# USR1 is what srun and mpirun pass on to ranks. As long as these are not there it is lost, or ends them in disorder; but then
# there is nothing to save either, and SLURM clears away whatever may still be starting.
pass_on() {
  [ -n "$training" ] || return 0
  if has_begun; then
    kill -USR1 "$training" 2>/dev/null
  else
    kill -KILL "$training" 2>/dev/null && abandoned=yes
  fi
}

# Whether a rank has said anything or made a step since this start.
has_begun() {
  [ -n "$(find "$logs/ranks" -type f -size +0 -print -quit)" ] || [ "$out/metrics.jsonl" -nt "$logs/command" ]
}

# Runs a command in the background, so that this shell hears signals, to its end. Sets status.
attend() {
  local last told=""
  status="$stopped"
  abandoned=""
  [ -z "$asked" ] || return
  "$@" &
  training=$!
  [ -z "$asked" ] || pass_on # a signal that came while there was no $training to pass it on to
  while true; do
    heard=""
    wait "$training"
    last=$?
    [ "$last" = 127 ] && [ -n "$told" ] && break # it had ended just when a signal came, and bash tells a status once
    if [ "$last" -lt 0 ]; then # bash 5.2 has lost the status, at times, of what ends just when a signal comes
      status="$stopped" # the next start finds out
      break
    fi
    status="$last"
    told=yes
    [ -n "$heard" ] || break # the wait was not cut short
  done
  training=""
  if [ -n "$abandoned" ] || { [ -n "$asked" ] && [ "$status" = "$by_usr1" ]; }; then
    status="$stopped" # before the ranks could hear
  fi
}

# The value of one of the command's options, as --out DIR or --out=DIR.
option() {
  local name="$1" value=""
  shift
  while [ $# -gt 0 ]; do
    case "$1" in
      "$name") value="${2:-}" ;;
      "$name="*) value="${1#*=}" ;;
    esac
    shift
  done
  echo "$value"
}

newest_checkpoint() {
  cat "$out/checkpoints/latest" 2>/dev/null || ls "$out/checkpoints" 2>/dev/null | grep -E '^step-[0-9]+$' | sort -V | tail -n 1
}

# Counts starts since the newest checkpoint was made, whoever put the job back into the queue. Sets before and starts.
count_start() {
  local file="$job_folder/starts" noted=""
  before="$(newest_checkpoint)"
  starts=0
  [ -s "$file" ] && { read -r starts && read -r noted; } <"$file"
  [ "$noted" = "$before" ] || starts=0
  printf '%s\n%s\n' $((starts + 1)) "$before" >"$file.new" && mv "$file.new" "$file"
  [ "$starts" -le "$max_requeues" ] || [ "$max_requeues" = 0 ] && return
  say "ends after $((starts - 1)) restarts without a new checkpoint (KILN_MAX_REQUEUES=$max_requeues)"
  exit "$stopped"
}

# Sets per_node, the ranks of a node, to nothing if they are the job's tasks; ranks, all of them; cpus, processors of a rank.
count_ranks() { # OPTION of kiln train…
  local backend="$(option --backend "$@")" gpus="${SLURM_GPUS_ON_NODE:-0}" on_node="${SLURM_CPUS_ON_NODE:-1}"
  per_node="${KILN_RANKS_PER_NODE:-}"
  [ -z "$per_node" ] || [[ "$per_node" =~ ^[1-9][0-9]{0,5}$ ]] ||
    fail "KILN_RANKS_PER_NODE: expected a number from 1 on, found $per_node"
  if [ -z "$per_node" ] && [[ "$gpus" =~ ^[1-9][0-9]*$ ]]; then
    case "${backend:-auto}" in auto | cuda) per_node="$gpus" ;; esac
  fi
  ranks="$SLURM_NTASKS" cpus="${SLURM_CPUS_PER_TASK:-}"
  [ -n "$per_node" ] || return 0
  ranks=$((per_node * SLURM_JOB_NUM_NODES)) cpus=$((on_node / per_node))
  [ "$cpus" -ge 1 ] || fail "$per_node ranks on a node: expected as many processors (--cpus-per-task), found $on_node"
}

starter() {
  local wanted="${KILN_STARTER:-auto}" nodes="$SLURM_JOB_NUM_NODES"
  case "$wanted" in
    auto)
      if [ "$nodes" = 1 ]; then
        echo kiln
      elif srun --mpi=list 2>&1 | grep -q pmix; then
        echo srun
      else
        echo mpirun
      fi
      ;;
    kiln) if [ "$nodes" = 1 ]; then echo kiln; fi ;;
    srun | mpirun) echo "$wanted" ;;
  esac
}

# Runs the ranks; what they say goes into files of $logs/ranks, and what the first one says is shown.
start_ranks() {
  local first="$logs/ranks/$1.log" shown
  case "$1" in
    kiln) ;;
    srun) first="$logs/ranks/rank-0.log" ;;
    mpirun) first="$logs/ranks/1/rank.$(printf "%0${#ranks}d" 0)/stdout" ;;
  esac
  # Deaf to what ends the job: it ends with this shell, after the last line.
  (trap '' TERM INT USR1 USR2 && exec tail -n +1 -s 0.2 -F --pid=$$ "$first" 2>/dev/null) &
  shown=$!
  "start_by_$1"
  sleep 0.5 # what has been said last
  kill -KILL "$shown" 2>/dev/null
  wait "$shown" 2>/dev/null
}

start_by_kiln() {
  attend supervise
}

supervise() {
  exec "${train[@]}" --ranks "$ranks" >"$logs/ranks/kiln.log" 2>&1 </dev/null
}

# A rank that has ended ends no other one: those of Kiln notice by themselves, and one that is still saving must not be cut
# short. SLURM 22.05 and later do not pass --cpus-per-task on to srun.
start_by_srun() {
  attend srun --mpi=pmix --kill-on-bad-exit=0 --wait=60 --input=none --output="$logs/ranks/rank-%t.log" \
    ${per_node:+--nodes="$SLURM_JOB_NUM_NODES" --ntasks="$ranks" --ntasks-per-node="$per_node"} \
    ${cpus:+--cpus-per-task="$cpus"} "${train[@]}"
}

# mpirun answers SIGTERM, which SLURM sends to it too, by ending the ranks; so long it leaves them to save.
start_by_mpirun() {
  [ "$(id -u)" != 0 ] || export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  attend mpirun -np "$ranks" ${per_node:+--map-by "ppr:$per_node:node" --oversubscribe} --bind-to none \
    --mca odls_base_sigkill_timeout 60 --merge-stderr-to-stdout --output-filename "$logs/ranks:nocopy" "${train[@]}" </dev/null
}

is_preempted() {
  scontrol show job "$job" | grep -q 'PreemptTime=[0-9]'
}

requeue() {
  local used="$starts" answer
  [ "$(newest_checkpoint)" = "$before" ] || used=0
  if [ "$used" -ge "$max_requeues" ]; then
    say "ends after $used restarts without a new checkpoint (KILN_MAX_REQUEUES=$max_requeues)"
    exit "$status"
  fi
  trap '' TERM INT USR1 USR2 # SLURM ends this start of the job now
  if answer="$(patiently scontrol requeue "$job" 2>&1)"; then
    say "back in the queue"
  else
    say "cannot be put back into the queue: $answer"
  fi
  exit "$status"
}

# The rest of the chain ends with the same status.
end_chain() {
  [ -z "$chain" ] || echo "$1" >"$chain"
  exit "$1"
}

[ -n "$job" ] || fail "expected a job of SLURM, found none: sbatch slurm/train.sh …"
if [ -z "${KILN_HOME:-}" ]; then
  submitted="$(patiently scontrol show job "$job" | sed -n 's/^ *Command=//p')" # the script, and its arguments
  KILN_HOME="${submitted%%/slurm/train.sh*}"
fi
[ -x "$KILN_HOME/kiln" ] || KILN_HOME="$SLURM_SUBMIT_DIR"
[ -x "$KILN_HOME/kiln" ] || fail "KILN_HOME: expected Kiln's folder, found no kiln in $KILN_HOME"
: "${SLURM_NTASKS:=1}" "${SLURM_JOB_NUM_NODES:=1}"

out="$(option --out "$@")"
[ -n "$out" ] || fail "option --out: missing, expected the folder of the run"
max_requeues="${KILN_MAX_REQUEUES:-5}"
[[ "$max_requeues" =~ ^[0-9]{1,6}$ ]] || fail "KILN_MAX_REQUEUES: expected a number of restarts, found $max_requeues"
by="$(starter)"
[ -n "$by" ] || fail "KILN_STARTER: expected auto, srun or mpirun, or on one node kiln, found $KILN_STARTER on $SLURM_JOB_NUM_NODES"

count_ranks "$@"

job_folder="$out/slurm/$job"
logs="$job_folder/start-$((${SLURM_RESTART_COUNT:-0} + 1))"
chain=""
if [ -n "${SLURM_ARRAY_JOB_ID:-}" ]; then
  chain="$out/slurm/$SLURM_ARRAY_JOB_ID.end"
  if [ -s "$chain" ]; then
    say "nothing to do: the chain has ended with status $(cat "$chain")"
    exit "$(cat "$chain")"
  fi
fi
mkdir -p "$logs/ranks" || fail "option --out: $out: cannot be written"
echo "$*" >"$logs/command"
count_start

train=("$KILN_HOME/kiln" train "$@")
later_link=$((${SLURM_ARRAY_TASK_ID:-0} > ${SLURM_ARRAY_TASK_MIN:-0}))
if [ "${SLURM_RESTART_COUNT:-0}" -gt 0 ] || [ "$later_link" = 1 ]; then
  case " $* " in *" --resume "*) ;; *) train+=(--resume) ;; esac
fi

say "job $job, start $((${SLURM_RESTART_COUNT:-0} + 1)): $ranks ranks on ${SLURM_JOB_NODELIST:-one node} by $by, logs in $logs"
attend "$KILN_HOME/kiln" build # once, not by every rank
[ "$status" != 0 ] || start_ranks "$by"

[ "$status" != "$complete" ] || end_chain "$complete"
# What the other ranks had to say to the user; the first one's lines are above.
find "$logs/ranks" -type f -exec grep -hE '^kiln: rank [1-9]' {} + 2>/dev/null | sort -u | head -n 20
found="$(patiently state)"
case "$found" in
  RUNNING* | *TimeLimit*) ;; # the time limit came without a warning, or training took longer than that to save
  *)
    say "SLURM is ending the job; status $status"
    exit "$status"
    ;;
esac
case "$status" in
  "$user_error" | "$usage_error") end_chain "$status" ;;
  "$stopped") say "stopped, and can be resumed" ;;
  *) say "failed with status $status" ;;
esac
# In a chain one that was asked to end leaves it to the next one to go on; unless it was preempted, which takes no link away.
if [ -n "$chain" ] && { [ -n "$asked" ] || [ "$status" = "$stopped" ]; } && ! is_preempted; then
  say "the next job of the chain goes on"
  exit 0
fi
requeue
