"""A series without its season: the profile of the last periods around a moving average."""

from __future__ import annotations

import numpy as np

from tsforecast.data.arrays import FloatArray

PERIODS = 8
"""Periods that make the profile; each weighs .8 of the one after it."""
_FADING = 0.8
# four standard deviations of a normal distribution, in median absolute deviations
_REACH = 4 * 1.4826


def without_profile(values: FloatArray, season: int, horizon: int) -> tuple[FloatArray, FloatArray]:
    """A series `(step,)` without its profile, and the profile of the `horizon` steps that follow.

    As it is, with a profile of zeros, where season is 0 or there are not two periods.
    """
    if season < 2 or len(values) < 2 * season:
        return values, np.zeros(horizon)
    kept = values[-(PERIODS + 1) * season :]
    age = np.arange(len(kept) - 1, -1, -1)
    phase = (season - 1 - age) % season
    apart = _without_outliers(kept - _moving_average(kept, season), season)
    weight = np.where(np.isnan(apart), 0.0, _FADING ** (age // season))
    total = np.bincount(phase, weight, season)
    sums = np.bincount(phase, weight * np.nan_to_num(apart), season)
    profile = np.divide(sums, total, out=np.zeros(season), where=total > 0)
    profile -= profile.mean()
    return kept - profile[phase], profile[np.arange(horizon) % season]


def _without_outliers(apart: FloatArray, season: int) -> FloatArray:
    """Values at most four deviations, by the median of all, from the median of their phase `(step,)`."""
    n = -(-len(apart) // season)
    front = n * season - len(apart)
    table: FloatArray = np.concatenate([np.full(front, np.nan), apart]).reshape(n, season)
    never = np.isnan(table).all(axis=0)
    if never.all():
        return apart
    middle = np.where(never, 0.0, np.nanmedian(np.where(never, 0.0, table), axis=0))
    reach = _REACH * float(np.nanmedian(np.abs(table - middle)))
    held: FloatArray = middle + np.clip(table - middle, -reach, reach)
    return held.ravel()[front:]


def _moving_average(values: FloatArray, season: int) -> FloatArray:
    """Centred over a season; nearer than half a season to either end the mean of the season there holds.

    So the newest half season has its say in the profile, which it would not where the average ends before the series.
    """
    known = ~np.isnan(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    mean = np.full(len(values), np.nan)
    half = season // 2
    total, count = sums[season:] - sums[:-season], counts[season:] - counts[:-season]
    if season % 2 == 0:
        total, count = (total[1:] + total[:-1]) / 2, (count[1:] + count[:-1]) / 2
    mean[half : half + len(total)] = np.divide(total, count, out=np.full(len(total), np.nan), where=count > season / 2)
    found = np.flatnonzero(~np.isnan(mean))
    if len(found):
        mean[: found[0]], mean[found[-1] + 1 :] = mean[found[0]], mean[found[-1]]
    return mean
