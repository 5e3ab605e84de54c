#!/usr/bin/env python3
"""Throughput of hls4ml's C simulation: the figure that hls4rs is compared with.

    pip install hls4ml==1.3.0
    python hls4ml_bench.py --model jet_tagger

Builds the network with hls4ml's own defaults, compiles its C simulation with the
build script that it ships (flags untouched) and times `predict` on one thread.
The network goes to hls4ml as a layer list, which is what its importers produce,
so that no training framework is needed.

stdout is one line of JSON; everything else goes to stderr.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # before numpy is loaded

import numpy as np

PEER = "1.3.0"
BATCH = 2000  # samples per timed call of predict, unless --samples says otherwise
LEAST_RUNS = 3


def jet_tagger(weights):
    """16-64-32-32-5, relu, softmax: tags LHC jets (JINST 13 P07027)."""
    return [entry([16])] + dense_stack((16, 64, 32, 32, 5), weights)


def svhn_cnn(weights):
    """Convolutions of 3x3 with 16, 16 and 24 filters, each with relu and 2x2 max pooling; dense 42, 64, 10; softmax.

    The shape of the network for street view house numbers of arXiv:2101.05108, its batch normalizations folded into
    the convolutions as hls4ml does by itself.
    """
    layers, (size, channels) = [entry([32, 32, 3])], (32, 3)
    for i, filters in enumerate((16, 16, 24), start=1):
        name, out = f"conv{i}", size - 2
        weight, bias = weights(name, (3, 3, channels, filters))
        layers.append(
            {
                "class_name": "Conv2D",
                "name": name,
                "in_height": size,
                "in_width": size,
                "n_chan": channels,
                "n_filt": filters,
                "filt_height": 3,
                "filt_width": 3,
                "stride_height": 1,
                "stride_width": 1,
                "out_height": out,
                "out_width": out,
                "padding": "valid",
                **{f"pad_{side}": 0 for side in ("top", "bottom", "left", "right")},
                **parameters(weight, bias),
            }
        )
        layers.append({"class_name": "Activation", "name": f"conv_relu{i}", "activation": "relu"})
        layers.append(
            {
                "class_name": "MaxPooling2D",
                "name": f"pool{i}",
                "in_height": out,
                "in_width": out,
                "n_filt": filters,
                "pool_height": 2,
                "pool_width": 2,
                "stride_height": 2,
                "stride_width": 2,
                "out_height": out // 2,
                "out_width": out // 2,
                "padding": "valid",
                "data_format": "channels_last",
                **{f"pad_{side}": 0 for side in ("top", "bottom", "left", "right")},
            }
        )
        size, channels = out // 2, filters
    flat = size * size * channels
    layers.append(
        {"class_name": "Reshape", "name": "flat", "target_shape": [flat], "data_format": "channels_last"}
    )
    return layers + dense_stack((flat, 42, 64, 10), weights)


def lstm(weights):
    """LSTM(20) over 20 steps of 6 features, its last state into a dense layer of 5."""
    steps, n_in, n_out = 20, 6, 20
    kernel, bias = weights("lstm", (n_in, 4 * n_out))
    layers = [
        entry([steps, n_in]),
        {
            "class_name": "LSTM",
            "name": "lstm",
            "n_timesteps": steps,
            "n_in": n_in,
            "n_out": n_out,
            "activation": "tanh",
            "recurrent_activation": "sigmoid",
            "return_sequences": False,
            "return_state": False,
            "direction": "forward",
            "time_major": False,
            "recurrent_weight_data": weights("lstm_recurrent", (n_out, 4 * n_out))[0],
            "recurrent_weight_quantizer": None,
            **parameters(kernel, bias),
        },
    ]
    return layers + dense_stack((n_out, 5), weights)


# name -> function from weights to a layer list, and how tensors travel
MODELS = {
    "jet_tagger": (jet_tagger, "io_parallel"),
    "svhn_cnn": (svhn_cnn, "io_stream"),
    "lstm": (lstm, "io_parallel"),
}


def entry(shape):
    return {"class_name": "InputLayer", "name": "x", "input_shape": shape}


def parameters(weight, bias):
    return {
        "weight_data": weight,
        "bias_data": bias,
        "weight_quantizer": None,
        "bias_quantizer": None,
        "use_bias": True,
        "data_format": "channels_last",
    }


def dense_stack(sizes, weights):
    """Dense and relu layers fc1, relu1, fc2, ..; the last one is dense and softmax."""
    layers = []
    for i, shape in enumerate(zip(sizes, sizes[1:]), start=1):
        name = f"fc{i}"
        values = parameters(*weights(name, shape))
        layers.append({"class_name": "Dense", "name": name, "n_in": shape[0], "n_out": shape[1], **values})
        if i < len(sizes) - 1:
            layers.append({"class_name": "Activation", "name": f"relu{i}", "activation": "relu"})
        else:
            layers.append({"class_name": "Softmax", "name": "softmax", "activation": "softmax", "axis": -1})
    return layers


def random_weights(rng):
    """Weights N(0, 1/sqrt(n_in)), small biases."""

    def of(_name, shape):
        weight = rng.normal(0.0, np.prod(shape[:-1]) ** -0.5, shape).astype(np.float32)
        bias = rng.normal(0.0, 0.1, shape[-1]).astype(np.float32)
        return weight, bias

    return of


def weights_from(path):
    """Weights from an .npz with <layer>.weight [n_in, n_out] and <layer>.bias [n_out].

    A folder has them as <layer>.weight.npy and <layer>.bias.npy, flattened to two axes.
    """
    if path.is_dir():
        return lambda name, shape: (
            np.load(path / f"{name}.weight.npy").reshape(shape),
            np.load(path / f"{name}.bias.npy").reshape(shape[-1:]),
        )
    arrays = np.load(path)
    if not isinstance(arrays, np.lib.npyio.NpzFile):
        sys.exit(f"{path}: expected an .npz archive")

    def of(name, shape):
        found = []
        for key, expected in ((f"{name}.weight", shape), (f"{name}.bias", shape[-1:])):
            if key not in arrays:
                sys.exit(f"{path}: no `{key}`; it holds {', '.join(sorted(arrays.files))}")
            if arrays[key].shape != expected:
                sys.exit(f"{path}: `{key}` has shape {arrays[key].shape}, expected {expected}")
            found.append(arrays[key].astype(np.float32))
        return tuple(found)

    return of


def build(layers, args, directory):
    """The ModelGraph, as the importers of hls4ml build it."""
    from hls4ml.model import ModelGraph
    from hls4ml.utils.config import create_config

    config = create_config(
        output_dir=str(directory), project_name="peer", backend=args.backend, io_type=MODELS[args.model][1]
    )
    config["HLSConfig"] = {"Model": {"Precision": args.precision, "ReuseFactor": 1, "Strategy": "Latency"}}
    return ModelGraph.from_layer_list(config, layers)


def timed(predict, x, seconds):
    """Seconds of the fastest call, and how many calls were made."""
    predict(x[: max(2, len(x) // 10)])  # weights are read and tables filled on the first call
    best, runs, started = float("inf"), 0, time.perf_counter()
    while runs < LEAST_RUNS or time.perf_counter() - started < seconds:
        before = time.perf_counter()
        predict(x)
        best = min(best, time.perf_counter() - before)
        runs += 1
    return best, runs


@contextmanager
def stdout_to_stderr():
    """Sends to stderr what Python, the compiler and the simulation itself print."""
    sys.stdout.flush()
    saved = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(saved, 1)
        os.close(saved)


def say(*words):
    print("hls4ml_bench:", *words, file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=sorted(MODELS), default="jet_tagger")
    parser.add_argument("--samples", type=int, help=f"samples per timed call (default: all of --inputs, or {BATCH})")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long to go on timing (default: 4)")
    parser.add_argument("--weights", type=Path, help=".npz with fc1.weight [n_in, n_out], fc1.bias, ...; else random")
    parser.add_argument("--inputs", type=Path, help=".npy, float32 [n, n_in]; else random")
    parser.add_argument("--outputs", type=Path, help="write the predictions, .npy, float32 [n, n_out]")
    parser.add_argument("--backend", choices=("Vitis", "Vivado"), default="Vitis")
    parser.add_argument("--precision", default="fixed<16,6>", help="default precision (default: fixed<16,6>)")
    parser.add_argument("--seed", type=int, default=1, help="seed of random weights and inputs")
    args = parser.parse_args()
    if args.samples is not None and args.samples < 2:
        parser.error("--samples must be at least 2")
    return args


def run(args, directory):
    import hls4ml

    if hls4ml.__version__ != PEER:
        say(f"warning: this is hls4ml {hls4ml.__version__}, the comparison is made with {PEER}")

    rng = np.random.default_rng(args.seed)
    weights = weights_from(args.weights) if args.weights else random_weights(rng)
    layers = MODELS[args.model][0](weights)
    shape = layers[0]["input_shape"]
    n_in = int(np.prod(shape))

    if args.inputs:
        x = np.ascontiguousarray(np.load(args.inputs), dtype=np.float32)
        if x.ndim != 2 or x.shape[1] != n_in or len(x) == 0:
            sys.exit(f"{args.inputs}: shape {x.shape}, expected (n, {n_in}) with n at least 1")
    else:
        x = rng.normal(0.0, 1.0, (args.samples or BATCH, n_in)).astype(np.float32)

    model = build(layers, args, directory)
    for layer in model.get_layers():
        types = ", ".join(f"{what} {kind.precision}" for what, kind in layer.types.items()) or "-"
        say(f"{layer.name}: {layer.class_name} {layer.attributes.get('implementation', '')}: {types}")

    say("writing and compiling the C simulation")
    before = time.perf_counter()
    model.compile()
    compile_seconds = time.perf_counter() - before
    say(f"compiled in {compile_seconds:.1f} s")

    if args.outputs:
        # One sample at a time comes back without the first axis.
        np.save(args.outputs, model.predict(x.reshape(-1, *shape)).reshape(len(x), -1).astype(np.float32))
        say(f"wrote {len(x)} predictions to {args.outputs}")

    # To time more samples than there are inputs, repeat them.
    batch = np.resize(x, (args.samples or max(2, len(x)), *shape))
    best, runs = timed(model.predict, batch, args.seconds)
    say(f"best of {runs} calls of predict with {len(batch)} samples: {best:.4f} s")

    return {
        "model": args.model,
        "samples_per_second": round(len(batch) / best, 1),
        "hls4ml": hls4ml.__version__,
        "backend": args.backend,
        "precision": args.precision,
        "compile_seconds": round(compile_seconds, 2),
        "gxx": gxx_version(),
    }


def gxx_version():
    """Version of the compiler that hls4ml's build script calls."""
    return subprocess.run(["g++", "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip()


def main():
    args = arguments()
    if shutil.which("g++") is None:
        sys.exit("hls4ml_bench: g++ is needed to compile the C simulation")
    with tempfile.TemporaryDirectory(prefix="hls4ml-bench-") as directory:
        with stdout_to_stderr():
            result = run(args, Path(directory) / "project")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
