"""From a fit to the long table of what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsforecast.data.forecasts import Forecast, level_name
from tsforecast.data.panel import FloatArray, Panel, stamps_after
from tsforecast.data.series import Series
from tsforecast.evaluate.intervals import Calibration
from tsforecast.workflows.usable import series_scale

if TYPE_CHECKING:
    from tsforecast.workflows.fit import Fit


def forecast(fitted: Fit) -> Forecast:
    """What comes after the panel the fit was made on."""
    yhat = fitted.transformed.predict(fitted.series, fitted.horizon, fitted.chosen)
    scale = np.stack([series_scale(s) for s in fitted.series])
    made = assemble(fitted.panel, fitted.series, yhat, scale, fitted.calibration)
    return replace(made, status=tuple(fitted.status))


def assemble(
    panel: Panel, series: Sequence[Series], yhat: FloatArray, scale: FloatArray, calibration: Calibration
) -> Forecast:
    """The long table of point forecasts `(series, step, channel)` and their intervals.

    Args:
        panel: Supplies frequency and names.
        series: What was forecast, in the order of `yhat`.
        yhat: In the unit of the data.
        scale: Of each series and channel `(series, channel)`.
        calibration: Measured widths; its levels become columns.
    """
    factor = np.stack([calibration.factor(own) for own in series])[:, None, :]
    bounds = {level: calibration.interval(yhat, scale[:, None, :], level, factor) for level in calibration.levels}
    parts = []
    for i, own in enumerate(series):
        stamps = stamps_after(own.cutoff, yhat.shape[1], panel.freq)
        for j, channel in enumerate(own.channels):
            columns: dict[str, Any] = {
                "unique_id": own.unique_id,
                "channel": channel,
                "ds": stamps,
                "yhat": yhat[i, :, j],
            }
            for level, (low, high) in bounds.items():
                columns[f"yhat_lo_{level_name(level)}"] = low[i, :, j]
                columns[f"yhat_hi_{level_name(level)}"] = high[i, :, j]
            parts.append(pd.DataFrame(columns))
    return Forecast(pd.concat(parts, ignore_index=True), panel.freq, panel.schema, calibration.levels)
