"""Writes models that are applied to every step of a sequence, with what Keras 2 computes for them (needs TensorFlow 2.14)."""

import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Model, layers

HERE = Path(__file__).parent
SAMPLES = 6


def branches():
    step = Input((5, 4), name="step")
    a = layers.Conv1D(3, 2, padding="same", activation="relu", name="a")(step)
    b = layers.Dense(3, name="b")(step)
    both = layers.Concatenate(axis=1, name="both")([a, layers.Add(name="sum")([a, b])])
    pooled = layers.MaxPooling1D(2, name="m")(both)
    wide = layers.Concatenate(name="wide")([pooled, layers.Multiply(name="p")([pooled, pooled])])
    inner = Model(step, layers.Flatten(name="f")(wide), name="inner")
    x = Input((3, 5, 4), name="x")
    return Model(x, layers.TimeDistributed(inner, name="t")(x))


def both_directions():
    x = Input((2, 4, 3), name="x")
    # Lines only, as tables have steps.
    half = layers.SimpleRNN(2, activation="relu", return_sequences=True, name="half")
    return Model(x, layers.TimeDistributed(layers.Bidirectional(half, name="h"), name="t")(x))


def several():
    left, right = Input((4,), name="left"), Input((4,), name="right")
    difference = layers.Subtract(name="d")([layers.Dense(4, name="e")(left), right])
    inner = Model([left, right], layers.Maximum(name="g")([difference, right]), name="inner")
    x, y = Input((3, 4), name="x"), Input((3, 4), name="y")
    both = layers.TimeDistributed(inner, name="t")([x, y])
    return Model([x, y], layers.TimeDistributed(layers.Average(name="v"), name="u")([both, y]))


MODELS = {"steps_of_branches": branches, "steps_of_both_directions": both_directions, "steps_of_several": several}


def main():
    for name, make in MODELS.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        rng = np.random.default_rng(4)
        model = make()
        model.set_weights([np.round(rng.uniform(-1, 1, w.shape) * 16) / 16 for w in model.get_weights()])
        inputs = [np.round(rng.uniform(-2, 2, (SAMPLES, *x.shape[1:])) * 16) / 16 for x in model.inputs]
        found = model.predict([x.astype("f4") for x in inputs], verbose=0)
        found = found if isinstance(found, list) else [found]
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        model.save(folder / "model.h5", include_optimizer=False)
        arrays = {f"x{n}": x for n, x in enumerate(inputs)}
        arrays.update({f"y{n}": y.astype("f8") for n, y in enumerate(found)})
        np.savez_compressed(folder / "io.npz", **arrays)
        config = {"Model": {"Precision": {"default": "fixed<48,20>"}, "ReuseFactor": 1, "Strategy": "Latency"}}
        # Sums of a few numbers on the grid, with products of at most 28 fraction bits: what remains is single precision.
        case = {"model_file": "model.h5", "hls_config": config, "tolerance": 2**-16}
        (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")


if __name__ == "__main__":
    main()
