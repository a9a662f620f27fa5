"""Delay embedding as a transformer that chooses its delay and dimension where they are left open."""

from __future__ import annotations

from typing import Any

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.errors import DataError, UsageError
from tsforecast.insight.chaos.delay import MIN_VALUES, choose_delay
from tsforecast.insight.chaos.dimension import choose_dimension
from tsforecast.insight.chaos.embedding import embed


class TakensEmbedding:
    """Delay embedding as a scikit-learn style transformer; scikit-learn itself is not needed.

    Args:
        delay: tau in steps; None chooses it from the first channel given to `fit`.
        dimension: m; None chooses it likewise.

    Attributes:
        delay_, dimension_: What is used, after `fit`, and why:
        delay_reason_, dimension_reason_: one line each.
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
        columns = np.asarray(X, dtype="float64")
        first = columns if columns.ndim == 1 else columns[:, 0]
        self.n_features_in_ = 1 if columns.ndim == 1 else columns.shape[1]
        self.delay_, self.delay_reason_, theiler = _delay(first, self.delay)
        self.dimension_, self.dimension_reason_ = _dimension(first, self.delay_, theiler, self.dimension)
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


def _delay(values: FloatArray, given: int | None) -> tuple[int, str, int]:
    """The delay, why, and the Theiler window that goes with it."""
    if given is not None:
        # Where the series is too short to choose from, a window of one step keeps it usable.
        seen = values[np.isfinite(values)]
        usable = len(seen) >= MIN_VALUES and np.ptp(seen) > 0
        return given, "as asked", choose_delay(values).theiler if usable else 1
    choice = choose_delay(values)
    if choice.delay is None:
        raise DataError(f"no delay can be chosen: {choice.reason}", "give it with --delay, or take differences first")
    return choice.delay, choice.reason, choice.theiler


def _dimension(values: FloatArray, delay: int, theiler: int, given: int | None) -> tuple[int, str]:
    if given is not None:
        return given, "as asked"
    choice = choose_dimension(values, delay, theiler)
    return choice.dimension, choice.reason
