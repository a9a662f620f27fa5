"""From a fit to the long table of what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsforecast.data.forecasts import Forecast, level_name
from tsforecast.data.panel import FloatArray, Panel, Sequence, stamps_after
from tsforecast.evaluate.intervals import Calibration
from tsforecast.evaluate.metrics import naive_scale

if TYPE_CHECKING:
    from tsforecast.workflows.fit import Fit


def forecast(fitted: Fit) -> Forecast:
    """What comes after the panel the fit was made on."""
    sequences = fitted.panel.sequences()
    values = [s.values for s in sequences]
    yhat = fitted.forecaster.predict(values, np.arange(len(values)), fitted.horizon, fitted.chosen)
    scale = np.stack([sequence_scale(v) for v in values])
    return assemble(fitted.panel, sequences, yhat, scale, fitted.calibration)


def assemble(
    panel: Panel, sequences: list[Sequence], yhat: FloatArray, scale: FloatArray, calibration: Calibration
) -> Forecast:
    """The long table of point forecasts `(sequence, step, channel)` and their intervals.

    Args:
        panel: Supplies frequency and names.
        sequences: What was forecast, in the order of `yhat`.
        yhat: Original scale.
        scale: Of each sequence and channel `(sequence, channel)`.
        calibration: Measured widths; its levels become columns.
    """
    bounds = {level: calibration.interval(yhat, scale[:, None, :], level) for level in calibration.levels}
    parts = []
    for i, sequence in enumerate(sequences):
        stamps = stamps_after(sequence.cutoff, yhat.shape[1], panel.freq)
        for j, channel in enumerate(sequence.channels):
            columns: dict[str, Any] = {
                "unique_id": sequence.unique_id,
                "channel": channel,
                "ds": stamps,
                "yhat": yhat[i, :, j],
            }
            for level, (low, high) in bounds.items():
                columns[f"yhat_lo_{level_name(level)}"] = low[i, :, j]
                columns[f"yhat_hi_{level_name(level)}"] = high[i, :, j]
            parts.append(pd.DataFrame(columns))
    return Forecast(pd.concat(parts, ignore_index=True), panel.freq, panel.schema, calibration.levels)


def sequence_scale(values: FloatArray) -> FloatArray:
    """What errors of a sequence are measured in: mean absolute step of each channel `(channel,)`, 1 if constant."""
    scale = np.array([naive_scale(values[:, j]) for j in range(values.shape[1])])
    return np.where(np.isfinite(scale), scale, 1.0)
