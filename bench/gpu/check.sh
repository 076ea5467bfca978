#!/bin/sh
# Checks Kiln's CUDA backend on a machine that has an NVIDIA driver, CUDA's libraries and no JDK.
#
#   sh check.sh kiln-gpu.tar.xz [--out FOLDER] [OPTION…] [CHECK…]   with an archive that ./kiln bundle --gpu has made
#   ./check.sh [--out FOLDER] [OPTION…] [CHECK…]                    in the unpacked archive
#
# The archive is unpacked into FOLDER (kiln-gpu-check if not given), where check.json and the logs go, too. Other
# options and CHECKs are those of ./kiln bench gpu-check --help: --list, --device N, --backend cpu.
#
# cuBLASLt, cuDNN and NCCL are found in KILN_CUDA_LIBRARIES, CUDA_HOME, LD_LIBRARY_PATH, the system's folders, and where
# pip puts them for the python3 on the PATH. The exit status is 0 only if all checks passed.
set -eu

fail() {
  echo "check.sh: $1" >&2
  exit 2
}

here="$(cd "$(dirname "$(readlink -f "$0")")" && pwd)"
case "${1:-}" in
  -h | --help)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
  *.tar.xz | *.tar.gz)
    archive="$1"
    shift
    [ -f "$archive" ] || fail "expected an archive of ./kiln bundle --gpu, found no file $archive"
    ;;
  *)
    archive=""
    [ -x "$here/runtime/bin/java" ] || fail "expected an archive of ./kiln bundle --gpu as the first argument, found ${1:-none}"
    ;;
esac

out="kiln-gpu-check"
rest=""
while [ $# -gt 0 ]; do
  case "$1" in
    --out)
      [ $# -gt 1 ] || fail "option --out: missing, expected FOLDER"
      out="$2"
      shift
      ;;
    --out=*) out="${1#--out=}" ;;
    *[!A-Za-z0-9=.,:_/-]*) fail "unexpected argument $1" ;;
    *) rest="$rest $1" ;; # without white space, as just seen
  esac
  shift
done
mkdir -p "$out"

if [ -n "$archive" ]; then
  case "$archive" in
    *.xz) command -v xz >/dev/null || fail "missing xz: install the package xz-utils, or make the bundle with -o kiln-gpu.tar.gz" ;;
  esac
  rm -rf "$out/kiln-gpu"
  tar -xf "$archive" -C "$out"
  here="$(cd "$out/kiln-gpu" && pwd)"
fi

# Where the python3 on the PATH has its packages: virtual environments and containers of PyTorch have CUDA's libraries there.
if command -v python3 >/dev/null; then
  packages="$(python3 -c 'import sysconfig; print(sysconfig.get_path("purelib"))' 2>/dev/null || true)"
  if [ -d "$packages/nvidia" ]; then
    export PYTHONPATH="${PYTHONPATH:+$PYTHONPATH:}$packages"
  fi
fi

# shellcheck disable=SC2086 # the rest is words
exec "$here/kiln" bench gpu-check --out "$out" $rest
