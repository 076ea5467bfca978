#!/usr/bin/env bash
# A real SLURM cluster on this one machine, to try batch scripts on, and for the tests.
#
#   slurm/local-cluster.sh check                 whether this machine and user can; says what is missing if not (status 3)
#   slurm/local-cluster.sh up [NODES] [CPUS]     2 nodes of 8 processors if not given: n1, n2 …; installs SLURM if it is missing
#   eval "$(slurm/local-cluster.sh env)"         what a shell needs for sbatch, squeue and scancel to find it
#   slurm/local-cluster.sh kill NODE             ends a node with all that runs on it at once, as if its power were cut
#   slurm/local-cluster.sh start NODE            brings it back
#   slurm/local-cluster.sh down                  ends the cluster and all its jobs, and removes its files
#
# munged, slurmctld and one slurmd per node, from Debian's packages, as root, without systemd. Processors and memory of the nodes
# are claims: they share this machine's. Partition low is the default; a job of partition high takes a job of low its nodes,
# which is warned 10 seconds before. State in $KILN_SLURM (default: kiln-slurm in the temporary folder); two clusters with
# different folders do not meet. What a node has of its own, and why, is in start_node.
set -euo pipefail

state="${KILN_SLURM:-${TMPDIR:-/tmp}/kiln-slurm}"
export SLURM_CONF="$state/slurm.conf"
packages=(slurmctld slurmd slurm-client munge libpmix-dev)

fail() {
  echo "slurm/local-cluster.sh: $1" >&2
  exit "${2:-1}"
}

# SLURM's plugin for PMIx opens the unversioned libpmix.so, which only the development package has.
is_installed() {
  local program
  for program in slurmctld slurmd sbatch munged; do
    command -v "$program" >/dev/null || return 1
  done
  compgen -G "/usr/lib/*/pmix2/lib/libpmix.so" >/dev/null
}

check() {
  local tool
  [ "$(id -u)" = 0 ] || fail "needs root" 3
  for tool in unshare:util-linux setsid:util-linux hostname:hostname; do
    command -v "${tool%:*}" >/dev/null || fail "missing ${tool%:*}: install the Debian package ${tool#*:}" 3
  done
  unshare --mount --uts --pid --fork --mount-proc bash -c 'hostname kiln-probe && mount -t tmpfs tmpfs /dev/shm' 2>/dev/null \
    || fail "cannot give a process its own mounts, host name and process ids here (the container lacks CAP_SYS_ADMIN)" 3
  is_installed || [ "${1:-}" = installs ] || fail "missing SLURM: install the Debian packages ${packages[*]}" 3
}

# The packages bring services that would start by themselves, with a configuration that is not there.
install_packages() {
  local policy=/usr/sbin/policy-rc.d own=no log="$state/install.log" status=0
  if [ ! -e "$policy" ]; then
    own=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  echo "slurm/local-cluster.sh: installing ${packages[*]}" >&2
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${packages[@]}"; } \
    >"$log" 2>&1 || status=$?
  [ "$own" = no ] || rm -f "$policy"
  [ "$status" = 0 ] && is_installed || fail "cannot install ${packages[*]}: $(tail -n 1 "$log")" 3
}

# The first of COUNT ports in a row that nobody listens at, below those that the kernel gives to whoever does not choose.
free_ports() {
  local count="$1" used base port
  used="$(awk '$4 == "0A" { split($2, a, ":"); printf " %d ", strtonum("0x" a[2]) }' /proc/net/tcp /proc/net/tcp6 2>/dev/null \
    || sed -n 's/^ *[0-9]*: [0-9A-F]*:\([0-9A-F]\{4\}\) [0-9A-F:]* 0A .*/\1/p' /proc/net/tcp /proc/net/tcp6 2>/dev/null \
    | while read -r port; do printf ' %d ' "0x$port"; done)"
  for _ in $(seq 50); do
    base=$((10000 + RANDOM % 20000))
    for port in $(seq "$base" $((base + count - 1))); do
      case "$used" in *" $port "*) continue 2 ;; esac
    done
    echo "$base"
    return
  done
  fail "found no $count free ports in a row"
}

write_configuration() {
  local nodes="$1" cpus="$2" base
  base="$(free_ports $((nodes + 1)))"
  echo "PMIxCliTmpDirBase=$state/node" >"$state/mpi.conf"
  # Nothing here uses cgroups; but left to itself slurmd looks for them, and ends where they are not mounted.
  echo "CgroupPlugin=cgroup/v1" >"$state/cgroup.conf"
  # AuthInfo's cred_expire: a requeued job may start again only when its last start's credential has expired, by default
  # after two minutes. SchedulerParameters: nothing waits for the next round, which comes once a minute by default.
  cat >"$SLURM_CONF" <<END
ClusterName=kiln
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$base
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$state/munge.sock,cred_expire=5
StateSaveLocation=$state/ctld
SlurmdSpoolDir=$state/spool.%n
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.%n.pid
SlurmctldLogFile=$state/log/slurmctld.log
SlurmdLogFile=$state/log/slurmd.%n.log
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=pmix
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=15
KillWait=5
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
NodeName=n[1-$nodes] NodeAddr=127.0.0.1 Port=[$((base + 1))-$((base + nodes))] CPUs=$cpus RealMemory=65536
PartitionName=low Nodes=ALL Default=YES PriorityTier=1 PreemptMode=REQUEUE GraceTime=10
PartitionName=high Nodes=ALL PriorityTier=10 PreemptMode=OFF
END
}

