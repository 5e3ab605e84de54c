"""Makes `output_modes.keras` and `output_modes.json`: what hls4ml 1.3.0 makes of a small network when its pass
`output_rounding_saturation_mode` is on (needs hls4ml, Keras 3 and g++)."""

import json
import os
import tempfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "numpy"

import hls4ml
import keras
import numpy as np
from hls4ml.model.optimizer import get_optimizer

HERE = Path(__file__).parent


def main():
    rng = np.random.default_rng(1)
    x = keras.Input((6, 2), name="x")
    y = keras.layers.Conv1D(3, 2, activation="relu", name="conv")(x)
    y = keras.layers.AveragePooling1D(2, name="pool")(y)
    y = keras.layers.Flatten(name="flat")(y)
    y = keras.layers.Dense(4, activation="relu", name="fc")(y)
    y = keras.layers.Dense(2, name="whole")(y)
    model = keras.Model(x, y, name="output_modes")
    for layer in model.layers:
        layer.set_weights([rng.normal(scale=1.5, size=w.shape) for w in layer.get_weights()])
    model.save(HERE / "output_modes.keras")
    config = {
        "Model": {"Precision": "fixed<16,6>", "ReuseFactor": 1},
        "LayerName": {
            "conv": {"Precision": {"result": "fixed<10,3>", "accum": "fixed<18,8>", "weight": "fixed<9,3>"}},
            "conv_relu": {"Precision": {"result": "ufixed<6,2>"}},
            "fc": {"Precision": {"result": "fixed<12,5,RND,SAT>"}},
            "fc_relu": {"Precision": {"result": "fixed<7,3>"}},
            "whole": {"Precision": {"result": "int<6>"}},
        },
    }
    modes = {
        "layers": ["Dense", "Pooling1D", "conv", "fc_relu"],
        "rounding_mode": "AP_RND_CONV",
        "saturation_mode": "AP_SAT",
    }
    get_optimizer("output_rounding_saturation_mode").configure(**modes)
    with tempfile.TemporaryDirectory() as out:
        network = hls4ml.converters.convert_from_keras_model(
            model, hls_config=config, output_dir=out, backend="Vitis", io_type="io_parallel"
        )
        types = {
            node.name: {
                slot: str(node.get_attr(f"{slot}_t").precision)
                for slot in ["result", "accum"]
                if node.get_attr(f"{slot}_t") is not None
            }
            for node in network.get_layers()
        }
        network.compile()
        inputs = np.round(rng.normal(scale=2, size=(32, 6, 2)) * 1024) / 1024
        outputs = network.predict(inputs)
    config["Model"]["OutputRoundingSaturationMode"] = {
        "Layers": modes["layers"],
        "RoundingMode": modes["rounding_mode"],
        "SaturationMode": modes["saturation_mode"],
    }
    recorded = {"hls_config": config, "types": types, "x": inputs.reshape(32, -1).tolist(), "y": outputs.tolist()}
    (HERE / "output_modes.json").write_text(json.dumps(recorded, indent=1).replace("\n    ", " ").replace("\n   ]", "]"))


if __name__ == "__main__":
    main()
