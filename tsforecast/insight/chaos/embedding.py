"""Delay embedding (Takens 1981, Detecting strange attractors in turbulence, theorem 1).

From one observed coordinate x(t) the vectors (x(t), x(t - tau), ..., x(t - (m - 1) tau)) trace, for large enough m, a
smooth one-to-one image of the attractor that x was observed from.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.errors import DataError, UsageError


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


class TakensEmbedding:
    """Delay embedding as a scikit-learn style transformer; scikit-learn itself is not needed.

    Args:
        delay: tau in steps; None chooses it from the first channel given to `fit`.
        dimension: m; None chooses it likewise.

    Attributes:
        delay_, dimension_: What is used, after `fit`.
        rows_: After `transform`, the time index of each vector `(vector,)`.
    """

    def __init__(self, delay: int | None = None, dimension: int | None = None) -> None:
        self.delay = delay
        self.dimension = dimension

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002 - scikit-learn passes it
        """The settings, as scikit-learn's `clone` wants them."""
        return {"delay": self.delay, "dimension": self.dimension}

    def set_params(self, **settings: Any) -> TakensEmbedding:
        """Change settings by name.

        Raises:
            UsageError: Where there is no such setting.
        """
        for name, value in settings.items():
            if name not in self.get_params():
                raise UsageError(f"TakensEmbedding has the settings delay and dimension, received {name}")
            setattr(self, name, value)
        return self

    def fit(self, X: FloatArray, y: Any = None) -> TakensEmbedding:  # noqa: ARG002 - scikit-learn passes it
        """Choose what was left open from the first channel of `X`, `(time,)` or `(time, channel)`.

        Raises:
            DataError: Where no delay can be chosen from this series.
        """
        from tsforecast.insight.chaos.delay import choose_delay
        from tsforecast.insight.chaos.dimension import choose_dimension

        columns = np.asarray(X, dtype="float64")
        first = columns if columns.ndim == 1 else columns[:, 0]
        self.n_features_in_ = 1 if columns.ndim == 1 else columns.shape[1]
        delay, dimension = self.delay, self.dimension
        theiler = None
        if delay is None:
            choice = choose_delay(first)
            if choice.delay is None:
                raise DataError(f"no delay can be chosen: {choice.reason}", "give the delay yourself, or difference")
            delay, theiler = choice.delay, choice.theiler
        if dimension is None:
            theiler = choose_delay(first).theiler if theiler is None else theiler
            dimension = choose_dimension(first, delay, theiler).dimension
        self.delay_, self.dimension_ = delay, dimension
        return self

    def transform(self, X: FloatArray) -> FloatArray:
        """The delay vectors of `X` `(vector, dimension * channel)`; `rows_` tells their times."""
        vectors, self.rows_ = embed(X, self.delay_, self.dimension_)
        return vectors

    def fit_transform(self, X: FloatArray, y: Any = None) -> FloatArray:  # noqa: ARG002 - scikit-learn passes it
        """`fit`, then `transform`."""
        return self.fit(X).transform(X)

    def get_feature_names_out(self, input_features: list[str] | None = None) -> list[str]:
        """Names of the columns of `transform`: x(t), x(t-3), x(t-6), ...; channels within a lag."""
        if input_features is None:
            input_features = ["x"] if self.n_features_in_ == 1 else [f"x{j}" for j in range(self.n_features_in_)]
        lags = [self.delay_ * k for k in range(self.dimension_)]
        return [f"{name}(t-{lag})" if lag else f"{name}(t)" for lag in lags for name in input_features]
