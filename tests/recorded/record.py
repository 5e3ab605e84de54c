"""Writes models of Keras 2 that no recorded case has, with what hls4ml 1.3.0 computes for them (needs hls4ml and h5py).

Every folder has the files of a case of `tests/golden`; the layers only say their types."""

import json
import re
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
from hls4ml.converters.keras_v2_to_hls import keras_v2_to_hls

HERE = Path(__file__).parent


def layer(kind, name, inputs=(), **config):
    inbound = [[[source, 0, 0, {}] for source in inputs]] if inputs else []
    return {"class_name": kind, "name": name, "config": {"name": name, **config}, "inbound_nodes": inbound}


def shaped(name, *extents, dtype="float32"):
    return layer("InputLayer", name, batch_input_shape=[None, *extents], dtype=dtype)


def functional(layers, outputs):
    inputs = [each["name"] for each in layers if each["class_name"] == "InputLayer"]
    ends = {"input_layers": [[name, 0, 0] for name in inputs], "output_layers": [[name, 0, 0] for name in outputs]}
    return {"class_name": "Functional", "config": {"name": "net", "layers": layers, **ends}}


def write_model(path, config, weights):
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.14.0"
        for name, values in weights.items():
            group = file.create_group(f"model_weights/{name}")
            group.attrs["weight_names"] = [f"{name}/{key}:0".encode() for key in values]
            for key, data in values.items():
                group.create_dataset(f"{name}/{key}:0", data=data.astype("f4"))


def spelt(precision):
    text = re.sub(r"(RND\w*|TRN\w*|WRAP\w*|SAT\w*)", r"AP_\1", str(precision))
    return f"ap_{text}"


def table(graph):
    rows = []
    for node in graph.get_layers():
        types = {key: spelt(ty.precision) for key, ty in node.attributes.items() if key.endswith("_t") and hasattr(ty, "precision")}
        shapes = {name: [int(n) for n in node.get_output_variable(name).shape] for name in node.outputs}
        row = {"name": node.name, "class_name": node.class_name, "inputs": node.inputs, "outputs": node.outputs}
        rows.append({**row, "output_shapes": shapes, "attributes": {}, "types": types, "weights": {}})
    return rows


def record(name, config, weights, hls_config, inputs, io_type="io_parallel"):
    (HERE / name).mkdir(exist_ok=True)
    write_model(HERE / name / "model.h5", config, weights)
    convert(name, hls_config, inputs, io_type)


def convert(name, hls_config, inputs, io_type="io_parallel", frontend="keras_v2"):
    folder = HERE / name
    with tempfile.TemporaryDirectory() as project:
        settings = {"KerasH5": str(folder / "model.h5"), "OutputDir": project, "ProjectName": "myproject"}
        settings.update(Backend="Vivado", IOType=io_type, Part="xc7z020clg400-1", ClockPeriod=5, HLSConfig=hls_config)
        graph = keras_v2_to_hls(settings)
        graph.compile()
        values = [np.ascontiguousarray(x, dtype=float) for x in inputs]
        found = graph.predict(values[0] if len(values) == 1 else values)
    found = found if isinstance(found, list) else [found]
    ports = lambda variables, letter: [
        {"name": v.name, "shape": [int(n) for n in v.shape], "key": f"{letter}{n}"} for n, v in enumerate(variables)
    ]
    arrays = {f"x{n}": x for n, x in enumerate(values)}
    for n, variable in enumerate(graph.get_output_variables()):
        arrays[f"y{n}"] = np.asarray(found[n], dtype=float).reshape(-1, *[int(n) for n in variable.shape])
    np.savez_compressed(folder / "io.npz", **arrays)
    case = {"id": name, "test": "tests/recorded/record.py", "hls4ml": "1.3.0", "frontend": frontend}
    case.update(model_file="model.h5", backend="Vivado", io_type=io_type, kwargs={}, hls_config=hls_config, simulated=True)
    case.update(inputs=ports(graph.get_input_variables(), "x"), outputs=ports(graph.get_output_variables(), "y"))
    case["layers"] = table(graph)
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")


def model_config(precision, **settings):
    return {"Model": {"ReuseFactor": 1, "Strategy": "Latency", "Precision": precision, **settings}}


def garnet_model(kind, vertices, features, **sizes):
    usual = {"simplified": True, "collapse": None, "input_format": "xn", "output_activation": None}
    usual.update(quantize_transforms=False, mean_by_nvert=False)
    both = [shaped("x", vertices, features), shaped("n", 1, dtype="uint16")]
    return functional([*both, layer(kind, "g", ["x", "n"], **{**usual, **sizes})], ["g"])


