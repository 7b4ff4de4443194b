# A cluster of separate processes on loopback, for the scripts beside this file. Source it; set MOORAGE_HOME first to use
# another distribution. Everything it starts is ended by its own process id.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
home=${MOORAGE_HOME:-$root/deploy/target/moorage}
moorage=$home/bin/moorage
[ -x "$moorage" ] || { echo "no distribution in $home: run mvn -q -B -DskipTests package first" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/moorage-run.XXXXXX")
if [ -d /dev/shm ] && [ -w /dev/shm ]; then
  staging=$(mktemp -d /dev/shm/moorage-run.XXXXXX)
else
  staging=$(mktemp -d "$work/staging.XXXXXX")
fi
store=$work/store
mkdir -p "$work/logs"
declare -A pids=()

stop_all() {
  local status=$?
  for name in "${!pids[@]}"; do kill "${pids[$name]}" 2>/dev/null || true; done
  for name in "${!pids[@]}"; do wait "${pids[$name]}" 2>/dev/null || true; done
  if [ $status -ne 0 ]; then
    echo "FAILED with status $status; last lines of the daemons:" >&2
    tail -n 15 "$work"/logs/* >&2 || true
  fi
  rm -rf "$staging"
  [ -n "${KEEP:-}" ] || rm -rf "$work"
  return $status
}
trap stop_all EXIT

say() { printf '\n== %s\n' "$*"; }

# daemon NAME COMMAND ARG...: starts one and waits until it is ready.
daemon() {
  local name=$1
  shift
  rm -f "$work/$name.ready"
  "$moorage" "$@" --store "$store" --ready-file "$work/$name.ready" >>"$work/logs/$name.log" 2>&1 </dev/null &
  pids[$name]=$!
  for _ in $(seq 600); do
    [ -e "$work/$name.ready" ] && return 0
    kill -0 "${pids[$name]}" 2>/dev/null || { echo "$name ended before it was ready" >&2; return 1; }
    sleep 0.1
  done
  echo "$name was not ready within 60 s" >&2
  return 1
}

fact() { sed -n "s/^$2=//p" "$work/$1.ready"; }

start_coordinator() { daemon coordinator coordinator --listen 127.0.0.1:0 --cluster 127.0.0.1:0; }

start_worker() { daemon "$1" worker --name "$1" --staging-dir "$staging" --cluster 127.0.0.1:0 --seed "$(fact coordinator cluster)"; }

# expect STATUS COMMAND...: the command must end with this exit status and print no stack trace.
expect() {
  local wanted=$1 status=0
  shift
  "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
  if [ "$status" -ne "$wanted" ] || grep -qE '^\s+at [a-z].*\(.*\)$' "$work/err"; then
    echo "expected exit status $wanted without a stack trace, was $status: $*" >&2
    cat "$work/out" "$work/err" >&2
    return 1
  fi
  grep -hm1 '^moorage:' "$work/err" || true
}

# flip FILE POSITION: inverts one bit; the same again restores it.
flip() {
  python3 - "$1" "$2" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    byte = f.read(1)[0]
    f.seek(int(sys.argv[2]))
    f.write(bytes([byte ^ 1]))
PY
}
