"""Detectors for what recurrent forecasters do wrong: copying the last value, going flat, running away."""

from __future__ import annotations

import numpy as np

from tsforecast.panel import FloatArray

# shares below which a forecast counts as a copy or as flat; judged on many windows at once
_COPY = 0.1
_FLAT = 0.05


def detect_faults(last: FloatArray, forecast: FloatArray, actual: FloatArray, seen: FloatArray) -> list[str]:
    """What is wrong with forecasts, one line a fault; nothing where nothing is.

    Args:
        last: Last observed value of each window `(window, channel)`.
        forecast: `(window, horizon, channel)`.
        actual: What happened `(window, horizon, channel)`.
        seen: Lowest and highest training value of each window's sequence `(window, 2, channel)`.
    """
    faults = []
    moved = np.abs(actual - last[:, None]).mean()
    if moved > 0 and np.abs(forecast - last[:, None]).mean() < _COPY * moved:
        faults.append("the forecast hardly leaves the last value: it copies it")
    elif forecast.shape[1] > 1:
        variation = actual.std(axis=1).mean()
        if variation > 0 and forecast.std(axis=1).mean() < _FLAT * variation:
            faults.append("the forecast is nearly a flat line")
    span = (seen[:, 1] - seen[:, 0])[:, None]
    outside = (forecast > seen[:, 1][:, None] + span) | (forecast < seen[:, 0][:, None] - span)
    if not np.isfinite(forecast).all() or outside.any():
        share = float((outside | ~np.isfinite(forecast)).mean())
        faults.append(f"the forecast runs away: {share:.1%} of it lies more than a data range outside the data")
    return faults
