"""Series and tasks for the models that learn each series by itself, and series whose forecasts others have computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from tsforecast.data.series import Series
from tsforecast.models.task import Task


def series(values: Any, season_length: int = 1, name: str = "y", start: int = 0) -> Series:
    """One target `(time,)`, or several `(time, channel)`."""
    rows = np.asarray(values, dtype="float64")
    rows = rows.reshape(len(rows), -1)
    channels = tuple(name if i == 0 else f"{name}{i}" for i in range(rows.shape[1]))
    seasons = (season_length,) if season_length > 1 else ()
    return Series("", channels, rows, start, np.arange(start, start + len(rows)), seasons)


def whole(*given: Series) -> Task:
    """What `fit` and `refit` see, with all rows to learn from."""
    return Task.whole(given, 6)


def fitted(model: Any, *given: Series) -> Any:
    return model.fit(whole(*given), model.Settings(), seed=0, tell=lambda line: None)


def forecast(model: Any, given: Series, horizon: int) -> np.ndarray:
    """Fitted on a series and continued from its end `(step,)`."""
    return fitted(model, given).predict([given], horizon).point[0, :, 0]


def wobble(n: int) -> np.ndarray:
    """What looks like noise and is the same everywhere."""
    return np.sin(1.7 * np.arange(n) ** 2)


def reference(name: str) -> Series:
    """The series that statsforecast's forecasts in the tests are of."""
    t = np.arange(72.0)
    cycle = np.sin(2 * np.pi * t / 12)
    return {
        "trend": series(100 + 0.8 * t[:40] + 5 * wobble(40)),
        "level": series(50 + 1.5 * np.cumsum(wobble(60)) + 2 * np.cos(2.3 * np.arange(60) ** 2)),
        "short": series(20 - 0.5 * t[:15] + wobble(15)),
        "seasonal": series((100 + t) * (1 + 0.2 * cycle) * (1 + 0.03 * wobble(72)), 12),
        "negative": series(10 * cycle + 0.3 * t + wobble(72) - 20, 12),
    }[name]
