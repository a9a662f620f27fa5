"""Series of the catalogue, made once for all tests of this folder."""

from __future__ import annotations

from functools import cache

import numpy as np

from tsforecast.insight.chaos.card import ChaosCard, chaos_card
from tsforecast.insight.chaos.delay import choose_delay
from tsforecast.insight.chaos.dimension import choose_dimension
from tsforecast.synth import generate


@cache
def _made(name: str, length: int, noise: float, seed: int) -> np.ndarray:
    return generate(name, length=length, noise=noise, seed=seed).iloc[:, 1].to_numpy()


def series(name: str, length: int = 2000, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    """The first coordinate of a system, to be changed at will."""
    return _made(name, length, noise, seed).copy()


def setting(x: np.ndarray) -> tuple[np.ndarray, int, int, int]:
    """The series with the delay, dimension and Theiler window that are chosen for it."""
    delay = choose_delay(x)
    assert delay.delay is not None
    return x, delay.delay, choose_dimension(x, delay.delay, delay.theiler).dimension, delay.theiler


@cache
def card(name: str, noise: float = 0.0) -> ChaosCard:
    """The chaos card of 1,200 values of a system."""
    return chaos_card(series(name, 1200, noise, seed=2), seed=2)
