"""Delay embedding (Takens 1981, Detecting strange attractors in turbulence, theorem 1).

From one observed coordinate x(t) the vectors (x(t), x(t - tau), ..., x(t - (m - 1) tau)) trace, for large enough m, a
smooth one-to-one image of the attractor that x was observed from.
"""

from __future__ import annotations

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.errors import UsageError


def embed(values: FloatArray, delay: int, dimension: int) -> tuple[FloatArray, IntArray]:
    """The delay vectors of a series.

    Args:
        values: `(time,)` or `(time, channel)`, missing is NaN.
        delay: Steps between two elements of a vector (tau), at least 1.
        dimension: Elements a channel (m), at least 1.

    Returns:
        vectors: `(vector, dimension * channel)`; the elements at t come first (all channels), then those at
            t - delay, and so on.
        rows: The time index t of each vector `(vector,)`. Vectors that touch a missing value are left out.

    Raises:
        UsageError: Where delay or dimension is below 1.
    """
    if delay < 1 or dimension < 1:
        raise UsageError(f"delay and dimension must be at least 1, received {delay} and {dimension}")
    columns = np.asarray(values, dtype="float64")
    columns = columns[:, None] if columns.ndim == 1 else columns
    rows = np.arange((dimension - 1) * delay, len(columns), dtype="int64")
    lags = np.arange(dimension) * delay
    vectors = columns[rows[:, None] - lags].reshape(len(rows), dimension * columns.shape[1])
    complete = np.isfinite(vectors).all(axis=1)
    return vectors[complete], rows[complete]
