"""Nonlinear least squares for many small problems at once: Levenberg-Marquardt steps within bounds.

Marquardt 1963, An algorithm for least-squares estimation of nonlinear parameters. A parameter that lies on a bound and
is pushed outwards is left out of the step.
"""

from __future__ import annotations

from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from tsforecast.models.smoothing.batch import FloatArray


class Problem(Protocol):
    """What is fitted: some series side by side."""

    def residuals(self, x: FloatArray) -> FloatArray:
        """Residuals `(time, candidate, series)` with the parameters `(parameter, candidate, series)`."""
        ...

    def take(self, kept: npt.NDArray[Any]) -> Self:
        """The problem of the series of this mask; rows that none of them has are gone from its residuals."""
        ...


_STEP = 1e-6
_DAMPING = np.array([0.1, 1.0, 30.0])[:, None]
_MOST_DAMPING = 1e5
_ENOUGH = 1e-4


def least_squares(
    problem: Problem, start: FloatArray, low: FloatArray, high: FloatArray, most_steps: int
) -> tuple[FloatArray, FloatArray]:
    """Parameters of least squared residuals, from a start for each series.

    Args:
        problem: The series; their residuals are 0 after the end of each.
        start: `(parameter, series)`, within the bounds.
        low: Least of each parameter `(parameter,)`.
        high: Most of each parameter `(parameter,)`.
        most_steps: Steps to take at most; a series is done where a step gains less than a ten-thousandth.

    Returns:
        The parameters `(parameter, series)` and the sum of squares `(series,)`, never more than at the start.
    """
    x, damping = start.copy(), np.full(start.shape[1], 0.01)
    now = problem.residuals(x[:, None])[:, 0]
    least = (now * now).sum(axis=0)
    going = np.arange(start.shape[1])
    for _ in range(most_steps):
        trials = _trials(problem, x[:, going], now, low[:, None], high[:, None], damping[going])
        tried = problem.residuals(trials)
        squares = (tried * tried).sum(axis=0)
        best = squares.argmin(axis=0)
        each = np.arange(len(going))
        gain = least[going] - squares[best, each]
        better = gain > 0
        damping[going] = np.clip(damping[going] * np.where(better, _DAMPING[best, 0], 100.0), 1e-8, None)
        keep = np.where(better, gain > _ENOUGH * least[going], damping[going] < _MOST_DAMPING)
        x[:, going] = np.where(better, trials[:, best, each], x[:, going])
        now = np.where(better, tried[:, best, each], now)
        least[going] = np.minimum(least[going], squares[best, each])
        if not keep.all():
            going, problem = going[keep], problem.take(keep)
            if not len(going):
                break
            now = problem.residuals(x[:, going][:, None])[:, 0]
    return x, least


def _trials(
    problem: Problem,
    x: FloatArray,
    now: FloatArray,
    low: FloatArray,
    high: FloatArray,
    damping: FloatArray,
) -> FloatArray:
    """Steps with several dampings `(parameter, trial, series)`."""
    count = len(x)
    step = _STEP * np.maximum(np.abs(x), 1e-2)
    step = np.where(x + step > high, -step, step)
    moved = problem.residuals(x[:, None] + step[:, None] * np.eye(count)[:, :, None])
    slopes = (moved - now[:, None]) / step
    gradient = np.einsum("tps,ts->ps", slopes, now)
    held = ((x <= low) & (gradient > 0)) | ((x >= high) & (gradient < 0))
    slopes *= ~held
    normal = np.empty((x.shape[1], count, count))
    for i in range(count):
        for j in range(i + 1):
            normal[:, i, j] = normal[:, j, i] = np.einsum("ts,ts->s", slopes[:, i], slopes[:, j])
    diagonal = np.einsum("sii->si", normal).copy()
    # what moves nothing stays: its row is that of the identity
    diagonal = np.where(diagonal > 0, diagonal, 1.0)
    towards = np.where(held, 0.0, -gradient).T
    trials = np.empty((count, len(_DAMPING), x.shape[1]))
    for k, factor in enumerate(_DAMPING[:, 0]):
        damped = normal + (np.maximum(damping * factor, 1e-10)[:, None] * diagonal)[:, :, None] * np.eye(count)
        trials[:, k] = np.clip(x + np.linalg.solve(damped, towards[:, :, None])[:, :, 0].T, low, high)
    return trials
