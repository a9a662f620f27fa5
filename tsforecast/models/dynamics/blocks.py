"""Blocks of a series that models forecast freely without having seen them: what hyperparameters are chosen by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from tsforecast.data.arrays import FloatArray, IntArray

_NO_ERROR = 0.01


Take = Callable[[tuple[int, ...]], FloatArray]
"""Gives the next saved array, of a shape that must be what was saved."""


class Member(Protocol):
    """A forecaster of one series on scaled values, made by a recipe."""

    @property
    def context_length(self) -> int:
        """Steps it sees."""
        ...

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """Forecast `(window, horizon, channel)` from contexts `(window, context_length, channel)`."""
        ...

    @property
    def recipe(self) -> Recipe:
        """What it was fitted with."""
        ...

    @property
    def numbers(self) -> tuple[FloatArray, ...]:
        """What cannot be had from the recipe and the series again without fitting."""
        ...


class Recipe(Protocol):
    """Settings that make a forecaster from one series; a frozen dataclass of positive numbers."""

    def fit(self, values: FloatArray) -> Member:
        """Learn from a scaled series `(time, channel)`; rows with a missing value are left out."""
        ...

    def restored(self, values: FloatArray, take: Take) -> Member:
        """The member that was fitted on this series, from its saved `numbers` in order."""
        ...


@dataclass(frozen=True)
class Trial:
    """A recipe and what it forecast where it had not looked.

    Attributes:
        recipe: The settings.
        forecasts: Free-running forecasts `(block, horizon, channel)`.
    """

    recipe: Recipe
    forecasts: FloatArray


@dataclass(frozen=True)
class Blocks:
    """Stretches of one series, each to be forecast by a model fitted on the rest (leave-block-out).

    Attributes:
        values: The series `(time, channel)`, scaled; missing is NaN.
        origins: Last row seen before each block `(block,)`.
        horizon: Rows of a block.
        margin: Rows after each block that are not learnt from either.
        low, high: Where forecasts are cut off `(channel,)`.
    """

    values: FloatArray
    origins: IntArray
    horizon: int
    margin: int
    low: FloatArray
    high: FloatArray

    def __len__(self) -> int:
        return len(self.origins)

    @cached_property
    def targets(self) -> FloatArray:
        """What happened `(block, horizon, channel)`."""
        return np.asarray(self.values[self.origins[:, None] + 1 + np.arange(self.horizon)])

    def errors(self, forecasts: FloatArray) -> FloatArray:
        """Log of the mean absolute error of each block, `(forecast, block, ...)` to `(forecast, block)`.

        Averaged over blocks, it lets no single unpredictable one decide. A hundredth of the scale counts as no error.
        """
        errors = np.abs(np.clip(forecasts, self.low, self.high) - self.targets).mean(axis=(2, 3))
        return np.asarray(np.log(errors + _NO_ERROR))

    def contexts(self, length: int) -> FloatArray:
        """The rows before each block `(block, length, channel)`, the first row repeated where there are not as many."""
        rows = self.origins[:, None] - np.arange(length - 1, -1, -1)
        return np.asarray(self.values[np.maximum(rows, 0)])

    def hidden(self, rows: IntArray) -> npt.NDArray[np.bool_]:
        """True where the step from a row `(row,)` to the next must not be learnt `(block, row)`."""
        ahead = rows[None, :] - self.origins[:, None]
        return np.asarray((ahead >= 0) & (ahead < self.horizon + self.margin))


def choose_blocks(
    values: FloatArray, bounds: tuple[FloatArray, FloatArray], horizon: int, te: int, at_most: int
) -> Blocks | None:
    """Evenly spaced blocks with complete contexts and targets; None where there is none.

    A block is as long as the horizon, at most a quarter of the rows; the first leaves room for a context of six
    memory times, at most a third of the rows.

    Args:
        values: A scaled series `(time, channel)`; missing is NaN.
        bounds: `low` and `high` of `Blocks`.
        horizon: Steps ahead to be good at.
        te: Memory time in steps, which is also the margin.
        at_most: Number of blocks.
    """
    n = len(values)
    length = max(1, min(horizon, n // 4))
    first = max(1, min(n // 3, max(6 * te, 30)))
    missing = np.concatenate([[0], np.cumsum(np.isnan(values).any(axis=1))])
    origins = np.arange(first - 1, n - length)
    origins = origins[missing[origins + 1 + length] == missing[origins + 1 - first]]
    if len(origins) == 0:
        return None
    chosen = np.unique(np.linspace(0, len(origins) - 1, at_most).round().astype("int64"))
    return Blocks(values, origins[chosen], length, te, *bounds)
