"""From a fit to the long table of what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsforecast.data.forecasts import Forecast, level_name
from tsforecast.data.panel import BoolArray, FloatArray, Panel, stamps_after
from tsforecast.data.series import Series
from tsforecast.evaluate.bounds import Bounds
from tsforecast.evaluate.intervals import Calibration
from tsforecast.workflows.usable import series_scale

if TYPE_CHECKING:
    from tsforecast.workflows.fit import Fit


def forecast(fitted: Fit) -> Forecast:
    """What comes after the panel the fit was made on."""
    made = assemble(fitted.panel, fitted.series, fitted.ahead, _scale(fitted), fitted.calibration, fitted.bounds)
    return replace(made, status=tuple(fitted.status))


def held_back(fitted: Fit) -> BoolArray:
    """Which series have a forecast or an interval that would cross a bound `(series,)`."""
    crossed = np.zeros(len(fitted.series), dtype=bool)
    yhat = fitted.bounds.hold(fitted.series, fitted.ahead)
    intervals = _intervals(fitted.calibration, fitted.series, yhat, _scale(fitted))
    for values in (fitted.ahead, *(edge for interval in intervals.values() for edge in interval)):
        crossed |= (np.abs(fitted.bounds.within(fitted.series, values) - values) > 0).any(axis=(1, 2))
    return crossed


def _intervals(
    calibration: Calibration, series: Sequence[Series], yhat: FloatArray, scale: FloatArray
) -> dict[float, tuple[FloatArray, FloatArray]]:
    """By level, the lower and upper ends of the intervals `(series, step, channel)`, not yet held by bounds."""
    factor = np.stack([calibration.factor(own) for own in series])[:, None, :]
    return {level: calibration.interval(yhat, scale, level, factor) for level in calibration.levels}


def _scale(fitted: Fit) -> FloatArray:
    """What the widths of each series are multiplied by `(series, 1, channel)`."""
    return np.stack([series_scale(s) for s in fitted.series])[:, None, :]


def assemble(
    panel: Panel,
    series: Sequence[Series],
    yhat: FloatArray,
    scale: FloatArray,
    calibration: Calibration,
    bounds: Bounds,
) -> Forecast:
    """The long table of point forecasts `(series, step, channel)` and their intervals.

    Args:
        panel: Supplies frequency and names.
        series: What was forecast, in the order of `yhat`.
        yhat: In the unit of the data.
        scale: Of each series and channel `(series, 1, channel)`.
        calibration: Measured widths; its levels become columns.
        bounds: What points and intervals stay within.
    """
    yhat = bounds.hold(series, yhat)
    intervals = {
        level: (bounds.hold(series, interval[0], "low"), bounds.hold(series, interval[1], "high"))
        for level, interval in _intervals(calibration, series, yhat, scale).items()
    }
    steps, width = yhat.shape[1:]
    # one table of all: a frame of each series costs more than forecasting it
    after = {cutoff: stamps_after(cutoff, steps, panel.freq) for cutoff in dict.fromkeys(own.cutoff for own in series)}
    columns: dict[str, Any] = {
        "unique_id": [own.unique_id for own in series for _ in range(width * steps)],
        "channel": [channel for own in series for channel in own.channels for _ in range(steps)],
        "ds": np.concatenate([np.tile(after[own.cutoff], width) for own in series]),
        "yhat": _column(yhat),
    }
    for level, (low, high) in intervals.items():
        columns[f"yhat_lo_{level_name(level)}"] = _column(low)
        columns[f"yhat_hi_{level_name(level)}"] = _column(high)
    return Forecast(pd.DataFrame(columns), panel.freq, panel.schema, calibration.levels)


def _column(values: FloatArray) -> FloatArray:
    """Values `(series, step, channel)` in the order of the rows: by series, channel and step."""
    return values.transpose(0, 2, 1).ravel()
