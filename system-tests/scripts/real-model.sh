#!/usr/bin/env bash
# The main job with a real model: separate processes (1 coordinator, 3 workers) over gRPC save, verify, lose a worker, refuse
# damaged bytes and restore. Usage: real-model.sh FILE.safetensors
source "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"
model=$(realpath "$1")

say "a cluster of 1 coordinator and 3 workers"
start_coordinator
for n in 1 2 3; do start_worker "host-$n"; done
export MOORAGE_ENDPOINT=$(fact coordinator endpoint)
"$moorage" workers

say "step 1: save $(basename "$model") as 8 ranks, zstd, full verification by other workers"
"$moorage" save minilm 1 --split "$model" --ranks 8 --codec zstd --verify full
"$moorage" show minilm 1

say "step 2: kill -9 of a worker in the middle of the save; its host brings the daemon back"
"$moorage" save minilm 2 --split "$model" --ranks 8 --codec zstd:19 --verify full >"$work/save-2" 2>&1 &
save=$!
attempt=$store/minilm/steps/$(printf %020d 2)/a0001
until [ -e "$attempt/intent.json" ]; do
  kill -0 $save 2>/dev/null || { cat "$work/save-2"; exit 1; }
  sleep 0.02
done
kill -9 "${pids[host-2]}"
wait "${pids[host-2]}" 2>/dev/null || true
[ ! -e "$attempt/manifest.json" ] || { echo "the save was over before the kill" >&2; exit 1; }
echo "killed host-2 while its parts were under way; $(ls "$attempt/parts" 2>/dev/null | wc -l) parts were done"
start_worker host-2
wait $save || { cat "$work/save-2"; exit 1; }
cat "$work/save-2"

say "restore both steps and compare with the source, byte for byte"
for step in 1 2; do
  "$moorage" restore minilm $step --store "$store" --to "$work/restored-$step" --merge "$work/merged-$step.safetensors"
  cmp "$model" "$work/merged-$step.safetensors"
  for shard in "$store/minilm/steps/$(printf %020d $step)/a0001/shards/"*.zst; do
    rank=$((10#$(basename "$shard" | sed 's/^rank-\([0-9]*\).*/\1/')))
    zstd -dcq "$shard" | cmp - "$work/restored-$step/rank-$rank.safetensors"
  done
  echo "step $step: merged file and all $(ls "$work/restored-$step" | grep -c safetensors) shards (through zstd -d) are equal"
done

shards=$store/minilm/steps/$(printf %020d 1)/a0001/shards
tensors() { python3 -c '
import json, struct, sys
with open(sys.argv[1], "rb") as f:
    head = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
print("\n".join(name for name in head if not name.startswith("__")))' "$1"; }

say "one flipped bit in a shard: refused by verify, restore and cat, with rank and chunk"
shard=$(ls "$shards"/rank-000003.*)
size=$(stat -c %s "$shard")
for at in 0 $((size / 2)) $((size - 5)); do
  flip "$shard" "$at"
  echo "bit flipped at byte $at of $size"
  expect 5 "$moorage" verify minilm 1 --depth full
  expect 5 "$moorage" verify minilm 1 --depth full --store "$store"
  expect 5 "$moorage" restore minilm 1 --store "$store" --to "$work/refused" --merge "$work/refused.safetensors"
  [ -z "$(ls -A "$work/refused" 2>/dev/null)" ] && [ ! -e "$work/refused.safetensors" ]
  flip "$shard" "$at"
done
flip "$shard" $((size / 2))
refused=0 answered=0
for name in $(tensors "$work/restored-1/rank-3.safetensors"); do
  status=0
  "$moorage" cat minilm 1 --tensor "$name" --store "$store" --out "$work/tensor" 2>"$work/err" || status=$?
  case $status in 0) answered=$((answered + 1)) ;; 5) refused=$((refused + 1)) ;; *) cat "$work/err" >&2; exit 1 ;; esac
  rm -f "$work/tensor"
done
flip "$shard" $((size / 2))
echo "cat of the tensors of rank 3: $refused refused, $answered answered"
[ $refused -ge 1 ] && [ $answered -ge 1 ]

say "truncated, then deleted shard; damaged, then deleted part record; damaged manifest"
cp "$shard" "$work/kept"
truncate -s $((size - 1)) "$shard"
expect 5 "$moorage" restore minilm 1 --store "$store" --to "$work/refused"
expect 5 "$moorage" verify minilm 1 --store "$store"
rm "$shard"
expect 5 "$moorage" restore minilm 1 --store "$store" --to "$work/refused"
expect 5 "$moorage" verify minilm 1 --store "$store"
cp "$work/kept" "$shard"
part=$(ls "$shards"/../parts/* | head -1)
cp "$part" "$work/kept"
flip "$part" 200
expect 5 "$moorage" restore minilm 1 --store "$store" --to "$work/refused"
expect 5 "$moorage" verify minilm 1 --store "$store"
rm "$part"
expect 5 "$moorage" restore minilm 1 --store "$store" --to "$work/refused"
expect 5 "$moorage" verify minilm 1 --store "$store"
cp "$work/kept" "$part"
manifest=$shards/../manifest.json
flip "$manifest" 100
expect 5 "$moorage" restore minilm 1 --store "$store" --to "$work/refused"
expect 5 "$moorage" verify minilm 1 --store "$store"
flip "$manifest" 100
[ -z "$(ls -A "$work/refused" 2>/dev/null)" ]

say "whole again: verified by the cluster"
"$moorage" verify minilm 1 --depth full
"$moorage" ls minilm
say "passed: real model"
