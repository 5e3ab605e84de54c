"""Makes models of HGQ2 that hls4ml cannot convert, with what Keras computes: HGQ2 0.2.0, Keras 3.15.1, JAX 0.10.2.

Their numbers are exact, so the tolerance is 0.
"""

import json
import os
import zipfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from hgq.config import QuantizerConfigScope
from hgq.layers import (
    QAdd,
    QConv2D,
    QDense,
    QGlobalAveragePooling2D,
    QMaxPooling2D,
    QMeanPow2,
    QMultiHeadAttention,
    QSoftmax,
    QSum,
    QUnaryFunctionLUT,
)
from hgq.utils import trace_minmax

HERE = Path(__file__).parent
SAMPLES = 16


def train(model, rng):
    """Values that look trained, with other bits for every element."""
    for variable in model.variables:
        name, shape = variable.path.rsplit("/", 1)[-1], variable.shape
        if name in ("b", "f"):
            variable.assign(np.clip(np.array(variable) + rng.integers(-1, 2, shape), 0, 12))
        elif name in ("kernel", "bias"):
            variable.assign((rng.normal(size=shape) / 2).astype("f4"))


def pack(path):
    """Keras only stores; the same archive, compressed."""
    with zipfile.ZipFile(path) as old:
        entries = [(name, old.read(name)) for name in old.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for name, data in entries:
            new.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, 9)


def save(name, shape, layers):
    rng = np.random.default_rng(1)
    keras.utils.set_random_seed(1)
    weights = QuantizerConfigScope(place="all", default_q_type="kbi", overflow_mode="SAT_SYM")
    data = QuantizerConfigScope(place="datalane", default_q_type="kif", overflow_mode="WRAP")
    with weights, data:
        x = keras.layers.Input(shape, name="x")
        made = layers(x)
        model = keras.Sequential([x, *made]) if isinstance(made, list) else keras.Model(x, made)
    train(model, rng)
    samples = rng.normal(size=(SAMPLES, *shape)).astype("f4")
    trace_minmax(model, samples, verbose=False)
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    model.save(folder / "model.keras")
    pack(folder / "model.keras")
    y = np.asarray(model.predict(samples, verbose=0), "f8").reshape(SAMPLES, -1)
    np.savez_compressed(folder / "io.npz", x0=samples.astype("f8"), y0=y)
    case = {"model_file": "model.keras", "hls_config": {}, "tolerance": 0.0}
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")


def attention_twice(x):
    """hls4ml has the second use read what the first one does."""
    layer = QMultiHeadAttention(2, 2, name="a")
    return layer(layer(x, x), x)


def attention_of_one(x):
    return QMultiHeadAttention(1, 3, name="a")(x)


def attention_in_sequence(_):
    return [QMultiHeadAttention(2, 2, name="a"), keras.layers.Flatten(name="f"), QDense(3, name="d")]


def sums(x):
    kept = QAdd(name="a")([x, QSum(axes=(1, 2), keepdims=True, scale=0.25, name="s")(x)])
    return QDense(3, name="d")(QMeanPow2(axes=1, name="m")(kept))


def sum_of_all(x):
    return QSum(axes=(1, 2), name="s")(QDense(3, name="d")(x))


def pooled(x):
    y = QConv2D(4, 3, padding="same", activation="relu", name="c")(x)
    y = QConv2D(3, 2, strides=2, use_bias=False, name="e")(QMaxPooling2D(2, name="p")(y))
    y = QDense(4, name="d")(QGlobalAveragePooling2D(name="g")(y))
    return QSoftmax(enable_oq=True, name="s")(y)


def functions(x):
    names = ["gelu", "selu", "mish", "squareplus", "soft_shrink", "hard_shrink", "hard_silu", "sparse_plus", "celu"]
    names += ["sparse_sigmoid", "log_sigmoid", "tanh_shrink"]
    y = QDense(4, name="d")(x)
    tables = [QUnaryFunctionLUT(name, allow_heterogeneous_table=False, name=name)(y) for name in names]
    return keras.layers.Concatenate(name="c")(tables)


if __name__ == "__main__":
    save("hgq2_attention_twice", (3, 2), attention_twice)
    save("hgq2_attention_of_one", (3, 4), attention_of_one)
    save("hgq2_attention_in_sequence", (4, 3), attention_in_sequence)
    save("hgq2_sums", (5, 4), sums)
    save("hgq2_sum_of_all", (2, 4), sum_of_all)
    save("hgq2_pooled", (8, 8, 2), pooled)
    save("hgq2_dilated", (9, 9, 2), lambda x: QConv2D(2, 3, dilation_rate=2, name="c")(x))
    save("hgq2_groups", (5, 5, 4), lambda x: QConv2D(4, 3, groups=2, name="c")(x))
    save("hgq2_channels_first", (2, 6, 6), lambda x: QConv2D(4, 3, data_format="channels_first", name="c")(x))
    save("hgq2_three_to_add", (4,), lambda x: QAdd(name="a")([QDense(3, name=n)(x) for n in "def"]))
    save("hgq2_functions", (5,), functions)
