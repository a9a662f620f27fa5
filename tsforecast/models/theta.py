"""The dynamic optimised Theta model: a level that is smoothed exponentially, and part of the line through all rows.

Fiorucci, Pellegrini, Louzada & Petropoulos 2016, Models for optimising the theta method and their relationship to state
space models, equations 14-18. Given the smoothing constant the initial level and the share of the line are found by
linear least squares, so that one number a series is searched for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tsforecast.models.contract import ModelInfo
from tsforecast.models.smoothing.batch import Batch, FloatArray
from tsforecast.models.smoothing.deseasonalise import MULTIPLICATIVE, decompose, seasonal
from tsforecast.models.smoothing.local import LocalModel

if TYPE_CHECKING:
    pass

# as in the authors' forecTheta: bounds of alpha, and rows before the line through them says anything
_LEAST, _MOST = 0.1, 0.99
_BURN_IN = 3
_GRID = np.linspace(_LEAST, _MOST, 10)
# halves a bracket of two grid steps to 1e-5
_GOLDEN_STEPS = 20
_GOLDEN = (np.sqrt(5) - 1) / 2


class Theta(LocalModel):
    """See the top of the file; of the parameters `share` is 1 − 1/θ."""

    info: ClassVar = ModelInfo(
        "theta",
        "dynamic optimised Theta: a smoothed level and part of the line through all rows",
        "short business series, with or without a season",
        scope="local",
    )
    BOUNDS: ClassVar = {"alpha": (_LEAST, _MOST), "share": (0.0, 1.0), "season": (0.0, float(MULTIPLICATIVE))}

    @property
    def notes(self) -> tuple[str, ...]:
        """See `Model.notes`."""
        found = int((self.parameters[:, 2] > 0).sum())
        return (f"theta: {found} of {len(self.names)} series have a season that was taken out",) if found else ()

    @classmethod
    def estimate(cls, batch: Batch) -> FloatArray:
        """See `LocalModel.estimate`."""
        kind = seasonal(batch)
        lines = _Lines(decompose(batch, kind).removed(batch))
        alpha = _search(lines)
        return np.stack([alpha, lines.solved(alpha)[1], kind], axis=1)

    @classmethod
    def ahead(cls, batch: Batch, parameters: FloatArray, horizon: int) -> FloatArray:
        """See `LocalModel.ahead`."""
        alpha, share, kind = parameters.T
        seasons = decompose(batch, kind.astype("int64"))
        lines = _Lines(seasons.removed(batch))
        return seasons.restored(lines.ahead(alpha, share, horizon), batch.lengths)


class _Lines:
    """A batch with the line through all its rows so far, at each row."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        y = batch.values
        self.mean, self.intercept, self.slope = np.zeros_like(y), np.zeros_like(y), np.zeros_like(y)
        line: Line = (np.zeros(y.shape[1]), np.zeros(y.shape[1]), np.zeros(y.shape[1]))
        for t, k in enumerate(batch.active):
            line = _line_with(line, y[t], t + 1)
            self.mean[t, :k], self.intercept[t, :k], self.slope[t, :k] = (part[:k] for part in line)
        scored = batch.inside.copy()
        scored[:_BURN_IN] = False
        self.scored = scored

    def level(self, alpha: FloatArray) -> FloatArray:
        """The smoothed level before each row and after the last, where it begins at 0 `(time + 1, series)`."""
        y = self.batch.values
        level = np.zeros((len(y) + 1, y.shape[1]))
        for t in range(len(y)):
            level[t + 1] = level[t] + alpha * (y[t] - level[t])
        return level

    def solved(self, alpha: FloatArray, share: FloatArray | None = None) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Squared error, share of the line and initial level that fit best, given alpha (and the share) `(series,)`."""
        y, level = self.batch.values, self.level(alpha)
        passed = np.arange(float(len(y)))[:, None]
        fading = np.where(self.scored, (1 - alpha) ** passed, 0.0)
        line = np.zeros_like(y)
        line[1:] = _drawn(alpha, passed[1:], self.intercept[:-1], self.slope[:-1])
        line = np.where(self.scored, line, 0.0)
        rest = np.where(self.scored, y - level[:-1], 0.0)
        uu, ul, ll = (fading * fading).sum(axis=0), (fading * line).sum(axis=0), (line * line).sum(axis=0)
        ur, lr = (fading * rest).sum(axis=0), (line * rest).sum(axis=0)
        if share is None:
            determinant = uu * ll - ul * ul
            clear = determinant > 1e-12 * uu * ll
            share = np.where(clear, (lr * uu - ul * ur) / np.where(clear, determinant, 1.0), 0.5)
            share = np.clip(share, 0.0, 1.0)
        initial = (ur - share * ul) / uu
        error = rest - initial * fading - share * line
        return (error * error).sum(axis=0), share, initial

    def ahead(self, alpha: FloatArray, share: FloatArray, horizon: int) -> FloatArray:
        """What follows the last row of each series `(step, series)`."""
        last, each = self.batch.lengths - 1, np.arange(len(self.batch.lengths))
        _, _, initial = self.solved(alpha, share)
        passed = self.batch.lengths.astype("float64")
        level = self.level(alpha)[last + 1, each] + initial * (1 - alpha) ** passed
        line: Line = (self.mean[last, each], self.intercept[last, each], self.slope[last, each])
        points = np.empty((horizon, len(each)))
        for step in range(horizon):
            points[step] = level + share * _drawn(alpha, passed + step, line[1], line[2])
            level = level + alpha * (points[step] - level)
            line = _line_with(line, points[step], passed + step + 1)
        return points


Line = tuple[FloatArray, FloatArray, FloatArray]
"""Mean of the rows, intercept and slope of the line through them `(series,)`."""


def _line_with(line: Line, y: FloatArray, n: FloatArray | float) -> Line:
    """The least-squares line after one more row, the `n`th."""
    mean, _, slope = line
    slope = np.where(np.asarray(n) > 1, ((n - 2) * slope + 6 * (y - mean) / n) / (n + 1), 0.0)
    mean = mean + (y - mean) / n
    return mean, mean - slope * (n + 1) / 2, slope


def _drawn(alpha: FloatArray, passed: FloatArray, intercept: FloatArray, slope: FloatArray) -> FloatArray:
    """What the line adds to a level that was smoothed through `passed` rows."""
    left = (1 - alpha) ** passed
    return np.asarray(left * intercept + (1 - left * (1 - alpha)) / alpha * slope)


def _search(lines: _Lines) -> FloatArray:
    """The alpha of least squared error: the best of a grid, then golden-section search around it `(series,)`."""
    count = len(lines.batch.lengths)
    errors = np.stack([lines.solved(np.full(count, alpha))[0] for alpha in _GRID])
    best = errors.argmin(axis=0)
    low, high = _GRID[np.maximum(best - 1, 0)], _GRID[np.minimum(best + 1, len(_GRID) - 1)]
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    error_left, error_right = lines.solved(left)[0], lines.solved(right)[0]
    for _ in range(_GOLDEN_STEPS):
        lower = error_left < error_right
        low, high = np.where(lower, low, left), np.where(lower, right, high)
        inner = np.where(lower, high - _GOLDEN * (high - low), low + _GOLDEN * (high - low))
        error = lines.solved(inner)[0]
        left, right = np.where(lower, inner, right), np.where(lower, left, inner)
        error_left, error_right = np.where(lower, error, error_right), np.where(lower, error_left, error)
    middle = (low + high) / 2
    better = lines.solved(middle)[0] <= errors.min(axis=0)
    return np.asarray(np.where(better, middle, _GRID[best]))
