"""Series of known making, for the tests of this folder."""

from __future__ import annotations

import numpy as np


def red_noise(memory: float, length: int, seed: int) -> np.ndarray:
    steps = np.random.default_rng(seed).standard_normal(length + 200)
    values = np.zeros(length + 200)
    for t in range(1, len(values)):
        values[t] = memory * values[t - 1] + steps[t]
    return values[200:]
