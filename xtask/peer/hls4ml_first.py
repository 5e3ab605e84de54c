#!/usr/bin/env python3
"""From a Keras file to hls4ml's first bit-accurate prediction: what hls4rs is compared with.

    pip install hls4ml==1.3.0 keras
    python hls4ml_first.py --model model.keras --inputs x.npy --outputs y.npy --config config.json

Times reading, converting, compiling and predicting, after all imports. The configuration that hls4ml
makes by itself (granularity `name`) is written to --config.

stdout is one line of JSON; everything else goes to stderr.
"""

import argparse
import json
import os
import sys
import tempfile
import time

os.environ.setdefault("KERAS_BACKEND", "numpy")  # hls4ml needs Keras to read the file, but nothing to train with

import hls4ml
import keras
import numpy as np


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "inputs", "outputs", "config"):
        parser.add_argument(f"--{name}", required=True)
    args = parser.parse_args()
    x = np.load(args.inputs)
    # What Python, the compiler and the simulation print goes to stderr.
    saved = os.dup(1)
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory(prefix="hls4ml-first-") as folder:
        start = time.perf_counter()
        model = keras.models.load_model(args.model)
        config = hls4ml.utils.config_from_keras_model(model, granularity="name", backend="Vitis")
        converted = hls4ml.converters.convert_from_keras_model(
            model, hls_config=config, output_dir=folder, backend="Vitis", io_type="io_parallel"
        )
        converted.compile()
        y = converted.predict(x)
        seconds = time.perf_counter() - start
    sys.stdout.flush()
    os.dup2(saved, 1)
    np.save(args.outputs, np.asarray(y).reshape(len(x), -1).astype(np.float32))
    with open(args.config, "w") as file:
        json.dump(config, file)
    print(json.dumps({"seconds": round(seconds, 3), "hls4ml": hls4ml.__version__}))


if __name__ == "__main__":
    main()
