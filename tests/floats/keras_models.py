"""Writes models of Keras 3 whose channels come first with what Keras computes for them (needs Keras 3 and JAX)."""

import json
import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers

HERE = Path(__file__).parent
FIRST = {"data_format": "channels_first"}
SAMPLES = 8


def plain_image():
    x = keras.Input((3, 7, 6), name="x")
    y = layers.Conv2D(4, (3, 2), strides=(2, 1), padding="same", activation="relu", name="c", **FIRST)(x)
    y = layers.BatchNormalization(axis=1, name="b")(y)
    y = layers.MaxPooling2D((2, 2), padding="same", name="m", **FIRST)(y)
    y = layers.Flatten(name="f", **FIRST)(y)
    return keras.Model(x, layers.Dense(5, name="d")(y))


def softmax_image():
    # Along the last axis, whatever comes first.
    x = keras.Input((2, 3, 4), name="x")
    y = layers.Conv2D(3, (1, 1), activation="softmax", name="c", **FIRST)(x)
    return keras.Model(x, layers.SeparableConv2D(2, (1, 1), activation="softmax", name="s", **FIRST)(y))


def mixed_image():
    x = keras.Input((4, 8, 8), name="x")
    y = layers.ZeroPadding2D(((1, 0), (2, 1)), name="z", **FIRST)(x)
    y = layers.DepthwiseConv2D((3, 3), depth_multiplier=2, name="w", **FIRST)(y)
    y = layers.PReLU(shared_axes=[2, 3], name="p")(y)
    y = layers.SeparableConv2D(6, (2, 2), name="s", **FIRST)(y)
    y = layers.Cropping2D(((0, 1), (1, 0)), name="k", **FIRST)(y)
    y = layers.UpSampling2D((1, 2), name="u", **FIRST)(y)
    y = layers.AveragePooling2D((2, 2), strides=(1, 2), padding="same", name="a", **FIRST)(y)
    left = layers.GlobalAveragePooling2D(name="g", **FIRST)(y)
    right = layers.GlobalMaxPooling2D(keepdims=True, name="h", **FIRST)(y)
    right = layers.Reshape((6,), name="r")(right)
    return keras.Model(x, layers.Concatenate(name="j")([left, right]))


def sequence():
    x = keras.Input((3, 10), name="x")
    y = layers.Conv1D(4, 3, dilation_rate=2, name="c", **FIRST)(x)
    y = layers.MaxPooling1D(2, name="m", **FIRST)(y)
    y = layers.Conv1D(4, 2, groups=2, padding="same", name="e", **FIRST)(y)
    y = layers.AveragePooling1D(2, strides=1, name="a", **FIRST)(y)
    left = layers.Flatten(name="f", **FIRST)(y)
    right = layers.Flatten(name="o", data_format="channels_last")(y)
    return keras.Model(x, layers.Concatenate(name="j")([left, right]))


# Sums of some hundred numbers of single precision below 16, and averages that are cut off at 2^-24.
EXACTLY = 2**-14
# A softmax has tables of 1024 entries, which its input of 16 bits addresses by the first ten: steps of 2^-4.
BY_TABLES = 2**-4
MODELS = {
    "channels_first_plain": (plain_image, EXACTLY),
    "channels_first_mixed": (mixed_image, EXACTLY),
    "channels_first_sequence": (sequence, EXACTLY),
    "channels_first_softmax": (softmax_image, BY_TABLES),
}


def main():
    for name, (make, tolerance) in MODELS.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        rng = np.random.default_rng(5)
        model = make()
        # On a grid of 2^-6, and variances that are no square.
        weights = [np.round(rng.uniform(-1, 1, w.shape) * 64) / 64 for w in model.weights]
        weights = [np.abs(v) + 0.5 if "variance" in w.path else v for v, w in zip(weights, model.weights)]
        model.set_weights(weights)
        x = np.round(rng.uniform(-2, 2, (SAMPLES, *model.input.shape[1:])) * 64) / 64
        found = model(x.astype("f4"))
        found = found if isinstance(found, list) else [found]
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        model.save(folder / "model.keras")
        np.savez_compressed(folder / "io.npz", x0=x, **{f"y{n}": np.asarray(y, "f8") for n, y in enumerate(found)})
        width = "fixed<16,6>" if tolerance == BY_TABLES else "fixed<40,16>"
        config = {"Model": {"Precision": {"default": width}, "ReuseFactor": 1, "Strategy": "Latency"}}
        case = {"model_file": "model.keras", "hls_config": config, "tolerance": tolerance}
        (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")


if __name__ == "__main__":
    main()
