"""Closed-form signals, random recursions and maps: everything that needs no integration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tsforecast.data.panel import FloatArray

Parameters = Mapping[str, float]
GOLDEN_RATIO = (1.0 + 5.0**0.5) / 2.0


def signal(name: str, p: Parameters, phases: Sequence[float], times: FloatArray) -> FloatArray:
    """A closed-form signal at `times` with the given phases in radians `(time,)`."""
    turn = 2.0 * np.pi * times / p["period"]
    values: FloatArray
    if name == "sine":
        values = np.sin(turn + phases[0])
    elif name == "damped-sine":
        values = np.exp(-times / p["decay"]) * np.sin(turn + phases[0])
    elif name == "multi-sine":
        values = np.sin(turn + phases[0]) + 0.5 * np.sin(2 * turn + phases[1]) + 0.5 * np.sin(turn / 7 + phases[2])
    elif name == "torus":
        values = np.sin(turn + phases[0]) + 0.5 * np.sin(turn / GOLDEN_RATIO + phases[1])
    elif name == "square":
        # A tiny advance keeps rounding of t / period from moving an edge by one row.
        values = np.where((turn + phases[0] + 1e-9) % (2.0 * np.pi) < np.pi, 1.0, -1.0)
    else:
        raise KeyError(name)
    return values


def recursion(
    name: str, p: Parameters, initial_state: Sequence[float] | None, length: int, rng: np.random.Generator
) -> FloatArray:
    """A random recursion of `length` values `(time,)`; `initial_state` is its first value."""
    shocks = rng.standard_normal(length)
    values: FloatArray
    if name == "white-noise":
        return shocks
    if initial_state is not None:
        shocks[0] = initial_state[0]
    elif name == "random-walk":
        shocks[0] = 0.0
    else:
        shocks[0] /= (1.0 - p["phi"] ** 2) ** 0.5
    if name == "random-walk":
        values = np.cumsum(shocks)
    elif name == "ar1":
        from scipy.signal import lfilter

        values = lfilter([1.0], [1.0, -p["phi"]], shocks)
    else:
        raise KeyError(name)
    return values


def iterate(name: str, p: Parameters, initial_state: Sequence[float], drop: int, length: int) -> FloatArray:
    """Iterate a map, drop the first `drop` states and return the next `length` `(time, coordinate)`.

    Raises:
        FloatingPointError: Where the orbit leaves all bounds.
    """
    orbit: list[tuple[float, ...]] = []
    try:
        if name == "logistic":
            (x,), r = initial_state, p["r"]
            for _ in range(drop + length):
                orbit.append((x,))
                x = r * x * (1.0 - x)
        elif name == "henon":
            (x, y), a, b = initial_state, p["a"], p["b"]
            for _ in range(drop + length):
                orbit.append((x, y))
                x, y = 1.0 - a * x * x + y, b * x
        else:
            raise KeyError(name)
    except OverflowError as error:
        raise FloatingPointError(str(error)) from error
    states: FloatArray = np.asarray(orbit[drop:], dtype="float64")
    if not np.isfinite(states).all():
        raise FloatingPointError("the orbit is unbounded")
    return states
