"""Runs every system on every input, one after the other, each in processes of its own, and appends what it measured."""

import argparse
import json
import os
import pathlib
import subprocess
import sys

from peers import PEERS

HERE = pathlib.Path(__file__).parent
INPUTS = ("real-f32", "real-bf16", "weights-bf16", "adam-f32", "repeating-f32", "random-u8")
CODECS = ("none", "zstd:1", "auto")
# Daemons live for days, and a JVM takes some saves to be as fast as it gets; the peers are native code and have one.
WARM_UP = 5


def lines(command, **environment):
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, env={**os.environ, **environment}, timeout=1800
    )
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode:
        rows.append({"error": (done.stderr.strip().splitlines() or ["no message"])[-1][:300]})
    return rows


def moorage(codec, source, options):
    command = [HERE.parent / "end-to-end", "--shards", source, "--codec", codec, "--runs", options.runs, "--warm-up", WARM_UP]
    for row in lines(command, MOORAGE_OPTS="-Dmoorage.worker.lanes=2"):
        if "save_seconds" in row:
            # From tensors in the training's memory to COMMITTED, as all others here: the copy into shared memory counts.
            row["save_seconds"] += row["fill_seconds"]
            row["load_seconds"] += row["copy_out_seconds"]
            row["peak_bytes"] = row["worker_peak_bytes"]
            row["same"] = True
        yield row


def peer(name, source, options):
    return lines([sys.executable, HERE / "cell.py", name, source, options.store, "--runs", options.runs])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("store", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="*", help="inputs", default=INPUTS)
    options = parser.parse_args()
    systems = [(f"moorage {codec}", lambda source, codec=codec: moorage(codec, source, options)) for codec in CODECS]
    systems += [(name, lambda source, name=name: peer(name, source, options)) for name in PEERS]
    with open(options.out / "rows.jsonl", "a") as out:
        for source in options.only:
            for name, measure in systems:
                for row in measure(options.data / source):
                    out.write(json.dumps({"system": name, "input": source, **row}) + "\n")
                    out.flush()
                print(f"{source}: {name}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
