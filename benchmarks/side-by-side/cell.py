"""One peer on one input, in a process of its own: JSON rows on standard output, the first run marked as not warm."""

import argparse
import json
import pathlib
import resource
import shutil
import time

import torch
from safetensors.torch import load_file

from peers import PEERS, bytes_of


def cpu_seconds():
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def resident(key):
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(key):
                return int(line.split()[1]) * 1024
    raise KeyError(key)


class Meter:
    """Seconds, processor seconds, and the peak of resident memory above what was there at the beginning."""

    def __enter__(self):
        with open("/proc/self/clear_refs", "w") as reset:
            reset.write("5")
        self.base, self.cpu, self.begin = resident("VmRSS:"), cpu_seconds(), time.perf_counter()
        return self

    def __exit__(self, *failure):
        self.seconds = time.perf_counter() - self.begin
        self.cpu = cpu_seconds() - self.cpu
        self.peak = max(0, resident("VmHWM:") - self.base)


def stored_bytes(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def run(peer, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with Meter() as save:
        peer.save(folder)
    stored = stored_bytes(folder)
    peer.prepare_load()
    with Meter() as load:
        loaded = peer.load(folder)
    same = all(torch.equal(torch.from_numpy(bytes_of(loaded[n])), torch.from_numpy(bytes_of(v))) for n, v in peer.state.items())
    shutil.rmtree(folder)
    return {
        "save_seconds": save.seconds,
        "save_cpu_seconds": save.cpu,
        "load_seconds": load.seconds,
        "load_cpu_seconds": load.cpu,
        "peak_bytes": max(save.peak, load.peak),
        "stored_bytes": stored,
        "same": same,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("input", type=pathlib.Path)
    parser.add_argument("store", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(2)
    state = {n: v.clone() for n, v in load_file(options.input / "rank-0.safetensors").items()}
    raw = sum(value.numel() * value.element_size() for value in state.values())
    peer = PEERS[options.peer](state)
    for number in range(options.runs + 1):
        print(json.dumps({"warm": number > 0, "raw_bytes": raw, **run(peer, options.store / "peer")}), flush=True)


if __name__ == "__main__":
    main()
