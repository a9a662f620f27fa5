"""What the accuracy benchmarks share: arrays as series, and the choice among the models as `fit` makes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.data.series import Series
from tsforecast.models.choose import Choice, choose
from tsforecast.models.registry import AUTO
from tsforecast.models.task import Task


def series_of(values: Sequence[FloatArray], season_length: int = 1) -> list[Series]:
    """Arrays `(time, channel)` as series with one season, 1 for none."""
    seasons = (season_length,) if season_length > 1 else ()
    return [
        Series(str(i), tuple(f"y{j}" for j in range(rows.shape[1])), rows, 0, np.arange(len(rows)), seasons)
        for i, rows in enumerate(values)
    ]


def contest(
    series: Sequence[Series], horizon: int, n_validation: int, model: str = AUTO, seed: int = 0, **settings: Any
) -> Choice:
    """Every model that suits, or the one named, on series whose last `n_validation` rows choose."""
    asked = None if model == AUTO else model
    task = Task(series, horizon, [n_validation] * len(series), asked, contested=asked is None)
    return choose(task, settings, seed=seed, tell=lambda _: None)
