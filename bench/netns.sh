#!/usr/bin/env bash
# Several hosts on this one machine, to train across: h1…hN are network namespaces joined by veth links.
#
#   bench/netns.sh check                       whether this machine and user can; says what is missing if not (status 3)
#   bench/netns.sh up [N] [RATE]               2 to 4 hosts; RATE (1gbit): what each link carries at most, both ways
#   bench/netns.sh run -np 4 --host h1:2,h2:2 COMMAND…      mpirun with these arguments, on h1
#   bench/netns.sh exec HOST COMMAND…          runs a command on a host
#   bench/netns.sh cut HOST | mend HOST        takes a host's link down, as if its cable were pulled; brings it back
#   bench/netns.sh down                        ends what runs on the hosts and removes them
#
# Each host has its own host name, /etc/hosts and /dev/shm, so that its ranks take each other for neighbours and nobody else.
# Files and processors are this machine's. State in $KILN_NETNS (default: /run/kiln-netns). As root.
set -euo pipefail

state="${KILN_NETNS:-/run/kiln-netns}"
bridge=kiln-br0
network=10.77.19

fail() {
  echo "bench/netns.sh: $1" >&2
  exit "${2:-1}"
}

check() {
  local tool
  [ "$(id -u)" = 0 ] || fail "needs root" 3
  for tool in ip:iproute2 tc:iproute2 nsenter:util-linux unshare:util-linux mpirun:openmpi-bin; do
    command -v "${tool%:*}" >/dev/null || fail "missing ${tool%:*}: install the Debian package ${tool#*:}" 3
  done
  ip netns add kiln-probe 2>/dev/null || fail "cannot make network namespaces here" 3
  ip netns delete kiln-probe
}

# Runs a command on a host, in the folder that this script was called in.
on_host() {
  local host="$1"
  shift
  [ -s "$state/$host.pid" ] || fail "host: expected one of $(hosts), found $host"
  exec nsenter -t "$(cat "$state/$host.pid")" -n -u -m --wd="$PWD" "$@"
}

hosts() {
  local file names=()
  for file in "$state"/*.pid; do
    [ -s "$file" ] && names+=("$(basename "$file" .pid)")
  done
  echo "${names[*]:-none: call up first}"
}

slow() { # COMMAND… that takes tc's arguments, and the rate
  "${@:1:$#-1}" root tbf rate "${*: -1}" burst 256kb latency 50ms
}

add_host() {
  local i="$1" hosts_file="$2" rate="$3" host="h$1"
  ip netns add "kiln-$host"
  ip link add "kiln-$host" type veth peer name eth0 netns "kiln-$host"
  ip link set "kiln-$host" master "$bridge" up
  ip -n "kiln-$host" link set lo up
  ip -n "kiln-$host" address add "$network.$i/24" dev eth0
  ip -n "kiln-$host" link set eth0 up
  # What was sent over a link that is cut fails after some seconds, not after a quarter of an hour.
  nsenter --net="/run/netns/kiln-$host" bash -c 'echo 4 >/proc/sys/net/ipv4/tcp_retries2'
  if [ -n "$rate" ]; then
    slow tc qdisc add dev "kiln-$host" "$rate"
    slow tc -n "kiln-$host" qdisc add dev eth0 "$rate"
  fi
  # One process holds the host's namespaces; what else enters them ends by itself, or with down.
  nsenter --net="/run/netns/kiln-$host" unshare -um bash -ec "
    hostname '$host'
    mount -t tmpfs -o mode=1777 tmpfs /dev/shm
    mount --bind '$hosts_file' /etc/hosts
    echo \$\$ >'$state/$host.new'
    mv '$state/$host.new' '$state/$host.pid'
    exec -a 'kiln-$host' sleep infinity" </dev/null >/dev/null 2>"$state/$host.log" &
  for _ in $(seq 250); do
    [ -s "$state/$host.pid" ] && return
    sleep 0.02
  done
  fail "host $host does not start: $(cat "$state/$host.log")"
}

up() {
  local count="${1:-2}" rate="${2:-}" i
  case "$count" in [2-4]) ;; *) fail "N: expected 2 to 4, found $count" 2 ;; esac
  [ ! -e "$state" ] || fail "up already ($state is there): call down first"
  check
  mkdir -p "$state"
  trap down EXIT # unless all goes well
  ip link add "$bridge" type bridge
  ip address add "$network.254/24" dev "$bridge"
  ip link set "$bridge" up
  echo "127.0.0.1 localhost" >"$state/hosts"
  for i in $(seq "$count"); do
    echo "$network.$i h$i" >>"$state/hosts"
  done
  # What mpirun starts its daemons with, in place of ssh.
  cat >"$state/agent" <<EOF
#!/bin/sh
holder="\$(cat "$state/\$1.pid")"
shift
exec nsenter -t "\$holder" -n -u -m sh -c "\$*"
EOF
  chmod +x "$state/agent"
  for i in $(seq "$count"); do
    add_host "$i" "$state/hosts" "$rate"
  done
  trap - EXIT
}

# Ranks share this machine's processors whatever their hosts say: none is bound, one that waits gives way, one thread each.
# mpirun notices by itself, after some seconds instead of minutes, that a host cannot be reached any more.
run() {
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
  on_host h1 mpirun --bind-to none --mca mpi_yield_when_idle 1 --mca rmaps_base_oversubscribe 1 \
    --mca plm_rsh_agent "$state/agent" --mca btl_tcp_if_include eth0 --mca oob_tcp_if_include eth0 \
    --mca oob_tcp_keepalive_time 2 --mca oob_tcp_keepalive_intvl 1 --mca oob_tcp_keepalive_probes 3 \
    -x OMP_NUM_THREADS "$@"
}

link() {
  [ -s "$state/$1.pid" ] || fail "host: expected one of $(hosts), found $1"
  ip link set "kiln-$1" "$2"
}

down() {
  local file host inode pid
  for file in "$state"/*.pid; do
    [ -s "$file" ] || continue
    host="$(basename "$file" .pid)"
    # Everything in the host's network namespace, the holder among it.
    inode="$(stat -Lc %i "/run/netns/kiln-$host" 2>/dev/null || true)"
    for pid in $(ip netns pids "kiln-$host" 2>/dev/null); do
      [ "$(stat -Lc %i "/proc/$pid/ns/net" 2>/dev/null)" = "$inode" ] && kill -9 "$pid" 2>/dev/null || true
    done
  done
  for host in h1 h2 h3 h4; do
    # The link by itself: that of a namespace goes some time after it, and its name would still be taken.
    ip link delete "kiln-$host" 2>/dev/null || true
    ip netns delete "kiln-$host" 2>/dev/null || true
  done
  ip link delete "$bridge" 2>/dev/null || true
  rm -rf "$state"
}

command="${1:-}"
[ $# -gt 0 ] && shift
case "$command" in
  check) check ;;
  up) up "$@" ;;
  run) run "$@" ;;
  exec) on_host "$@" ;;
  cut) link "${1:-}" down ;;
  mend) link "${1:-}" up ;;
  down) down ;;
  *) fail "usage: check | up [N] [RATE] | run … | exec HOST … | cut HOST | mend HOST | down" 2 ;;
esac
