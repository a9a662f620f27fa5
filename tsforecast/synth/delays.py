"""Delay differential equations by the method of steps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tsforecast.data.panel import FloatArray

STEPS_PER_DELAY = 170


def mackey_glass(
    parameters: Mapping[str, float], initial_state: float, times: FloatArray, steps_per_delay: int = STEPS_PER_DELAY
) -> FloatArray:
    """Solve Mackey & Glass 1977 from the constant history `initial_state` and return x at `times` `(time,)`.

    x'(t) = beta x(t - tau) / (1 + x(t - tau)^n) - gamma x(t). Within one delay the delayed term is known, so the
    equation is ordinary there: each block of length tau is solved with the classical Runge-Kutta method of order 4 on
    `steps_per_delay` equal steps; the steps end on multiples of tau, where the derivatives of the solution jump. The
    history between grid points is the cubic Hermite interpolant, whose error is of order 4 as well.
    """
    beta, gamma, n, tau = (parameters[key] for key in ("beta", "gamma", "n", "tau"))
    h = tau / steps_per_delay
    blocks = int(np.floor(times[-1] / tau)) + 1
    x = np.full((blocks + 1) * steps_per_delay + 1, float(initial_state))
    slope = np.zeros_like(x)
    for block in range(1, blocks + 1):
        low = block * steps_per_delay
        past = slice(low - steps_per_delay, low + 1)
        middle = _midpoints(x[past], slope[past], h)
        at_grid = beta * x[past] / (1.0 + x[past] ** n)
        at_middle = beta * middle / (1.0 + middle**n)
        solved = _runge_kutta(float(x[low]), at_grid.tolist(), at_middle.tolist(), gamma, h)
        x[low : low + steps_per_delay + 1] = solved
        # The derivative jumps at the block's left edge; the value to its right belongs to this block.
        slope[low : low + steps_per_delay + 1] = at_grid - gamma * np.asarray(solved)
    return _hermite(x[steps_per_delay:], slope[steps_per_delay:], h, times)


def _runge_kutta(x: float, at_grid: list[float], at_middle: list[float], gamma: float, h: float) -> list[float]:
    """Classical Runge-Kutta for x' = forcing(t) - gamma x, the forcing known on the grid and half-way between."""
    solved = [x]
    for left, middle, right in zip(at_grid[:-1], at_middle, at_grid[1:], strict=True):
        k1 = left - gamma * x
        k2 = middle - gamma * (x + 0.5 * h * k1)
        k3 = middle - gamma * (x + 0.5 * h * k2)
        k4 = right - gamma * (x + h * k3)
        x += h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        solved.append(x)
    return solved


def _midpoints(x: FloatArray, slope: FloatArray, h: float) -> FloatArray:
    middle: FloatArray = 0.5 * (x[:-1] + x[1:]) + h / 8.0 * (slope[:-1] - slope[1:])
    return middle


def _hermite(x: FloatArray, slope: FloatArray, h: float, times: FloatArray) -> FloatArray:
    """Cubic Hermite interpolation of the grid values `x` and `slope`, spaced `h` from time 0."""
    left = np.minimum((times / h).astype("int64"), len(x) - 2)
    s = times / h - left
    value: FloatArray = (
        (1.0 + 2.0 * s) * (1.0 - s) ** 2 * x[left]
        + s**2 * (3.0 - 2.0 * s) * x[left + 1]
        + h * s * (1.0 - s) ** 2 * slope[left]
        - h * s**2 * (1.0 - s) * slope[left + 1]
    )
    return value
