"""Makes small models of what no recorded case has (needs h5py and numpy); each `NAME.h5` goes with `NAME.draft`."""

import json
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).parent


def layer(kind, name, inbound=None, **config):
    written = {"class_name": kind, "config": {"name": name, **config}}
    if inbound is not None:
        written["name"] = name
        written["inbound_nodes"] = inbound
    return written


def save(name, config, **weights):
    with h5py.File(HERE / f"{name}.h5", "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.14.0"
        groups = file.create_group("model_weights")
        for path, values in weights.items():
            group = groups.create_group(path)
            group.attrs["weight_names"] = [f"{path}/{key}:0".encode() for key in values]
            for key, extents in values.items():
                count = int(np.prod(extents))
                data = (np.arange(count).reshape(extents) / 8).astype("f4")
                group.create_dataset(f"{path}/{key}:0", data=data)


def sequential(*layers):
    return {"class_name": "Sequential", "config": {"name": "net", "layers": list(layers)}}


def shaped(*extents):
    return layer("InputLayer", "x", batch_input_shape=[None, *extents])


def main():
    first = {"data_format": "channels_first"}
    conv = {"strides": [1, 1], "padding": "same", "activation": "relu", "use_bias": True}
    pool = {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"}
    save(
        "channels_first",
        sequential(
            shaped(2, 4, 4),
            layer("Conv2D", "c", filters=3, kernel_size=[3, 3], **conv, **first),
            layer("BatchNormalization", "b", axis=[1], epsilon=0.001, center=True, scale=False),
            layer("MaxPooling2D", "p", **pool, **first),
            layer("Flatten", "f", **first),
        ),
        c={"kernel": (3, 3, 2, 3), "bias": (3,)},
        b={"beta": (3,), "moving_mean": (3,), "moving_variance": (3,)},
    )
    save(
        "several_filters_for_a_channel",
        sequential(
            shaped(4, 4, 2),
            layer("DepthwiseConv2D", "d", kernel_size=[2, 2], depth_multiplier=3, **{**conv, "use_bias": False}),
        ),
        d={"depthwise_kernel": (2, 2, 2, 3)},
    )
    save(
        "parametrized",
        sequential(
            shaped(2, 3),
            layer("ReLU", "r", max_value=4.0, negative_slope=0.0, threshold=0.0),
            layer("ThresholdedReLU", "t", theta=0.5),
            layer("PReLU", "p", shared_axes=[1]),
            layer("Softmax", "s", axis=1),
            layer("Permute", "q", dims=[2, 1]),
        ),
        p={"alpha": (1, 3)},
    )
    gru = {"units": 2, "activation": "tanh", "recurrent_activation": "sigmoid", "return_sequences": True}
    inner = layer("GRU", "g", reset_after=True, use_bias=True, **gru)
    with_names = {
        "forward_g/gru_cell/kernel": (3, 6),
        "forward_g/gru_cell/recurrent_kernel": (2, 6),
        "forward_g/gru_cell/bias": (2, 6),
        "backward_g/gru_cell/kernel": (3, 6),
        "backward_g/gru_cell/recurrent_kernel": (2, 6),
        "backward_g/gru_cell/bias": (2, 6),
    }
    save(
        "both_directions",
        sequential(
            shaped(4, 3),
            layer("Bidirectional", "both", layer=inner, merge_mode="sum"),
            layer("LSTM", "back", go_backwards=True, use_bias=False, **{**gru, "return_sequences": False}),
        ),
        both=with_names,
        back={"lstm_cell/kernel": (2, 8), "lstm_cell/recurrent_kernel": (2, 8)},
    )
    dense = {"units": 2, "activation": "relu", "use_bias": False}
    save(
        "shared",
        {
            "class_name": "Functional",
            "config": {
                "name": "net",
                "layers": [
                    layer("InputLayer", "a", [], batch_input_shape=[None, 2]),
                    layer("InputLayer", "b", [], batch_input_shape=[None, 2]),
                    layer("Dense", "d", [[["a", 0, 0, {}]], [["b", 0, 0, {}]]], **dense),
                    layer("Subtract", "s", [[["d", 1, 0, {}], ["d", 0, 0, {}]]]),
                ],
                "input_layers": [["b", 0, 0], ["a", 0, 0]],
                "output_layers": [["s", 0, 0], ["d", 0, 0]],
            },
        },
        d={"kernel": (2, 2)},
    )
    step = sequential(shaped(4), layer("Dense", "d", **dense), layer("Dense", "e", **dense))
    step["config"]["name"] = "step"
    save(
        "steps",
        sequential(shaped(5, 4), layer("TimeDistributed", "t", layer=step)),
        t={"d/kernel": (4, 2), "e/kernel": (2, 2)},
    )


if __name__ == "__main__":
    main()
