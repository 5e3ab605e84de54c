"""Writes models that hls4ml does not know or computes otherwise, with what Keras computes for them.

With Keras 3 (needs JAX) all of them; with Keras 2 those whose channels come last, as `NAME_keras_2`."""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
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


def residual():
    x = keras.Input((3, 6, 5), name="x")
    y = layers.Conv2D(4, (3, 3), padding="same", name="c", **FIRST)(x)
    z = layers.BatchNormalization(axis=1, name="b")(y)
    z = layers.Activation("relu", name="a")(z)
    z = layers.Conv2D(4, (1, 3), padding="same", name="e", **FIRST)(z)
    z = layers.LeakyReLU(name="l")(layers.Add(name="s")([z, y]))
    pooled = layers.AveragePooling2D((2, 1), name="v", **FIRST)(z)
    # One tensor in both orders, one at the end.
    plain = layers.Flatten(data_format="channels_last", name="f")(z)
    return keras.Model(x, [layers.Multiply(name="m")([pooled, pooled]), plain])


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
# Tables with entries every 2^-12 and 2^-13 for functions whose slope is at most 1: some of them, one after the other.
OF_FINE_TABLES = 2**-9
# A softmax has tables of 1024 entries, which its input of 16 bits addresses by the first ten: steps of 2^-4.
BY_TABLES = 2**-4
def to_scale():
    x = keras.Input((4, 3), name="x")
    y = layers.Rescaling([0.5, 0.25, 2.0], offset=0.125, name="r")(x)
    y = layers.Normalization(name="n")(y)
    y = layers.Normalization(axis=None, mean=0.25, variance=4.0, name="g")(y)
    a = layers.Dense(3, activation=layers.LeakyReLU(0.25), name="a")(y)
    b = layers.Conv1D(3, 1, activation=layers.ReLU(max_value=2), name="b")(y)
    y = layers.Add(name="s")([y, a, b])
    return keras.Model(x, layers.Maximum(name="m")([y, a, b, layers.Multiply(name="p")([y, a, b])]))


def first_states():
    x, h, c = keras.Input((4, 3), name="x"), keras.Input((2,), name="h"), keras.Input((2,), name="c")
    y = layers.LSTM(2, return_sequences=True, name="l")(x, initial_state=[h, c])
    y = layers.GRU(2, return_sequences=True, name="g")(y, initial_state=c)
    return keras.Model([x, h, c], layers.SimpleRNN(2, name="s")(y, initial_state=h))


def windows():
    x = keras.Input((7, 8, 4), name="x")
    y = layers.Conv2D(4, (3, 2), dilation_rate=(2, 1), padding="same", name="d")(x)
    y = layers.BatchNormalization(axis=2, name="b")(y)
    y = layers.DepthwiseConv2D((2, 2), strides=(2, 2), depth_multiplier=2, padding="same", name="w")(y)
    y = layers.Reshape((16, 8), name="r")(y)
    y = layers.Conv1D(3, 3, padding="causal", dilation_rate=2, name="c")(y)
    y = layers.Permute((2, 1), name="p")(y)
    y = layers.BatchNormalization(axis=1, scale=False, name="a")(y)
    return keras.Model(x, layers.LeakyReLU(name="l")(y))


def directions():
    x = keras.Input((4, 3), name="x")
    rnn = {"return_sequences": True}
    y = layers.Bidirectional(layers.LSTM(2, name="l", **rnn), merge_mode="mul", name="m")(x)
    y = layers.Bidirectional(layers.GRU(2, name="r", reset_after=False, **rnn), name="c")(y)
    y = layers.GRU(3, go_backwards=True, name="g", **rnn)(y)
    other = layers.SimpleRNN(2, go_backwards=True, activation="tanh", name="o")
    y = layers.Bidirectional(layers.GRU(2, name="f"), backward_layer=layers.GRU(2, go_backwards=True, name="t"), name="n")(y)
    z = layers.RepeatVector(3, name="v")(y)
    return keras.Model(x, layers.Dot(axes=1, name="d")([other(z), layers.Dense(2, name="e")(y)]))


MODELS = {
    "channels_first_plain": (plain_image, EXACTLY),
    "channels_first_mixed": (mixed_image, EXACTLY),
    "channels_first_sequence": (sequence, EXACTLY),
    "channels_first_residual": (residual, EXACTLY),
    "channels_first_softmax": (softmax_image, BY_TABLES),
    "to_scale": (to_scale, EXACTLY),
    "first_states": (first_states, OF_FINE_TABLES),
    "windows": (windows, EXACTLY),
    "directions": (directions, OF_FINE_TABLES),
}
KERAS_2 = keras.__version__.startswith("2")


def main():
    for name, (make, tolerance) in MODELS.items():
        if (sys.argv[1:] and name not in sys.argv[1:]) or (KERAS_2 and name.startswith("channels_first")):
            continue
        rng = np.random.default_rng(5)
        model = make()
        # On a grid of 2^-6, and variances that are no square.
        weights = [np.round(rng.uniform(-1, 1, w.shape) * 64) / 64 for w in model.weights]
        weights = [np.abs(v) + 0.5 if "variance" in (w.name if KERAS_2 else w.path) else v for v, w in zip(weights, model.weights)]
        model.set_weights(weights)
        inputs = [np.round(rng.uniform(-2, 2, (SAMPLES, *x.shape[1:])) * 64) / 64 for x in model.inputs]
        folder, file = (HERE / f"{name}_keras_2", "model.h5") if KERAS_2 else (HERE / name, "model.keras")
        folder.mkdir(exist_ok=True)
        model.save(folder / file)
        # As it is read again: a normalization only then takes its statistics.
        model = keras.models.load_model(folder / file)
        found = model([x.astype("f4") for x in inputs])
        found = found if isinstance(found, list) else [found]
        np.savez_compressed(folder / "io.npz", **{f"x{n}": x for n, x in enumerate(inputs)}, **{f"y{n}": np.asarray(y, "f8") for n, y in enumerate(found)})
        width = "fixed<16,6>" if tolerance == BY_TABLES else "fixed<40,16>"
        config = {"Model": {"Precision": {"default": width}, "ReuseFactor": 1, "Strategy": "Latency"}}
        if tolerance == OF_FINE_TABLES:
            fine = {"TableSize": 65536, "table_t": "fixed<24,4>"}
            config["LayerName"] = {layer.name: fine for layer in model.layers if isinstance(layer, (layers.RNN, layers.Bidirectional))}
        case = {"model_file": file, "hls_config": config, "tolerance": tolerance}
        (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")


if __name__ == "__main__":
    main()
