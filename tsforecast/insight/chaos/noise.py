"""How much of a series is measurement noise."""

from __future__ import annotations

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.insight.chaos.embedding import embed
from tsforecast.insight.chaos.neighbour_search import NeighbourSearch, evenly

REFERENCES = 1_000
RIDGE = 1e-6
# Median of the squared standard normal: turns a median of squares into a variance that outliers do not move.
MEDIAN_SQUARE = 0.4549


def noise_level(values: FloatArray, delay: int, dimension: int, theiler: int) -> float:
    """Standard deviation of white measurement noise, as a fraction of that of the series.

    The middle of each delay window is explained from its other elements by a plane through the nearest neighbours
    outside the Theiler window. Where the series is deterministic, past and future together fix the middle, and what
    is left is noise: its own, and that of the elements that explain it, which the plane's coefficients b pass on. The
    residual variance is therefore divided by 1 + |b|^2. In short or high-dimensional series neighbours are far, the
    plane does not fit, and the figure is too high; on a closed curve the slopes are ill-determined, and it can
    be a third too low. NaN where there are too few vectors.
    """
    half = (dimension + 1) // 2
    vectors, rows = embed(values, delay, 2 * half + 1)
    middle = vectors[:, half]
    around = np.delete(vectors, half, axis=1)
    residual, slopes = _local_planes(around, middle, rows, theiler + 2 * half * delay)
    if len(residual) == 0:
        return float("nan")
    variance = np.median(residual**2 / (1.0 + np.sum(slopes**2, axis=1))) / MEDIAN_SQUARE
    return float(np.sqrt(variance) / np.nanstd(values))


def _local_planes(
    inputs: FloatArray, output: FloatArray, rows: IntArray, theiler: int
) -> tuple[FloatArray, FloatArray]:
    """Leave-one-out residuals `(reference,)` and slopes `(reference, input)` of planes through near neighbours."""
    count = 4 * (inputs.shape[1] + 1)
    if len(inputs) < 4 * count:
        return np.empty(0), np.empty((0, inputs.shape[1]))
    search = NeighbourSearch(inputs, rows, theiler)
    chosen = evenly(len(inputs), REFERENCES)
    _, position = search.nearest(inputs[chosen], rows[chosen], count)
    chosen, position = chosen[position[:, -1] >= 0], position[position[:, -1] >= 0]
    if len(chosen) == 0:
        return np.empty(0), np.empty((0, inputs.shape[1]))
    x = inputs[position] - inputs[chosen, None, :]
    y = output[position]
    x_mean, y_mean = x.mean(axis=1), y.mean(axis=1)
    x = x - x_mean[:, None, :]
    gram = np.einsum("rki,rkj->rij", x, x)
    trace = np.trace(gram, axis1=1, axis2=2)[:, None, None]
    gram = gram + (RIDGE * trace + np.finfo(float).tiny) * np.eye(x.shape[2])
    slopes = np.linalg.solve(gram, np.einsum("rki,rk->ri", x, y - y_mean[:, None])[:, :, None])[:, :, 0]
    residual = output[chosen] - (y_mean - np.sum(slopes * x_mean, axis=1))
    return residual, slopes
