"""Seasons worth trying on a series: those found in it, and those that its calendar has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tsforecast.data.series import Series

LONGEST = 100_000
"""Steps of the longest season."""
_MOST_PERIODS = 4
_DAY, _WEEK, _YEAR = 86_400.0, 604_800.0, 365.25 * 86_400


def plausible_periods(series: Series) -> list[int]:
    """Steps of the seasons that were found and of the day, the week and, from days on, the year; two fit in."""
    periods = [m for m in series.season_lengths if 2 <= m <= min(LONGEST, len(series) // 2)]
    for m in _calendar(series.stamps):
        if 2 <= m <= min(LONGEST, len(series) // 2) and not any(abs(m - own) <= 0.02 * own for own in periods):
            periods.append(m)
    return periods[:_MOST_PERIODS]


def _calendar(stamps: npt.NDArray[np.generic]) -> list[int]:
    if stamps.dtype.kind != "M" or len(stamps) < 2:
        return []
    step = float((stamps[-1] - stamps[0]) / np.timedelta64(1, "s")) / (len(stamps) - 1)
    units = (_WEEK, _YEAR) if step >= 0.9 * _DAY else (_DAY, _WEEK)
    steps = [unit / step for unit in units]
    return [round(n) for n in steps if n > 100 or abs(n - round(n)) < 0.02 * n]
