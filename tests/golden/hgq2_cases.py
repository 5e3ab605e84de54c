"""Makes the cases of HGQ2 that are no tests of hls4ml: hls4ml 1.3.0, HGQ2 0.2.0, Keras 3.15.1, JAX 0.10.2, g++.

Names such as `q_softmax_1` count the layers that the process has made before.
"""

import json
import os
import tempfile
import zipfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
import hls4ml
import keras
import numpy as np
from hgq.config import QuantizerConfig, QuantizerConfigScope
from hgq.layers import (
    QBatchNormalization,
    QEinsumDenseBatchnorm,
    QLinformerAttention,
    QMultiHeadAttention,
)
from hgq.quantizer import Quantizer
from hgq.utils import trace_minmax
from hls4ml.converters.keras_v3._base import registry

HERE = Path(__file__).parent / "hgq2"
SAMPLES = 24

# HGQ2 has moved its attention.
for old, new, name in [
    ("multi_head_attention", "attn.mha", "QMultiHeadAttention"),
    ("linformer_attention", "attn.linformer", "QLinformerAttention"),
]:
    registry[f"hgq.layers.{new}.{name}"] = registry[f"hgq.layers.{old}.{name}"]


def train(model, rng):
    """Values that look trained, with other bits for every element."""
    for variable in model.variables:
        name, shape = variable.path.rsplit("/", 1)[-1], variable.shape
        if name in ("b", "f"):
            variable.assign(np.clip(np.array(variable) + rng.integers(-1, 2, shape), 0, 12))
        elif name in ("kernel", "bias", "beta", "gamma", "bn_beta", "bn_gamma") and len(shape) > 0:
            around = 1 if name.endswith("gamma") else 0
            variable.assign((rng.normal(size=shape) / 2 + around).astype("f4"))
        elif name == "moving_mean":
            variable.assign((rng.normal(size=shape) * 0.3).astype("f4"))
        elif name == "moving_variance":
            variable.assign(rng.uniform(0.3, 2, shape).astype("f4"))


def pack(path):
    """Keras only stores; the same archive, compressed."""
    with zipfile.ZipFile(path) as old:
        entries = [(name, old.read(name)) for name in old.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for name, data in entries:
            new.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, 9)


def written(precision):
    sign = "" if precision.signed else "u"
    modes = f"AP_{precision.rounding_mode.name},AP_{precision.saturation_mode.name}"
    return f"ap_{sign}fixed<{precision.width},{precision.integer},{modes},{precision.saturation_bits or 0}>"


def attribute(key, value):
    """An attribute as JSON has it, or None."""
    if key == "mask_kbi":
        return [np.asarray(mask).astype(int).tolist() for mask in value]
    if isinstance(value, (np.integer, np.floating)):
        return value.item()
    plain = isinstance(value, (bool, int, float, str)) and not key.endswith("_cpp")
    return list(value) if isinstance(value, tuple) and all(isinstance(v, int) for v in value) else value if plain else None


def row(node):
    types = {key: value for key, value in node.attributes.items() if key.endswith("_t") and hasattr(value, "precision")}
    outputs = {name: node.get_output_variable(name) for name in node.outputs}
    attributes = {key: attribute(key, value) for key, value in node.attributes.items()}
    return {
        "name": node.name,
        "class_name": node.class_name,
        "inputs": list(node.inputs),
        "outputs": list(node.outputs),
        "output_shapes": {name: [int(n) for n in variable.shape] for name, variable in outputs.items()},
        "output_types": {name: written(variable.type.precision) for name, variable in outputs.items()},
        "attributes": {key: value for key, value in attributes.items() if value is not None},
        "types": {key: written(value.precision) for key, value in types.items()},
        "types_cpp": {key: {"name": value.name, "kind": "fixed"} for key, value in types.items()},
        "weights": {
            name: {"shape": list(w.data.shape), "precision": written(w.type.precision), "kind": "fixed"}
            for name, w in node.weights.items()
        },
    }


