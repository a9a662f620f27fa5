"""Right-hand sides of the ordinary differential equations, and their integration.

A right-hand side takes `(t, state, parameters)` and returns the derivative as a list; plain floats, because for
three to eight variables they are several times faster than numpy arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import cos, sin

import numpy as np

from tsforecast.data.panel import FloatArray

Parameters = Mapping[str, float]
RightHandSide = Callable[[float, Sequence[float], Parameters], list[float]]

RTOL = 1e-9
ATOL = 1e-12


def lorenz(_t: float, state: Sequence[float], p: Parameters) -> list[float]:
    """Lorenz 1963, Deterministic nonperiodic flow, equations 25-27."""
    x, y, z = state
    return [p["sigma"] * (y - x), x * (p["rho"] - z) - y, x * y - p["beta"] * z]


def rossler(_t: float, state: Sequence[float], p: Parameters) -> list[float]:
    """Rössler 1976, An equation for continuous chaos."""
    x, y, z = state
    return [-y - z, x + p["a"] * y, p["b"] + z * (x - p["c"])]


def duffing(t: float, state: Sequence[float], p: Parameters) -> list[float]:
    """The forced two-well oscillator of Duffing 1918 and Holmes 1979."""
    x, v = state
    return [v, x - x**3 - p["delta"] * v + p["gamma"] * cos(p["omega"] * t)]


def double_pendulum(_t: float, state: Sequence[float], p: Parameters) -> list[float]:
    """Two equal masses on equal massless rods, from the Lagrangian; `g` is gravity over length."""
    a1, a2, w1, w2 = state
    d = a1 - a2
    s, c, g = sin(d), cos(d), p["g"]
    scale = 1.0 / (2.0 - c * c)
    return [
        w1,
        w2,
        scale * (g * (sin(a2) * c - 2.0 * sin(a1)) - s * (w1 * w1 * c + w2 * w2)),
        scale * (2.0 * g * (sin(a1) * c - sin(a2)) + s * (2.0 * w1 * w1 + w2 * w2 * c)),
    ]


def lorenz96(_t: float, state: Sequence[float], p: Parameters) -> list[float]:
    """Lorenz 1996, Predictability: a problem partly solved, equation 1."""
    n = len(state)
    return [(state[(k + 1) % n] - state[k - 2]) * state[k - 1] - state[k] + p["forcing"] for k in range(n)]


def van_der_pol(_t: float, state: Sequence[float], p: Parameters) -> list[float]:
    """Van der Pol 1926, On relaxation oscillations."""
    x, v = state
    return [v, p["mu"] * (1.0 - x * x) * v - x]


def forced_pendulum(t: float, state: Sequence[float], p: Parameters) -> list[float]:
    """The damped, driven pendulum of Baker & Gollub 1990, Chaotic Dynamics, chapter 3."""
    velocity, angle = state
    return [-sin(angle) - p["damping"] * velocity + p["amplitude"] * cos(p["omega"] * t), velocity]


RIGHT_HAND_SIDES: dict[str, RightHandSide] = {
    "lorenz": lorenz,
    "rossler": rossler,
    "duffing": duffing,
    "double-pendulum": double_pendulum,
    "lorenz96": lorenz96,
    "van-der-pol": van_der_pol,
    "forced-pendulum": forced_pendulum,
}


def integrate(name: str, parameters: Parameters, initial_state: Sequence[float], times: FloatArray) -> FloatArray:
    """Solve the flow `name` from `initial_state` at time 0 and return its state at `times` `(time, coordinate)`.

    Dormand & Prince's method of order 8 (DOP853) with relative tolerance 1e-9 and absolute tolerance 1e-12.

    Raises:
        FloatingPointError: Where the solution leaves all bounds.
    """
    from scipy.integrate import solve_ivp

    right_hand_side = RIGHT_HAND_SIDES[name]
    if times[-1] == 0.0:
        return np.asarray(initial_state, dtype="float64")[None, :]

    def derivative(t: float, state: FloatArray) -> list[float]:
        return right_hand_side(t, state.tolist(), parameters)

    solution = solve_ivp(
        derivative, (0.0, float(times[-1])), initial_state, method="DOP853", t_eval=times, rtol=RTOL, atol=ATOL
    )
    if not solution.success or not np.isfinite(solution.y).all():
        raise FloatingPointError(str(solution.message))
    states: FloatArray = solution.y.T
    return states
