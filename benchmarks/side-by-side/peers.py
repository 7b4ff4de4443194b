"""One small class for each way to keep a checkpoint: save(folder), then load(folder) -> the tensors' bytes by name.

All begin with the same tensors in memory and end with the same tensors in memory; each in the way that its documentation shows,
with two threads where it has such a knob.
"""

import pathlib
import subprocess

import numpy as np
import torch
from safetensors.torch import load_file, save_file

THREADS = 2


def bytes_of(tensor):
    return tensor.contiguous().view(-1).view(torch.uint8).numpy()


class Peer:
    def __init__(self, state):
        self.state = state

    def prepare_load(self):
        """What a training job has before it loads: memory for the state, which is there already."""
        self.target = {name: torch.zeros_like(value) for name, value in self.state.items()}

    def copy_in(self, loaded):
        for name, value in loaded.items():
            self.target[name].copy_(value)
        return self.target


class TorchSave(Peer):
    def save(self, folder):
        torch.save(self.state, folder / "state.pt")

    def load(self, folder):
        return self.copy_in(torch.load(folder / "state.pt", weights_only=True))


class Safetensors(Peer):
    def save(self, folder):
        save_file(self.state, folder / "state.safetensors")

    def load(self, folder):
        # Loading maps the file and reads nothing yet; the copy does.
        return self.copy_in(load_file(folder / "state.safetensors"))


class Dcp(Peer):
    zstd = False

    def save(self, folder):
        import torch.distributed.checkpoint as dcp
        from torch.distributed.checkpoint._extension import ZStandard

        extensions = {"_extensions": [ZStandard()]} if self.zstd else {}
        writer = dcp.FileSystemWriter(folder / "dcp", thread_count=THREADS, **extensions)
        dcp.save(self.state, storage_writer=writer, no_dist=True)

    def load(self, folder):
        import torch.distributed.checkpoint as dcp

        dcp.load(self.target, storage_reader=dcp.FileSystemReader(folder / "dcp"), no_dist=True)
        return self.target


class DcpZstd(Dcp):
    zstd = True


class S3dlio(Peer):
    """Takes one opaque buffer: it has no tensors to write down, unlike all others here."""

    level = None

    def __init__(self, state):
        super().__init__(state)
        import s3dlio

        self.s3dlio = s3dlio
        self.flat = np.concatenate([bytes_of(value) for value in state.values()])

    def store(self, folder):
        return self.s3dlio.PyCheckpointStore(f"file://{folder}", None, None, self.level)

    def save(self, folder):
        self.store(folder).save(1, 0, "torch", self.flat)

    def load(self, folder):
        flat = np.frombuffer(memoryview(self.store(folder).load_latest()), np.uint8)
        loaded, at = {}, 0
        for name, value in self.state.items():
            size = value.numel() * value.element_size()
            loaded[name] = torch.from_numpy(flat[at : at + size]).view(value.dtype).view(value.shape)
            at += size
        return self.copy_in(loaded)


class S3dlioZstd1(S3dlio):
    level = 1


class S3dlioZstd3(S3dlio):
    level = 3


class Zipnn(Peer):
    def __init__(self, state):
        super().__init__(state)
        import zipnn

        names = {torch.bfloat16: "bfloat16", torch.float32: "float32", torch.uint8: "float32"}
        self.codecs = {
            dtype: zipnn.ZipNN(input_format="byte", bytearray_dtype=names[dtype], threads=THREADS)
            for dtype in {value.dtype for value in state.values()}
        }

    def save(self, folder):
        for name, value in self.state.items():
            coded = self.codecs[value.dtype].compress(bytes_of(value).tobytes())
            (folder / name).write_bytes(coded)

    def load(self, folder):
        loaded = {}
        for name, value in self.state.items():
            raw = self.codecs[value.dtype].decompress((folder / name).read_bytes())
            loaded[name] = torch.from_numpy(np.frombuffer(raw, np.uint8)).view(value.dtype).view(value.shape)
        return self.copy_in(loaded)


class ZstdProgram(Peer):
    """safetensors, then the zstd program over the file."""

    level = 1

    def save(self, folder):
        file = folder / "state.safetensors"
        save_file(self.state, file)
        subprocess.run(["zstd", "-q", "--rm", f"-{self.level}", f"-T{THREADS}", file], check=True)

    def load(self, folder):
        file = folder / "back.safetensors"
        subprocess.run(["zstd", "-q", "-d", folder / "state.safetensors.zst", "-o", file], check=True)
        target = self.copy_in(load_file(file))
        pathlib.Path(file).unlink()
        return target


class ZstdProgram3(ZstdProgram):
    level = 3


PEERS = {
    "torch.save": TorchSave,
    "safetensors": Safetensors,
    "torch DCP": Dcp,
    "torch DCP zstd": DcpZstd,
    "s3dlio": S3dlio,
    "s3dlio zstd:1": S3dlioZstd1,
    "s3dlio zstd:3": S3dlioZstd3,
    "zipnn": Zipnn,
    "zstd -1 program": ZstdProgram,
    "zstd -3 program": ZstdProgram3,
}
