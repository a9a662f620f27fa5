"""Point-error measures. All take arrays of one shape and reduce the axes given; NaN pairs are left out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tsforecast.data.panel import FloatArray

Axes = int | tuple[int, ...] | None


def mae(actual: FloatArray, predicted: FloatArray, axis: Axes = None) -> FloatArray:
    """Mean absolute error, in the unit of the data."""
    return _mean(np.abs(actual - predicted), axis)


def rmse(actual: FloatArray, predicted: FloatArray, axis: Axes = None) -> FloatArray:
    """Root mean squared error, in the unit of the data."""
    return np.asarray(np.sqrt(_mean((actual - predicted) ** 2, axis)))


def smape(actual: FloatArray, predicted: FloatArray, axis: Axes = None) -> FloatArray:
    """Symmetric MAPE in per cent, 0 to 200: mean of 200·|y − ŷ| / (|y| + |ŷ|); 0/0 counts as 0 (Makridakis 1993)."""
    total = np.abs(actual) + np.abs(predicted)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(
            total == 0, np.where(np.isnan(actual - predicted), np.nan, 0.0), np.abs(actual - predicted) / total
        )
    return 200 * _mean(ratio, axis)


def naive_scale(training: FloatArray, season_length: int = 1) -> float:
    """The denominator of MASE: in-sample mean absolute error of the (seasonal) naive forecast (Hyndman & Koehler 2006).

    Args:
        training: `(time,)` or `(time, channel)`.
        season_length: Lag of the naive forecast in steps.

    Returns:
        The scale; NaN where the series is constant or too short, so that the measure is undefined rather than infinite.
    """
    if len(training) <= season_length:
        return float("nan")
    steps = np.abs(training[season_length:] - training[:-season_length])
    steps = steps[~np.isnan(steps)]
    scale = float(steps.mean()) if steps.size else 0.0
    return scale if scale > 0 else float("nan")


def skill(error: float, reference: float) -> float:
    """1 − error / reference: 1 is perfect, 0 is no better than the reference, below 0 is worse; NaN if undefined."""
    if not np.isfinite(error) or not np.isfinite(reference) or reference <= 0:
        return float("nan")
    return 1 - error / reference


def _mean(values: FloatArray, axis: Axes) -> FloatArray:
    """`np.nanmean` that answers NaN for an empty slice without a warning."""
    seen: npt.NDArray[np.bool_] = ~np.isnan(values)
    count = seen.sum(axis=axis)
    total = np.where(seen, values, 0.0).sum(axis=axis)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(count > 0, total / count, np.nan))