def garnet_weights(rng, features, aggregators, propagated, units, number=""):
    parts = {"FLR": (features, propagated), "S": (features, aggregators), "Fout": (aggregators * propagated, units)}
    values = {}
    for part, shape in parts.items():
        values[f"{part}{number}_kernel"] = rng.uniform(-0.8, 0.8, shape)
        values[f"{part}{number}_bias"] = rng.uniform(-0.5, 0.5, shape[1:])
    return values


def garnet_inputs(rng, vertices, features, counts):
    x = np.round(rng.uniform(-1.5, 1.5, (len(counts), vertices, features)) * 1024) / 1024
    return [x, np.array(counts, dtype=float).reshape(-1, 1)]


def garnet_vertices():
    # hls4ml leaves the result as it was for vertices that there are not, so that all have to be there.
    rng = np.random.default_rng(7)
    model = garnet_model("GarNet", 8, 3, n_aggregators=4, n_filters=3, n_propagate=5)
    config = model_config("ap_fixed<24,8>", ReuseFactor=2)
    weights = {"g": garnet_weights(rng, 3, 4, 5, 3)}
    record("garnet_vertices", model, weights, config, garnet_inputs(rng, 8, 3, [8] * 16))


def garnet_mean():
    rng = np.random.default_rng(8)
    model = garnet_model("GarNet", 8, 3, n_aggregators=4, n_filters=3, n_propagate=5, collapse="mean")
    config = model_config("ap_fixed<24,8>")
    precision = {"result": "ap_fixed<20,6,AP_RND,AP_SAT>", "edge_weight": "ap_ufixed<8,0>", "aggr": "ap_fixed<20,7>"}
    config["LayerName"] = {"g": {"Precision": precision, "ReuseFactor": 4}}
    weights = {"g": garnet_weights(rng, 3, 4, 5, 3)}
    record("garnet_mean", model, weights, config, garnet_inputs(rng, 8, 3, [0, 1, 2, 3, 5, 7, 8, 8] * 2))


def garnet_stack():
    rng = np.random.default_rng(9)
    sizes = {"n_aggregators": [4, 2, 3], "n_filters": [3, 5, 2], "n_propagate": [2, 3, 4], "n_sublayers": 3}
    model = garnet_model("GarNetStack", 8, 3, **sizes, collapse="mean")
    config = model_config("ap_fixed<24,8>", ReuseFactor=2)
    config["LayerType"] = {"GarNetStack": {"Precision": {"default": "ap_fixed<26,9>", "edge_weight_aggr": "ap_ufixed<14,4>"}}}
    shapes = [(3, 4, 2, 3), (3, 2, 3, 5), (5, 3, 4, 2)]
    weights = {"g": {k: v for n, s in enumerate(shapes) for k, v in garnet_weights(rng, *s, n).items()}}
    record("garnet_stack", model, weights, config, garnet_inputs(rng, 8, 3, [0, 1, 2, 3, 5, 7, 8, 8] * 2))


def garnet_by_number():
    # With means over the vertices that there are, which hls4ml divides as whole numbers; types as it proposes them.
    rng = np.random.default_rng(10)
    model = garnet_model("GarNet", 8, 3, n_aggregators=4, n_filters=3, n_propagate=5, mean_by_nvert=True)
    config = model_config("ap_fixed<24,8>")
    precision = {"edge_weight": "ap_ufixed<10,0,AP_TRN,AP_SAT>", "edge_weight_aggr": "ap_ufixed<13,3,AP_TRN,AP_SAT>"}
    precision.update(aggr="ap_fixed<16,6,AP_TRN,AP_SAT>", norm="ap_ufixed<14,4,AP_TRN,AP_SAT>")
    config["LayerName"] = {"g": {"Precision": precision, "ReuseFactor": 1}}
    weights = {"g": garnet_weights(rng, 3, 4, 5, 3)}
    record("garnet_by_number", model, weights, config, garnet_inputs(rng, 8, 3, [8] * 16))


def qlstm_not_rounded():
    # hls4ml has such a layer only if all types are the same, and forgets that its gates are rounded; `table_t` says the
    # same here. Needs QKeras for its quantizers.
    name = "qlstm_not_rounded"
    (HERE / name).mkdir(exist_ok=True)
    (HERE / name / "model.h5").write_bytes((HERE.parent / "floats" / "qlstm" / "model.h5").read_bytes())
    config = model_config("ap_fixed<18,6>")
    config["LayerName"] = {"r": {"table_t": "ap_fixed<18,8>"}}
    x = np.round(np.random.default_rng(3).uniform(-2, 2, (16, 5, 3)) * 256) / 256
    convert(name, config, [x], frontend="qkeras")


CASES = [garnet_vertices, garnet_mean, garnet_stack, garnet_by_number, qlstm_not_rounded]

if __name__ == "__main__":
    for case in CASES:
        if not sys.argv[1:] or case.__name__ in sys.argv[1:]:
            case()
