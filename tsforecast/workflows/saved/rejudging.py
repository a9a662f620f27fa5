"""A saved model, or what became of it, judged on the newest rows of each series."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tsforecast.data.series import Series
from tsforecast.data.split import origins
from tsforecast.evaluate.bounds import Bounds
from tsforecast.evaluate.comparable import Scored
from tsforecast.evaluate.rolling import Backtest, rolling_origin
from tsforecast.models.transformed import Transformed
from tsforecast.workflows.saved.predict import MODEL
from tsforecast.workflows.usable import series_scale


def rejudged(
    model: Transformed, bounds: Bounds, series: Sequence[Series], parts: Sequence[int], horizon: int
) -> Backtest:
    """Forecasts of the last rows of each series from rolling origins, by every model that `model` holds.

    Args:
        model: One or several.
        bounds: What forecasts stay within.
        series: All rows.
        parts: How many rows of each judge; 0 for none.
        horizon: Steps ahead.
    """
    cutoffs = [origins(len(s), part, horizon) if part else [] for s, part in zip(series, parts, strict=True)]
    training = [max(2, len(s) - part) for s, part in zip(series, parts, strict=True)]
    return rolling_origin(bounds.holding(model.predict), series, cutoffs, list(model.models), horizon, training)


def errors_of(judged: Backtest, series: Sequence[Series], *, log: bool) -> Scored:
    """The errors of the saved model, comparable among series."""
    return Scored.of(judged, MODEL, series, np.stack([series_scale(s) for s in series]), log=log)
