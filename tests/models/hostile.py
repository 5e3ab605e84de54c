"""Makes HDF5 files that no reader may follow (`cycle.h5`, `absurd.h5`, `packed.h5`, `chunk.h5`, `deep.h5`) and those of
newer versions of the format: `newest.h5`, which is read, and `dense.h5`, which is not (needs h5py)."""

import json
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).parent
CONFIG = {
    "class_name": "Sequential",
    "config": {
        "name": "net",
        "layers": [
            {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [None, 2]}},
            {"class_name": "Dense", "config": {"name": "fc", "units": 1, "activation": "linear", "use_bias": False}},
        ],
    },
}


def model(name, **options):
    file = h5py.File(HERE / name, "w", track_order=False, **options)
    file.attrs["model_config"] = json.dumps(CONFIG)
    file.attrs["keras_version"] = "2.14.0"
    group = file.create_group("model_weights/fc")
    group.attrs["weight_names"] = [b"kernel:0"]
    return file, group


def main():
    # A group that is within itself, by hard links: every path is twice as many paths one level deeper.
    file, group = model("cycle.h5")
    group.create_dataset("kernel:0", data=np.ones((2, 1), "f4"))
    group["a"] = file["model_weights"]
    group["b"] = file["model_weights"]
    file.close()
    # Values that are not stored: a tebibyte of zeros.
    file, group = model("absurd.h5")
    group.create_dataset("kernel:0", shape=(1 << 20, 1 << 18), dtype="f4")
    file.close()
    # Values that unpack to a thousand times their size.
    file, group = model("packed.h5")
    zeros = np.zeros((1 << 12, 1 << 9), "f4")
    group.create_dataset("kernel:0", data=zeros, chunks=(1 << 7, 1 << 9), compression="gzip")
    file.close()
    # One value in a piece of a gibibyte.
    file, group = model("chunk.h5")
    group.create_dataset("kernel:0", shape=(1, 1), maxshape=(None, None), dtype="f4", chunks=(1 << 14, 1 << 14))
    file.close()
    # Groups within groups.
    file, group = model("deep.h5")
    for _ in range(60):
        group = group.create_group("g")
    file.close()
    # What newer libraries write: links in the groups themselves, and, if there are many, in a heap.
    for name, links in [("newest.h5", 0), ("dense.h5", 9)]:
        file, group = model(name, libver="latest")
        group.create_dataset("kernel:0", data=np.ones((2, 1), "f4"))
        for n in range(links):
            group.create_group(f"g{n}")
        file.close()


if __name__ == "__main__":
    main()
