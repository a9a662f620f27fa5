"""A series without its season: the profile of the last periods around a moving average."""

from __future__ import annotations

import numpy as np

from tsforecast.data.arrays import FloatArray

PERIODS = 8
"""Periods that make the profile; each weighs .8 of the one after it."""
_FADING = 0.8


def without_profile(values: FloatArray, season: int, horizon: int) -> tuple[FloatArray, FloatArray]:
    """A series `(step,)` without its profile, and the profile of the `horizon` steps that follow.

    As it is, with a profile of zeros, where season is 0 or there are not two periods.
    """
    if season < 2 or len(values) < 2 * season:
        return values, np.zeros(horizon)
    kept = values[-(PERIODS + 1) * season :]
    apart = kept - _moving_average(kept, season)
    age = np.arange(len(kept) - 1, -1, -1)
    weight = np.where(np.isnan(apart), 0.0, _FADING ** (age // season))
    phase = (season - 1 - age) % season
    total = np.bincount(phase, weight, season)
    sums = np.bincount(phase, weight * np.nan_to_num(apart), season)
    profile = np.divide(sums, total, out=np.zeros(season), where=total > 0)
    profile -= profile.mean()
    return kept - profile[phase], profile[np.arange(horizon) % season]


def _moving_average(values: FloatArray, season: int) -> FloatArray:
    """Centred over a season as far as there are values: NaN nearer than half a season to either end."""
    known = ~np.isnan(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    mean = np.full(len(values), np.nan)
    half = season // 2
    total, count = sums[season:] - sums[:-season], counts[season:] - counts[:-season]
    if season % 2 == 0:
        total, count = (total[1:] + total[:-1]) / 2, (count[1:] + count[:-1]) / 2
    mean[half : half + len(total)] = np.divide(total, count, out=np.full(len(total), np.nan), where=count > season / 2)
    return mean
