#!/usr/bin/env bash
# A real SLURM cluster on this one machine, for trying the scripts here: slurm/one-machine.sh up [NODES] [CPUS] | down
#
# munged, slurmctld and one slurmd per node n1…nN, as root, without systemd; state in $KILN_SLURM (default: a folder in the
# temporary one). After `up`: export SLURM_CONF=$KILN_SLURM/slurm.conf. Each slurmd gets its own host name, /dev/shm and PMIx
# folder: the ranks of two "nodes" that share them collide.
set -euo pipefail

state="${KILN_SLURM:-${TMPDIR:-/tmp}/kiln-slurm}"
export SLURM_CONF="$state/slurm.conf"

# libpmix-dev: SLURM's plugin opens the unversioned libpmix.so.
need_packages() {
  command -v slurmctld slurmd sbatch munged >/dev/null && ls /usr/lib/*/pmix2/lib/libpmix.so >/dev/null 2>&1 && return
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    slurmctld slurmd slurm-client munge libpmix-dev >/dev/null
}

write_configuration() {
  local nodes="$1" cpus="$2" host
  host="$(hostname -s)"
  echo "PMIxCliTmpDirBase=$state/node" >"$state/mpi.conf"
  cat >"$SLURM_CONF" <<EOF
ClusterName=kiln
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmUser=root
SlurmdUser=root
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
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
KillWait=5
SchedulerParameters=batch_sched_delay=0
NodeName=n[1-$nodes] NodeAddr=127.0.0.1 Port=[17101-$((17100 + nodes))] CPUs=$cpus RealMemory=4096
PartitionName=low Nodes=ALL Default=YES PriorityTier=1 PreemptMode=REQUEUE GraceTime=10
PartitionName=high Nodes=ALL PriorityTier=10 PreemptMode=OFF
EOF
}

up() {
  local nodes="${1:-1}" cpus="${2:-$(nproc)}" i
  if [ -s "$state/munged.pid" ]; then
    echo "slurm/one-machine.sh: up already in $state: call down first" >&2
    exit 1
  fi
  need_packages
  mkdir -p "$state"/{ctld,log,munge,node}
  chmod 700 "$state/munge"
  (umask 077 && head -c 1024 /dev/urandom >"$state/munge/key")
  write_configuration "$nodes" "$cpus"
  munged --force --key-file "$state/munge/key" --socket "$state/munge.sock" --pid-file "$state/munged.pid" \
    --log-file "$state/log/munged.log" --seed-file "$state/munge/seed"
  slurmctld -c
  for i in $(seq "$nodes"); do
    mkdir -p "$state/spool.n$i"
    unshare -um bash -ec "hostname n$i; mount -t tmpfs -o mode=1777 tmpfs /dev/shm
      mount -t tmpfs tmpfs '$state/node'; exec slurmd -N n$i"
  done
  for _ in $(seq 100); do
    [ "$(sinfo -h -N -p low -t idle -o %N 2>/dev/null | wc -l)" -ge "$nodes" ] && break
    sleep 0.1
  done
  sinfo
  echo "export SLURM_CONF=$SLURM_CONF"
}

down() {
  local pid_file
  scancel -u root 2>/dev/null || true
  sleep 1
  for pid_file in "$state"/slurmd.*.pid "$state/slurmctld.pid" "$state/munged.pid"; do
    [ -s "$pid_file" ] && kill "$(cat "$pid_file")" 2>/dev/null || true
  done
  sleep 1
  rm -rf "$state"
}

case "${1:-}" in
  up) shift && up "$@" ;;
  down) down ;;
  *) echo "usage: slurm/one-machine.sh up [NODES] [CPUS] | down" >&2 && exit 2 ;;
esac
