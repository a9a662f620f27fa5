"""Does a series stay the same? Dickey-Fuller test, growth of differences, and cross-prediction of its halves."""

from __future__ import annotations

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.insight.chaos.delay import autocorrelation
from tsforecast.insight.chaos.embedding import embed
from tsforecast.insight.chaos.neighbour_search import NeighbourSearch, evenly
from tsforecast.insight.chaos.surrogates import longest_stretch
from tsforecast.insight.stationarity import LONGEST, SIGNIFICANT, dickey_fuller, unit_root_p

SHORTEST = 50
MIN_HALF = 100
HALF_REFERENCES = 400
SMALLEST_ERROR = 1e-3


def has_unit_root(values: FloatArray) -> bool:
    """Whether the Dickey-Fuller test leaves a unit root standing at 5 %.

    Looks at the longest gap-free stretch, at most 10,000 values of it; of a short one it does not claim a unit root.
    """
    series = longest_stretch(values)[:LONGEST]
    return len(series) >= SHORTEST and unit_root_p(dickey_fuller(series)) > SIGNIFICANT


def steps_walk(values: FloatArray) -> bool:
    """Whether the steps of a series are those of a random walk, possibly measured with noise.

    Differences five and more steps apart must be uncorrelated (nearer ones are correlated by noise alone), and the
    variance of long differences, less their mean, must grow with their length, as in the variance ratio of Lo &
    MacKinlay 1988; around a trend it does not.
    """
    change = np.diff(values)
    if np.nanstd(change) == 0:
        return False
    correlation = autocorrelation(change, 20)
    bound = max(3.0 / np.sqrt(np.isfinite(change).sum()), 0.05)
    short = max(5, len(values) // 100)
    spread = [float(np.nanvar(values[k:] - values[:-k])) for k in (short, 4 * short)]
    return bool(np.mean(np.abs(correlation[5:]) < bound) >= 0.9 and spread[1] > 2.0 * spread[0])


def cross_prediction(values: FloatArray, delay: int, dimension: int, theiler: int) -> float:
    """How much worse one half of a series tells the other than itself: the larger of the two ratios of errors.

    Schreiber 1997, Detecting and analyzing nonstationarity in a time series using nonlinear cross predictions. About
    1 where the dynamics stay the same; NaN where there are too few vectors. Errors are medians, one delay ahead, of
    the mean of the nearest neighbours; below a thousandth of the standard deviation they count as that much.
    """
    vectors, rows = embed(values, delay, dimension)
    known = rows + delay < len(values)
    vectors, rows = vectors[known], rows[known]
    after = values[rows + delay]
    seen = np.isfinite(after)
    vectors, rows, after = vectors[seen], rows[seen], after[seen]
    half = len(vectors) // 2
    if half < MIN_HALF:
        return float("nan")
    halves = (slice(0, half), slice(len(vectors) - half, len(vectors)))
    chosen = evenly(half, HALF_REFERENCES)
    error = np.empty((2, 2))
    for i, library in enumerate(halves):
        search = NeighbourSearch(vectors[library], rows[library], theiler)
        for j, target in enumerate(halves):
            _, position = search.nearest(vectors[target][chosen], rows[target][chosen], dimension + 1)
            found = position[:, -1] >= 0
            told = after[library][position[found]].mean(axis=1)
            error[i, j] = np.median(np.abs(told - after[target][chosen[found]])) if found.any() else np.nan
    error = np.maximum(error / np.nanstd(values), SMALLEST_ERROR)
    return float(max(error[0, 1] / error[1, 1], error[1, 0] / error[0, 0]))