# One slurmd in namespaces of its own. Host name, /dev/shm and PMIx's folder: Open MPI and PMIx name what the ranks of a node
# share after the host, so that the ranks of two "nodes" with one name and one /dev/shm take each other's memory for their own
# (which crashes them), and SLURM's PMIx finds its folder there already. Process ids: a node ends with its first process, with
# all ranks and at once, as a real one does when its power is cut; and down leaves nothing behind.
start_node() {
  local node="$1"
  mkdir -p "$state/spool.$node"
  setsid unshare --mount --uts --pid --fork --kill-child --mount-proc bash -c "
    set -e
    hostname '$node'
    mount -t tmpfs -o mode=1777 tmpfs /dev/shm
    mount -t tmpfs tmpfs '$state/node'
    slurmd -D -N '$node' &
    wait \$! # and reap what the node's dead processes leave" </dev/null >"$state/log/$node.log" 2>&1 &
  echo $! >"$state/$node.node"
}

# Waits, for a quarter of a minute, until a command succeeds.
await() {
  for _ in $(seq 150); do
    "$@" && return
    sleep 0.1
  done
  return 1
}

idle() {
  [ "$(sinfo -h -N -p low -t idle -o %N 2>/dev/null | wc -l)" -ge "$1" ]
}

is_running() { # PID-FILE NAME: not another process that got the same number later
  [ -s "$1" ] && { tr '\0' ' ' <"/proc/$(cat "$1")/cmdline" | grep -q -- "$2"; } 2>/dev/null
}

up() {
  local nodes="${1:-2}" cpus="${2:-8}" i
  [[ "$nodes" =~ ^[1-9][0-9]?$ ]] || fail "NODES: expected 1 to 99, found $nodes" 2
  [[ "$cpus" =~ ^[1-9][0-9]{0,3}$ ]] || fail "CPUS: expected 1 to 9999, found $cpus" 2
  [ ! -e "$state" ] || fail "up already ($state is there): call down first"
  [ ${#state} -le 80 ] || fail "KILN_SLURM: $state is too long a name for the socket in it"
  check installs
  mkdir -p "$state"/{ctld,log,munge,node,tmp}
  trap down EXIT # unless all goes well
  is_installed || install_packages
  chmod 700 "$state/munge"
  (umask 077 && head -c 1024 /dev/urandom >"$state/munge/key")
  write_configuration "$nodes" "$cpus"
  munged --force --key-file "$state/munge/key" --socket "$state/munge.sock" --pid-file "$state/munged.pid" \
    --log-file "$state/log/munged.log" --seed-file "$state/munge/seed" >"$state/log/munged.err" 2>&1 \
    || fail "munged does not start: $(tail -n 1 "$state/log/munged.err")"
  slurmctld -c >"$state/log/slurmctld.err" 2>&1 || fail "slurmctld does not start: $(tail -n 1 "$state/log/slurmctld.err")"
  for i in $(seq "$nodes"); do
    start_node "n$i"
  done
  await idle "$nodes" || fail "nodes do not come up: $(tail -qn 1 "$state"/log/{slurmctld,slurmd.n*,n*}.log 2>/dev/null)"
  trap - EXIT
  sinfo
  echo "slurm/local-cluster.sh: for this shell: eval \"\$(slurm/local-cluster.sh env)\"" >&2
}

require_node() {
  local file known=()
  for file in "$state"/*.node; do
    [ -s "$file" ] && known+=("$(basename "$file" .node)")
  done
  [ ${#known[@]} -gt 0 ] || fail "not up: call up first"
  [ -s "$state/${1:-}.node" ] || fail "NODE: expected one of ${known[*]}, found ${1:-none}"
}

kill_node() {
  local file="$state/$1.node"
  is_running "$file" "unshare --mount" && kill -9 "$(cat "$file")" 2>/dev/null
  await is_gone "$file" || fail "node $1 does not end"
}

is_gone() {
  ! is_running "$1" "${2:-unshare --mount}"
}

# Open MPI's folders too are kept in the cluster's, for a rank that is killed leaves its own.
print_env() {
  [ -e "$SLURM_CONF" ] || fail "not up: call up first"
  printf 'export SLURM_CONF=%q OMPI_MCA_orte_tmpdir_base=%q\n' "$SLURM_CONF" "$state/tmp"
}

down() {
  local file daemon
  [ -e "$state" ] || return 0
  for file in "$state"/*.node; do
    [ -s "$file" ] && kill_node "$(basename "$file" .node)"
  done
  for daemon in slurmctld munged; do
    file="$state/$daemon.pid"
    is_running "$file" "$daemon" && kill "$(cat "$file")" 2>/dev/null || true
    await is_gone "$file" "$daemon" || kill -9 "$(cat "$file")" 2>/dev/null || true
  done
  rm -rf "$state"
}

command="${1:-}"
[ $# -gt 0 ] && shift
case "$command" in
  check) check ;;
  up) up "$@" ;;
  env) print_env ;;
  kill) require_node "${1:-}" && kill_node "$1" ;;
  start) require_node "${1:-}" && is_gone "$state/$1.node" && start_node "$1" ;;
  down) down ;;
  *) fail "usage: check | up [NODES] [CPUS] | env | kill NODE | start NODE | down" 2 ;;
esac
