"""The correlation dimension (Grassberger & Procaccia 1983, Measuring the strangeness of strange attractors)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.insight.chaos.embedding import embed
from tsforecast.insight.chaos.neighbour_search import evenly

REFERENCES = 1_000
MAX_VECTORS = 10_000
BINS_PER_OCTAVE = 4
LARGEST_SHARE = 0.05
FEWEST_PAIRS = 200


@dataclass(frozen=True)
class CorrelationDimension:
    """A correlation dimension.

    Attributes:
        value: Slope of log C(r) over log r; NaN where no range of radii shows a steady slope.
        low, high: Smallest and largest slope within that range and over the embedding dimensions tried.
        radii: In units of the standard deviation `(radius,)`.
        sums: C(r): share of pairs closer than r, in the maximum norm, outside the Theiler window `(radius,)`.
        reason: One line.
    """

    value: float
    low: float
    high: float
    radii: FloatArray
    sums: FloatArray
    reason: str


def correlation_dimension(
    values: FloatArray, delay: int, dimension: int, theiler: int, *, noise: float = 0.0
) -> CorrelationDimension:
    """Estimate the dimension of a series `(time,)` at m and m + 2 dimensions.

    The slope is taken between three times the noise level (a fraction of the standard deviation) and the radius that
    holds 5 % of all pairs. Pairs closer in time than the Theiler window are left out (Theiler 1986).
    """
    slopes, curves = [], []
    for m in (dimension, dimension + 2):
        radii, sums, pairs = correlation_sums(values, delay, m, theiler)
        usable = (sums * pairs >= FEWEST_PAIRS) & (sums <= LARGEST_SHARE) & (radii >= 3.0 * noise)
        curves.append((radii, sums))
        if usable.sum() < 2 * BINS_PER_OCTAVE + 1:
            return _unknown(curves, "too few pairs of vectors at small distances")
        slopes.append(_local_slopes(np.log(radii[usable]), np.log(sums[usable])))
    value = float(np.median(slopes[0]))
    low = float(min(np.quantile(s, 0.1) for s in slopes))
    high = float(max(np.quantile(s, 0.9) for s in slopes))
    if high - low > 0.5 * max(value, 1.0):
        return _unknown(curves, f"the slope of log C(r) is not steady, {low:.1f} to {high:.1f}")
    return CorrelationDimension(value, low, high, *curves[0], "steady slope of log C(r)")


def correlation_sums(
    values: FloatArray, delay: int, dimension: int, theiler: int
) -> tuple[FloatArray, FloatArray, int]:
    """Radii in standard deviations, the share of pairs within each `(radius,)`, and the number of pairs."""
    from scipy.spatial.distance import cdist

    vectors, rows = embed(values, delay, dimension)
    kept = evenly(len(vectors), MAX_VECTORS)
    vectors, rows = vectors[kept] / np.nanstd(values), rows[kept]
    octaves = np.arange(-14 * BINS_PER_OCTAVE, 3 * BINS_PER_OCTAVE + 1)
    radii = 2.0 ** (octaves / BINS_PER_OCTAVE)
    counts = np.zeros(len(radii) + 1)
    pairs = 0
    for chosen in np.array_split(evenly(len(vectors), REFERENCES), 10):
        distance = cdist(vectors[chosen], vectors, "chebyshev")
        apart = np.abs(rows[chosen][:, None] - rows) > theiler
        with np.errstate(divide="ignore"):
            bin_of = np.ceil(BINS_PER_OCTAVE * np.log2(distance[apart])) - octaves[0]
        counts += np.bincount(np.clip(bin_of, 0, len(radii)).astype("int64"), minlength=len(radii) + 1)
        pairs += int(apart.sum())
    return radii, np.cumsum(counts)[:-1] / max(pairs, 1), pairs


def _local_slopes(log_radius: FloatArray, log_sum: FloatArray) -> FloatArray:
    """Slopes over one octave each."""
    width = BINS_PER_OCTAVE
    slopes: FloatArray = (log_sum[width:] - log_sum[:-width]) / (log_radius[width:] - log_radius[:-width])
    return slopes


def _unknown(curves: list[tuple[FloatArray, FloatArray]], reason: str) -> CorrelationDimension:
    nan = float("nan")
    return CorrelationDimension(nan, nan, nan, *curves[0], reason)
