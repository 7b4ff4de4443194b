#!/usr/bin/env bash
# Saves and restores one shard that is far larger than the memory of the process: -Xmx256m and 256 MiB of direct memory.
# Usage: big-shard.sh [GIB], 6 by default. Needs three times that on disk.
source "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"
gib=${1:-6}
free=$(df --output=avail -BG "$work" | tail -1 | tr -dc 0-9)
if [ "$free" -lt $((gib * 3 + 2)) ]; then
  echo "SKIPPED: big shard needs $((gib * 3 + 2)) GiB on disk, $free are free"
  exit 0
fi
say "one rank of $gib GiB, every 4 MiB block different"
mkdir "$work/from"
python3 - "$work/from/rank-0.bin" "$gib" <<'PY'
import os, sys
block = os.urandom(1 << 20) + bytes(3 << 20)
with open(sys.argv[1], "wb") as f:
    for n in range(int(sys.argv[2]) * 256):
        f.write(n.to_bytes(8, "little") + block[8:])
PY
export MOORAGE_OPTS="-Xmx256m -XX:MaxDirectMemorySize=256m"
/usr/bin/env time -f '%e s, peak resident %M KiB' true 2>/dev/null && measure=(/usr/bin/env time -f '%e s, peak resident %M KiB') || measure=()
"${measure[@]}" "$moorage" save big 1 --from "$work/from" --store "$store" --codec zstd:1
"${measure[@]}" "$moorage" restore big 1 --store "$store" --to "$work/restored"
cmp "$work/from/rank-0.bin" "$work/restored/rank-0.bin"
say "passed: $gib GiB through 256 MiB of heap and 256 MiB of direct memory"