def save(name, shapes, layers):
    rng = np.random.default_rng(1)
    weights = QuantizerConfigScope(place="all", default_q_type="kbi", overflow_mode="SAT_SYM")
    data = QuantizerConfigScope(place="datalane", default_q_type="kif", overflow_mode="WRAP")
    with weights, data:
        inputs = [keras.layers.Input(shape, name=f"x{n}") for n, shape in enumerate(shapes)]
        model = keras.Model(inputs, layers(*inputs))
    train(model, rng)
    samples = [rng.normal(size=(SAMPLES, *shape)).astype("f4") for shape in shapes]
    trace_minmax(model, samples if len(samples) > 1 else samples[0], verbose=False)
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / "model.keras")
    pack(folder / "model.keras")
    kwargs = {"backend": "Vitis", "io_type": "io_parallel"}
    with tempfile.TemporaryDirectory() as project:
        network = hls4ml.converters.convert_from_keras_model(model, output_dir=project, **kwargs)
        table = [row(node) for node in network.get_layers()]
        network.compile()
        arrays = [x.astype("f8") for x in samples]
        y = network.predict(arrays if len(arrays) > 1 else arrays[0])
    [output] = network.get_output_variables()
    port = lambda variable, key: {"name": variable.name, "shape": [int(n) for n in variable.shape], "key": key}
    case = {
        "id": name,
        "test": name,
        "hls4ml": hls4ml.__version__,
        "frontend": "hgq2",
        "model_file": "model.keras",
        **kwargs,
        "kwargs": kwargs,
        "hls_config": None,
        "simulated": True,
        "inputs": [port(x, f"x{n}") for n, x in enumerate(network.get_input_variables())],
        "outputs": [port(output, "y0")],
        "layers": table,
    }
    (folder / "case.json").write_text(json.dumps(case, separators=(",", ":")) + "\n")
    io = {f"x{n}": x for n, x in enumerate(arrays)}
    np.savez_compressed(folder / "io.npz", **io, y0=np.asarray(y).reshape(SAMPLES, *port(output, "")["shape"]))
    stored = {f"{node.name}/{key}": w.data for node in network.get_layers() for key, w in node.weights.items()}
    np.savez_compressed(folder / "weights.npz", **{key: np.asarray(w, "f8") for key, w in stored.items()})


def of_itself(**options):
    return lambda x: QMultiHeadAttention(2, 3, name="mha", **options)(x, x)


def of_another(x, y):
    return QMultiHeadAttention(2, 3, value_dim=2, output_shape=5, use_bias=False, name="cross")(x, y)


def by_parts(x):
    y = QBatchNormalization(center=False, epsilon=0.1, name="bo")(x)
    return QBatchNormalization(scale=False, name="bn")(y)


def depthwise(x):
    x = Quantizer(QuantizerConfig("kif", place="datalane"), name="qq")(x)
    return keras.layers.DepthwiseConv2D(2, padding="same", name="c")(x)


def normalized(equation, shape, axes, **options):
    return lambda x: QEinsumDenseBatchnorm(equation, shape, bias_axes=axes, name="ebn", **options)(x)


if __name__ == "__main__":
    save("attention_of_itself", [(4, 3)], of_itself())
    save("attention_of_another", [(4, 3), (5, 2)], of_another)
    save("attention_sharing_quantizers", [(4, 3)], of_itself(fuse="qkv"))
    save("attention_giving_matrices", [(4, 3)], of_itself(output_shape=(2, 2)))
    to_fewer = lambda x, y: QLinformerAttention(2, 3, 3, value_dim=2, name="lin")(x, y)
    save("attention_to_fewer_positions", [(4, 3), (5, 2)], to_fewer)
    sharing = lambda x: QLinformerAttention(1, 2, 2, share_kv_proj=True, name="lin")(x, x)
    save("attention_sharing_a_projection", [(5, 3)], sharing)
    save("einsum_dense_batchnorm", [(4, 3)], normalized("abc,cd->abd", (4, 5), "d", activation="relu"))
    save("einsum_dense_batchnorm_axes", [(4, 3)], normalized("abc,cde->adbe", (2, 4, 3), "de", epsilon=0.5))
    save("batch_normalization_by_parts", [(4, 3)], by_parts)
    save("depthwise_after_quantizer", [(5, 5, 3)], depthwise)
