"""Writes recurrent layers of QKeras with what QKeras computes for them (needs TensorFlow 2.14 and QKeras 0.9).

hls4ml does not convert them, or forgets what is rounded within a step. All weights lie on the grid of their quantizers."""

import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from qkeras import QGRU, QLSTM, QBidirectional, QSimpleRNN, quantized_bits, quantized_relu, quantized_sigmoid
from qkeras import quantized_tanh
from tensorflow.python.util import nest

HERE = Path(__file__).parent
# The name that TensorFlow 2.14 has no more.
nest.is_sequence = nest.is_nested


def tanh(bits):
    return quantized_tanh(bits, use_real_tanh=True)


def sigmoid(bits):
    return quantized_sigmoid(bits, use_real_sigmoid=True)


WEIGHTS = {name: "quantized_bits(8,1,alpha=1)" for name in ["kernel_quantizer", "recurrent_quantizer", "bias_quantizer"]}
GATES = {"activation": tanh(5), "recurrent_activation": sigmoid(4), "return_sequences": True, **WEIGHTS}
STEPS, FEATURES, SAMPLES = 5, 3, 16


# Such that no function comes so near to the middle between two rounded values that its table's next entry lies beyond.
SEEDS = {"qlstm": 12}


def layers():
    yield "qlstm", lambda: QLSTM(4, name="r", **GATES)
    yield "qgru", lambda: QGRU(4, name="r", **GATES)
    yield "qsimple_rnn", lambda: QSimpleRNN(4, activation=tanh(5), name="r", **WEIGHTS)
    yield "qsimple_rnn_relu", lambda: QSimpleRNN(4, activation=quantized_relu(5, 1), name="r", **WEIGHTS)
    yield "qsimple_rnn_bits", lambda: QSimpleRNN(4, activation=quantized_bits(6, 1, alpha=1), name="r", **WEIGHTS)
    yield "qlstm_both_directions", lambda: tf.keras.layers.Bidirectional(QLSTM(4, name="q", **GATES), name="r")
    yield "qgru_both_directions", lambda: QBidirectional(QGRU(4, name="q", **GATES), name="r", merge_mode="sum")


def config(name):
    # Room for everything exactly, but for the functions, whose tables have entries every 2^-12 and 2^-13.
    wide = {"default": "fixed<36,12>"}
    layer = {"Precision": {"default": "fixed<36,12>"}, "TableSize": 65536}
    if name in ("qsimple_rnn_relu", "qsimple_rnn_bits"):
        bits = {"qsimple_rnn_relu": "ufixed<5,1,RND_CONV,SAT>", "qsimple_rnn_bits": "fixed<6,2,RND_CONV,SAT>"}
        layer["Precision"]["result"] = bits[name]
    return {"Model": {"Precision": wide, "ReuseFactor": 1, "Strategy": "Latency"}, "LayerName": {"r": layer}}


def main():
    for name, make in layers():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        tf.keras.utils.set_random_seed(11)
        rng = np.random.default_rng(SEEDS.get(name, 11))
        model = tf.keras.Sequential([tf.keras.layers.Input((STEPS, FEATURES), name="x"), make()])
        model.set_weights([np.round(rng.uniform(-1.2, 1.2, w.shape) * 64) / 64 for w in model.get_weights()])
        x = np.round(rng.uniform(-2, 2, (SAMPLES, STEPS, FEATURES)) * 256) / 256
        y = model.predict(x.astype("f4"), verbose=0)
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        model.save(folder / "model.h5", include_optimizer=False)
        np.savez_compressed(folder / "io.npz", x0=x, y0=y.astype("f8"))
        case = {"model_file": "model.h5", "hls_config": config(name), "tolerance": 2**-12}
        (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")


if __name__ == "__main__":
    main()
