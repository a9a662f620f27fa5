"""Surrogate series: the same amplitudes and spectrum, no other structure; and the test that uses them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.insight.chaos.embedding import embed

ITERATIONS = 60
N_SURROGATES = 39
LONGEST = 2_000
REFERENCES = 400
STEPS_PER_DELAY = 8
SHORTEST = 150


@dataclass(frozen=True)
class SurrogateTest:
    """Whether the series is better predictable than linear noise with its amplitudes and spectrum.

    Attributes:
        p: One-sided p-value, (1 + surrogates at least as predictable) / (1 + surrogates); NaN where untestable.
        error: Prediction error of the series over its standard deviation.
        surrogate_errors: The same of each surrogate `(surrogate,)`.
        length: Values used, a gap-free stretch.
    """

    p: float
    error: float
    surrogate_errors: FloatArray
    length: int


def iaaft(values: FloatArray, n: int, seed: int) -> FloatArray:
    """Iterative amplitude adjusted Fourier transform surrogates `(n, time)` of a complete series `(time,)`.

    Schreiber & Schmitz 1996, Improved surrogate data for nonlinearity tests. Each has exactly the values of the
    series in another order, and its spectrum up to what the last reordering changes. The ends of the series should
    match (`end_matched`), because the spectrum is that of its periodic continuation.
    """
    rng = np.random.default_rng(seed)
    ordered = np.sort(values)
    amplitude = np.abs(np.fft.rfft(values))
    found = rng.permuted(np.tile(values, (n, 1)), axis=1)
    ranks = np.empty(0, dtype="int64")
    for _ in range(ITERATIONS):
        spectrum = np.fft.rfft(found, axis=1)
        spectrum *= amplitude / np.maximum(np.abs(spectrum), np.finfo(float).tiny)
        order = np.argsort(np.fft.irfft(spectrum, len(values), axis=1), axis=1, kind="stable")
        np.put_along_axis(found, order, np.broadcast_to(ordered, found.shape), axis=1)
        if np.array_equal(order, ranks):
            break
        ranks = order
    return found


def end_matched(values: FloatArray) -> FloatArray:
    """The stretch, at least nine tenths of a complete series, whose ends fit best in value and slope.

    Schreiber & Schmitz 2000, Surrogate time series, section 5.3.
    """
    slack = max(1, len(values) // 20)
    start = np.arange(slack)[:, None]
    stop = len(values) - 1 - np.arange(slack)[None, :]
    jump = (values[start] - values[stop]) ** 2
    kink = ((values[start + 1] - values[start]) - (values[stop] - values[stop - 1])) ** 2
    first, last = np.unravel_index(int(np.argmin(jump + kink)), (slack, slack))
    return values[int(first) : len(values) - int(last)]


def longest_stretch(values: FloatArray) -> FloatArray:
    """The longest run of values without a gap."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], np.isfinite(values), [False]]).astype("int8")))
    if len(edges) == 0:
        return values[:0]
    starts, stops = edges[::2], edges[1::2]
    best = int(np.argmax(stops - starts))
    return values[starts[best] : stops[best]]


def surrogate_test(
    values: FloatArray, delay: int, dimension: int, theiler: int, *, n: int = N_SURROGATES, seed: int = 0
) -> SurrogateTest:
    """Test a series `(time,)` against `n` IAAFT surrogates by the error of nearest-neighbour prediction one delay on.

    Uses the longest gap-free stretch, at most 2,000 values of it, trimmed so that its ends match. A series sampled
    much more finely than its delay is thinned to eight values a delay.
    """
    stride = max(1, delay // STEPS_PER_DELAY)
    delay, theiler = round(delay / stride), -(-theiler // stride)
    series = longest_stretch(values)[::stride][:LONGEST]
    if len(series) < SHORTEST + dimension * delay:
        return SurrogateTest(float("nan"), float("nan"), np.empty(0), len(series))
    series = end_matched(series)
    error = _prediction_error(series, delay, dimension, theiler)
    others = np.array([_prediction_error(s, delay, dimension, theiler) for s in iaaft(series, n, seed)])
    p = (1 + int(np.sum(others <= error))) / (n + 1)
    return SurrogateTest(p, error, others, len(series))


def _prediction_error(series: FloatArray, delay: int, dimension: int, theiler: int) -> float:
    """Root mean square error of the mean of the nearest neighbours' futures, over the standard deviation."""
    from tsforecast.insight.chaos.neighbour_search import NeighbourSearch, evenly

    vectors, rows = embed(series[:-delay], delay, dimension)
    search = NeighbourSearch(vectors, rows, theiler)
    chosen = evenly(len(vectors), REFERENCES)
    _, position = search.nearest(vectors[chosen], rows[chosen], dimension + 1)
    seen = position[:, -1] >= 0
    predicted = series[rows[position[seen]] + delay].mean(axis=1)
    return float(np.sqrt(np.mean((predicted - series[rows[chosen[seen]] + delay]) ** 2)) / series.std())
