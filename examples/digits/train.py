#!/usr/bin/env python3
"""Trains the networks of this example: handwritten digits, 64 -> 32 -> 32 -> 10.

    pip install -r requirements.txt
    OMP_NUM_THREADS=1 python train.py [--out DIR]

Two networks of the same shape (dense, relu, dense, relu, dense):

    float   ordinary training; meant for a generous fixed-point format
    quant   quantization-aware training, no more than 8 bits anywhere

The formats are written fixed<W,I> / ufixed<W,I>: W bits in all (with the sign),
I integer bits (with the sign), W - I fraction bits. RND rounds to nearest, halves
upwards: floor(x * 2^F + 0.5). SAT clamps to the format's range.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 2018
LAYERS = (64, 32, 32, 10)
TEST_IMAGES = 500
# Chosen by cross-validation within the training images.
NOISE = 0.2  # standard deviation of what is added to the pixels
DECAY = 0.05  # of the weights


@dataclass(frozen=True)
class Format:
    """A fixed-point format with RND and SAT."""

    signed: bool
    width: int
    integer: int

    @property
    def fraction(self):
        return self.width - self.integer

    @property
    def raw_range(self):
        if self.signed:
            return -(1 << (self.width - 1)), (1 << (self.width - 1)) - 1
        return 0, (1 << self.width) - 1

    @property
    def range(self):
        low, high = self.raw_range
        return low / 2**self.fraction, high / 2**self.fraction

    def quantize(self, x):
        """The nearest value of the format, as a float."""
        return self.raw(x) / 2**self.fraction

    def raw(self, x):
        """The integer that the hardware holds for `x`."""
        return np.clip(np.floor(x * 2.0**self.fraction + 0.5), *self.raw_range)

    def cast_raw(self, raw, fraction):
        """Casts integers with `fraction` fraction bits to this format, in integers only."""
        shift = fraction - self.fraction
        assert shift > 0, "the accumulator is always finer than what it is cast to"
        return np.clip((raw + (1 << (shift - 1))) >> shift, *self.raw_range)

    def __str__(self):
        return f"{'fixed' if self.signed else 'ufixed'}<{self.width},{self.integer}>"


INPUT = Format(signed=False, width=5, integer=1)  # a pixel 0..16, divided by 16
WEIGHT = Format(signed=True, width=6, integer=1)
BIAS = Format(signed=True, width=8, integer=2)
HIDDEN = Format(signed=False, width=8, integer=3)
LOGIT = Format(signed=True, width=8, integer=5)


# ---------------------------------------------------------------- data


def load():
    """Images as values 0, 1/16, .. 1 and labels: train, then test."""
    digits = load_digits()
    images = digits.data / 16.0
    assert np.array_equal(INPUT.quantize(images), images), "pixels are exact in the input format"
    x_train, x_test, y_train, y_test = train_test_split(
        images, digits.target, test_size=TEST_IMAGES, stratify=digits.target, random_state=SEED
    )
    return x_train, y_train, x_test, y_test


# ---------------------------------------------------------------- networks


class Float:
    """Plain arithmetic, plain gradients."""

    def weight(self, w):
        return w

    def bias(self, b):
        return b

    def hidden(self, z):
        return np.maximum(z, 0.0)

    def hidden_slope(self, z):
        return z > 0.0

    def logit(self, z):
        return z

    def keep(self, params):
        """Nothing to keep within bounds."""


class Quant:
    """Quantized forward pass; backwards, a rounding counts as the identity (straight-through)."""

    def weight(self, w):
        return WEIGHT.quantize(w)

    def bias(self, b):
        return BIAS.quantize(b)

    def hidden(self, z):
        return HIDDEN.quantize(z)  # unsigned: clamping at zero is the relu

    def hidden_slope(self, z):
        return (z > 0.0) & (z < HIDDEN.range[1])

    def logit(self, z):
        return LOGIT.quantize(z)

    def keep(self, params):
        for i, p in enumerate(params):
            np.clip(p, *(BIAS if i % 2 else WEIGHT).range, out=p)


def forward(params, x, arithmetic):
    """Preactivations and activations of every layer; `params` is w1, b1, w2, b2, w3, b3."""
    pre, post = [], [x]
    for i in range(0, len(params), 2):
        z = post[-1] @ arithmetic.weight(params[i]) + arithmetic.bias(params[i + 1])
        last = i + 2 == len(params)
        pre.append(z)
        post.append(arithmetic.logit(z) if last else arithmetic.hidden(z))
    return pre, post


def softmax(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def gradients(params, x, y, arithmetic):
    """Gradients of the mean cross entropy."""
    pre, post = forward(params, x, arithmetic)
    d = softmax(post[-1])
    d[np.arange(len(y)), y] -= 1.0
    d /= len(y)
    grads = [None] * len(params)
    for layer in reversed(range(len(pre))):
        grads[2 * layer] = post[layer].T @ d
        grads[2 * layer + 1] = d.sum(axis=0)
        if layer > 0:
            d = (d @ arithmetic.weight(params[2 * layer]).T) * arithmetic.hidden_slope(pre[layer - 1])
    return grads


def initial(rng):
    params = []
    for n_in, n_out in zip(LAYERS, LAYERS[1:]):
        params.append(rng.normal(0.0, np.sqrt(2.0 / n_in), (n_in, n_out)))
        params.append(np.zeros(n_out))
    return params


def train(params, x, y, arithmetic, rng, epochs, rate, decay, batch=64):
    """Adam with decoupled weight decay; the rate falls to zero along a half cosine."""
    params = [p.copy() for p in params]
    arithmetic.keep(params)
    mean = [np.zeros_like(p) for p in params]
    square = [np.zeros_like(p) for p in params]
    steps = epochs * (len(x) // batch)
    step = 0
    for _ in range(epochs):
        order = rng.permutation(len(x))
        images = x + rng.normal(0.0, NOISE, x.shape)  # new noise in every epoch, against overfitting
        for start in range(0, len(x) - batch + 1, batch):
            chosen = order[start : start + batch]
            lr = rate * 0.5 * (1.0 + np.cos(np.pi * step / steps))
            step += 1
            grads = gradients(params, images[chosen], y[chosen], arithmetic)
            for i, g in enumerate(grads):
                mean[i] += 0.1 * (g - mean[i])
                square[i] += 0.001 * (g * g - square[i])
                update = (mean[i] / (1 - 0.9**step)) / (np.sqrt(square[i] / (1 - 0.999**step)) + 1e-8)
                params[i] -= lr * (update + (decay * params[i] if i % 2 == 0 else 0.0))
            arithmetic.keep(params)
    return params


def integer_forward(params, x):
    """The quantized network in integers only: the reference that firmware must equal bit by bit."""
    a, fraction = INPUT.raw(x).astype(np.int64), INPUT.fraction
    for i in range(0, len(params), 2):
        w = WEIGHT.raw(params[i]).astype(np.int64)
        b = BIAS.raw(params[i + 1]).astype(np.int64)
        fraction += WEIGHT.fraction
        z = a @ w + (b << (fraction - BIAS.fraction))
        to = LOGIT if i + 2 == len(params) else HIDDEN
        a, fraction = to.cast_raw(z, fraction), to.fraction
    return a / 2.0**fraction


# ---------------------------------------------------------------- reports


def accuracy(logits, y):
    return 100.0 * np.mean(logits.argmax(axis=1) == y)


def worst_case(params, x_range, arithmetic):
    """Bounds of every preactivation over all inputs in `x_range`, not only over the images."""
    low, high = (np.full(LAYERS[0], v) for v in x_range)
    bounds = []
    for i in range(0, len(params), 2):
        w, b = arithmetic.weight(params[i]), arithmetic.bias(params[i + 1])
        up, down = np.maximum(w, 0.0), np.minimum(w, 0.0)
        low, high = low @ up + high @ down + b, high @ up + low @ down + b
        bounds.append((low.min(), high.max()))
        low, high = arithmetic.hidden(low), arithmetic.hidden(high)
    return bounds


def report(name, params, x_train, y_train, x_test, y_test, arithmetic):
    print(f"{name}:")
    for part, x, y in (("train", x_train, y_train), ("test", x_test, y_test)):
        print(f"  accuracy, {part:5} {accuracy(forward(params, x, arithmetic)[1][-1], y):6.2f} %  ({len(x)} images)")
    pre, post = forward(params, np.concatenate([x_train, x_test]), arithmetic)
    bounds = worst_case(params, (0.0, 1.0), arithmetic)
    for i, (z, (low, high)) in enumerate(zip(pre, bounds)):
        w, b = arithmetic.weight(params[2 * i]), arithmetic.bias(params[2 * i + 1])
        print(
            f"  fc{i + 1}  |weight| <= {np.abs(w).max():.5f}  |bias| <= {np.abs(b).max():.5f}"
            f"  zero weights {100 * np.mean(w == 0):4.1f} %"
            f"  result on the images {z.min():.3f} .. {z.max():.3f}, on any input {low:.3f} .. {high:.3f}"
        )
        if isinstance(arithmetic, Quant):
            to = LOGIT if i + 1 == len(pre) else HIDDEN
            low, high = to.range
            below = f"{np.sum(z < low)} below, " if to.signed else ""  # otherwise that is just the relu
            print(f"       clamped by {to} on the images: {below}{np.sum(z > high)} above, of {z.size}")


def named(params):
    return {
        f"fc{i // 2 + 1}.{'bias' if i % 2 else 'weight'}": p.astype(np.float32) for i, p in enumerate(params)
    }


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--out", type=Path, default=Path(__file__).parent, help="where the .npz files go")
    out = args.parse_args().out

    x_train, y_train, x_test, y_test = data = load()
    rng = np.random.default_rng(SEED)

    float_params = train(initial(rng), x_train, y_train, Float(), rng, epochs=150, rate=4e-3, decay=DECAY)
    float_params = [p.astype(np.float32).astype(np.float64) for p in float_params]
    float_logits = forward(float_params, x_test, Float())[1][-1]

    quant = Quant()
    shadow = train(float_params, x_train, y_train, quant, rng, epochs=100, rate=2e-3, decay=DECAY)
    quant_params = [quant.bias(p) if i % 2 else quant.weight(p) for i, p in enumerate(shadow)]
    quant_logits = integer_forward(quant_params, x_test)
    assert np.array_equal(quant_logits, forward(quant_params, x_test, quant)[1][-1]), "integers and floats agree"

    print(f"formats of quant: input {INPUT}, weight {WEIGHT}, bias {BIAS},", end=" ")
    print(f"hidden {HIDDEN} RND SAT, logits {LOGIT} RND SAT")
    report("float", float_params, *data, Float())
    report("quant", quant_params, *data, quant)

    np.savez(out / "digits_float.npz", **named(float_params))
    np.savez(out / "digits_quant.npz", **named(quant_params))
    np.savez_compressed(
        out / "digits_test.npz",
        images=x_test.astype(np.float32),
        labels=y_test.astype(np.int32),
        float_logits=float_logits.astype(np.float32),
        float_probs=softmax(float_logits).astype(np.float32),
        quant_logits=quant_logits.astype(np.float32),
    )
    for name in ("digits_float.npz", "digits_quant.npz", "digits_test.npz"):
        print(f"wrote {name}, {(out / name).stat().st_size} bytes")


if __name__ == "__main__":
    main()
