"""Times at which a column is always 0: the weekday a shop is closed, the hours at which nothing runs.

A phase of the calendar is one of them only where chance does not explain it: as often as other phases are 0, so many
zeros in a row, and nothing else, must be rarer than `_CHANCE`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.panel import BoolArray
from tsforecast.data.series import Series

_FEWEST = 6
_CHANCE = 1e-3
# Where the hours beside it carry less than this of the usual, an hour of 0 is a dawn, which comes earlier in summer.
_GRADUAL = 1 / 3


@dataclass(frozen=True)
class Closed:
    """Phases of a period at which a column is 0.

    Attributes:
        period: Steps.
        phases: Of rows, counted from the beginning of the calendar, that are left over by the period; ascending.
    """

    period: int
    phases: tuple[int, ...]

    def steps(self, start: int, count: int) -> BoolArray:
        """Which of so many rows from row `start` on are closed `(row,)`."""
        return np.isin((start + np.arange(count)) % self.period, self.phases)


def find_closed(series: Series, periods: Sequence[int], *, within_days: bool) -> list[list[Closed]]:
    """For each channel, the phases at which it is always 0, by each period that has any.

    Args:
        series: Its training rows, numbered from the beginning of the calendar.
        periods: Steps of the seasons that the calendar implies.
        within_days: Whether steps are shorter than a day.
    """
    return [
        [made for period in periods if (made := _closed(column, series.start, period, within_days))]
        for column in series.values.T
    ]


def _closed(column: FloatArray, start: int, period: int, within_days: bool) -> Closed | None:
    seen = ~np.isnan(column)
    if seen.sum() < _FEWEST * period or not (column[seen] == 0).any() or (column[seen] == 0).all():
        return None
    phase = (start + np.arange(len(column)))[seen] % period
    counts = np.bincount(phase, minlength=period)
    zeros = np.bincount(phase, column[seen] == 0, minlength=period)
    always = (zeros == counts) & (counts >= _FEWEST)
    if not always.any() or always.all():
        return None
    others = float(zeros[~always].sum() / counts[~always].sum())
    if others > 0:
        always &= counts * math.log(others) < math.log(_CHANCE / period)
    if within_days:
        mean = np.bincount(phase, np.abs(column[seen]), minlength=period) / np.maximum(1, counts)
        slight = ~always & (mean < _GRADUAL * mean[~always].mean())
        always &= ~(np.roll(slight, 1) | np.roll(slight, -1))
    phases = tuple(np.flatnonzero(always).tolist())
    return Closed(period, phases) if phases else None


def closed_steps(series: Series, closed: Sequence[Sequence[Closed]], count: int) -> BoolArray:
    """Which of the next steps are closed `(step, channel)`, but for phases that the series at hand has broken."""
    found = np.zeros((count, len(closed)), dtype=bool)
    for j, own in enumerate(closed):
        for one in own:
            broken = one.steps(series.start, len(series)) & (np.nan_to_num(series.values[:, j]) != 0)
            if not broken.any():
                found[:, j] |= one.steps(series.start + len(series), count)
    return found
