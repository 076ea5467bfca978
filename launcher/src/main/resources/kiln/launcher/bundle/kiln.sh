#!/bin/sh
# Kiln with its own Java runtime. `./kiln --help` lists the commands.
set -eu

# When the command was given, so that quickstart's time includes the start.
export KILN_STARTED="${KILN_STARTED:-$(date +%s)}"
home="$(cd "$(dirname "$(readlink -f "$0")")" && pwd)"
main=kiln.launcher.Launcher
case "${1:-}" in
  build | test)
    echo "kiln: command $1: expected Kiln's sources, found a bundle" >&2
    exit 2
    ;;
  bench)
    if [ ! -e "$home/lib/kiln-bench.jar" ]; then
      echo "kiln: command bench: expected a bundle made with --gpu" >&2
      exit 2
    fi
    shift
    main=kiln.bench.Main
    ;;
esac
exec "$home/runtime/bin/java" "@$home/jvm.options" -Djava.awt.headless=true \
  -cp "$home/resources:$home/lib/*" "$main" "$@"
