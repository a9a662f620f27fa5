"""Periods of a series as levels and shapes, and how they go on: what the factored model computes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.models.least_squares import ridge_from_rows

# periods looked back on, and rows at most; older ones weigh next to nothing in the shape
_PERIODS, _ROWS = 84, 60_000
_FADING = 0.88
# periods of one kind that weigh as much as the mean of all
_SHRUNK = 2.0
# how long an error lasts, in periods
_DURATIONS = (1 / 96, 1 / 48, 1 / 24, 1 / 12, 1 / 6, 1 / 3, 2 / 3)
_PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)


@dataclass(frozen=True, order=True)
class Way:
    """How a series is cut and put together.

    Attributes:
        period: Steps of a period.
        kinds: Kinds of periods that follow each other: 7 for days that differ by the day of the week, 1 for none.
        multiplicative: Level times shape; else level plus shape. Plus where a level is not positive.
    """

    period: int
    kinds: int = 1
    multiplicative: bool = False

    @property
    def rows(self) -> int:
        """Rows looked back on: whole periods."""
        return self.period * max(4, 2 * self.kinds, min(_PERIODS, _ROWS // self.period))

    def plain(self) -> list[int | bool]:
        """For a state."""
        return [self.period, self.kinds, self.multiplicative]

    def __str__(self) -> str:
        what = "times" if self.multiplicative else "plus"
        kinds = f", {self.kinds} kinds of periods" if self.kinds > 1 else ""
        return f"level {what} shape of {self.period:,} steps{kinds}"


def continued(values: FloatArray, way: Way, horizon: int) -> FloatArray:
    """What follows the values `(step,)`, of which there is at least one `(horizon,)`.

    A history shorter than a period is a level only; its first value stands for what is missing of one.
    """
    period = way.period
    if len(values) < period:
        values = np.concatenate([np.repeat(values[:1], period - len(values)), values])
    n = len(values) // period
    table = values[len(values) - n * period :].reshape(n, period)
    levels = table.mean(axis=1)
    times = way.multiplicative and bool((levels > 0).all())
    shapes = table / levels[:, None] if times else table - levels[:, None]
    of_kind = np.stack([_shape(shapes, way.kinds, kind) for kind in range(way.kinds)])

    def joined(level: FloatArray, kind: IntArray) -> FloatArray:
        return level[:, None] * of_kind[kind] if times else level[:, None] + of_kind[kind]

    steps = 1 + np.arange(-(-horizon // period))
    ahead: FloatArray = joined(_levels_after(levels, way.kinds, len(steps)), steps % way.kinds).ravel()[:horizon]
    kind = -np.arange(n - 1, -1, -1) % way.kinds
    ended = table[:, -1] - joined(levels, kind)[:, -1]
    missed = table[1:] - joined(levels[:-1], kind[1:])
    ahead += float(ended[-1]) * _faded(ended[:-1], missed, horizon)
    return ahead


def _faded(ended: FloatArray, missed: FloatArray, horizon: int) -> FloatArray:
    """What share of the error at the end of a period is left so many steps later `(horizon,)`.

    `share * memory ** step`, by least squares over past periods.

    Args:
        ended: The error of the last row of each period `(period,)`.
        missed: What was missed in the period that followed, had its level been that before `(period, step)`.
    """
    length = missed.shape[1]
    steps = np.arange(1, length + 1)
    # sums over periods of (missed - share * fading * ended) ** 2, but for what does not depend on either
    along, square = ended @ missed, float(ended @ ended)
    best, gain = np.zeros(horizon), 0.0
    for duration in _DURATIONS:
        fading = np.exp(-steps / (duration * length))
        size = square * float(fading @ fading)
        share = min(max(float(fading @ along) / size, 0.0), 1.0) if size > 0 else 0.0
        own = 2 * share * float(fading @ along) - share**2 * size
        if own > gain:
            best, gain = share * np.exp(-np.arange(1, horizon + 1) / (duration * length)), own
    return best


def _levels_after(levels: FloatArray, kinds: int, count: int) -> FloatArray:
    """The levels that follow, by a ridge regression on earlier ones, all relative to the last `(count,)`."""
    lags = sorted({1, 2, 3, kinds, kinds + 1, 2 * kinds} if kinds > 1 else {1, 2, 3})
    lags = [lag for lag in lags if lag <= max(1, (len(levels) - 2) // 2)]
    known = levels.tolist()
    coefficients = _level_coefficients(levels, lags)
    for _ in range(count):
        last = known[-1]
        known.append(last + float(np.dot([known[-lag] - last for lag in lags[1:]], coefficients)))
    return np.array(known[len(levels) :])


def _level_coefficients(levels: FloatArray, lags: list[int]) -> FloatArray:
    """Of the lags but the first, relative to it; the penalty by leaving each period out in turn (Golub et al. 1979)."""
    first = max(lags)
    at = np.arange(first, len(levels))
    if len(lags) < 2 or len(at) < len(lags) + 2:
        return np.zeros(len(lags) - 1)
    last = levels[at - 1]
    x = np.stack([levels[at - lag] - last for lag in lags[1:]], axis=1)
    y = (levels[at] - last)[:, None]
    if not x.any():
        return np.zeros(len(lags) - 1)
    scale = np.sqrt((x**2).mean(axis=0))
    scale[scale == 0] = 1.0
    singular = np.linalg.svd(x / scale, full_matrices=False)
    best: FloatArray = np.zeros(len(lags) - 1)
    lowest = float((y**2).mean())
    for penalty, found in zip(_PENALTIES, ridge_from_rows(x, y, _PENALTIES), strict=True):
        freedom = float((singular.S**2 / (singular.S**2 + penalty * len(x))).sum())
        error = float(((y - x @ found) ** 2).mean()) / (1 - freedom / len(x)) ** 2 if freedom < len(x) else np.inf
        if error < lowest:
            best, lowest = found[:, 0], error
    return best


def _shape(shapes: FloatArray, kinds: int, kind: int) -> FloatArray:
    """Of the period `kind` after the last: the mean of its kind, shrunk towards that of all `(period,)`."""
    age = np.arange(len(shapes) - 1, -1, -1)
    weight = _FADING ** (age / kinds)
    usual = np.asarray(np.average(shapes, axis=0, weights=weight))
    own = weight * ((age + kind) % kinds == 0)
    if kinds == 1 or not own.any():
        return usual
    trust = own.sum() / (own.sum() + _SHRUNK * weight.mean())
    return np.asarray(trust * np.average(shapes, axis=0, weights=own) + (1 - trust) * usual)
