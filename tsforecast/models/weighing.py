"""Weights of the members of a combination: inverse powers of their validation errors, drawn towards equal ones.

The fewer forecasts that do not overlap measured them, the nearer to equal (Bates & Granger 1969, The combination of
forecasts; Timmermann 2006, Forecast combinations, section 2.4). How the members' errors go together is not estimated:
members selected one by one for what they add (Caruana et al. 2004) erred .794 of Naive2 in `benchmarks/m4_weekly.py`,
weights like these .757, since all its series were validated on the same weeks.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.models.task import group_means

POWER = 3.0
# forecasts that do not overlap, as many as equal weights are worth
_PRIOR = 4.0


def weights_of(errors: FloatArray, count: float) -> FloatArray:
    """Of members that erred so much on `count` forecasts `(..., member)`."""
    least = np.maximum(errors.min(axis=-1, keepdims=True), 1e-12)
    inverse = (np.maximum(errors, least) / least) ** -POWER
    inverse = inverse / inverse.sum(axis=-1, keepdims=True)
    trust = count / (count + _PRIOR)
    return np.asarray(trust * inverse + (1 - trust) / errors.shape[-1])


def earlier(of: IntArray) -> Any:
    """Whether each origin is in the earlier half of its series' `(origin,)`."""
    counts = np.bincount(of)
    place = np.arange(len(of)) - np.searchsorted(of, of)
    return 2 * place < counts[of] - 1


def own_weights(errors: FloatArray, of: IntArray, prior: FloatArray, count: float) -> tuple[IntArray, FloatArray]:
    """Weights of each series by its own errors, drawn towards those of all.

    Args:
        errors: `(origin, member)`.
        of: Series of each origin, ascending.
        prior: Weights of all `(member,)`.
        count: Forecasts of a series that do not overlap.

    Returns:
        The series, and their weights `(series, member)`.
    """
    which = np.unique(of)
    mean = np.stack([group_means(column, of) for column in errors.T], axis=1)
    least = np.maximum(mean.min(axis=1, keepdims=True), 1e-12)
    inverse = (np.maximum(mean, least) / least) ** -POWER
    trust = count / (count + _PRIOR)
    return which, trust * inverse / inverse.sum(axis=1, keepdims=True) + (1 - trust) * prior
