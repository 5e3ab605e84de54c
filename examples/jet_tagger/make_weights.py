"""Seeded weights for the 16-64-32-32-5 jet tagger: random, not trained; the shape is what matters.

Needs numpy. Writes jet_tagger.npz beside this file; every value is a multiple of 1/128 below 1, so that it is
exact in fixed<8,1>.
"""

from pathlib import Path

import numpy as np

rng = np.random.default_rng(13_07027)
sizes = [16, 64, 32, 32, 5]
arrays = {}
for layer, (n_in, n_out) in enumerate(zip(sizes, sizes[1:]), start=1):
    weight = rng.normal(0.0, 1.0 / np.sqrt(n_in), (n_in, n_out))
    bias = rng.normal(0.0, 0.1, n_out)
    for name, values in (("weight", weight), ("bias", bias)):
        steps = np.clip(np.round(values * 128), -128, 127)
        arrays[f"fc{layer}.{name}"] = (steps / 128).astype(np.float32)
np.savez(Path(__file__).with_name("jet_tagger.npz"), **arrays)
