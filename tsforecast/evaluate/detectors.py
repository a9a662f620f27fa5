"""What recurrent forecasters do wrong, and how to tell: copying the last value, going flat, running away."""

from __future__ import annotations

import numpy as np

from tsforecast.data.panel import FloatArray

COPY = 0.05
FLAT = 0.1
AWAY = 1.0
_FAR = 1e150


def copies_last_value(predicted: FloatArray, naive: FloatArray, actual: FloatArray) -> bool:
    """The forecast hardly differs from the last value, although the truth does.

    All arrays `(origin, step, channel)`. True where the mean distance to the naive forecast is under 5 % of the mean
    distance of the truth to it.
    """
    moved = _mean(np.abs(actual - naive))
    return bool(moved > 0 and _mean(np.abs(predicted - naive)) < COPY * moved)


def collapses_to_flat(predicted: FloatArray, actual: FloatArray) -> bool:
    """The forecast varies over its steps by less than a tenth of what the truth does `(origin, step, channel)`."""
    if actual.shape[1] < 3:
        return False
    # what runs away, or is as large as that, may vary by more than can be squared
    unit = max(1.0, float(np.nanmax(np.abs(actual), initial=0.0)) / _FAR)
    observed = ~np.isnan(actual)
    counted = observed.sum(axis=1, keepdims=True) > 1
    told = np.where(counted, np.where(observed, actual / unit, np.nan), 0.0)
    spread = np.nanstd(told, axis=1)[counted[:, 0]]
    varied = np.nanstd(np.clip(predicted / unit, -_FAR, _FAR), axis=1)
    return bool(_mean(spread) > 0 and _mean(varied) < FLAT * _mean(spread))


def runs_away(predicted: FloatArray, low: FloatArray, high: FloatArray) -> bool:
    """Some forecast leaves the range `low..high` `(origin, channel)` of its history by more than the range itself."""
    reach = AWAY * (high - low)[:, None, :]
    beyond = (predicted > high[:, None, :] + reach) | (predicted < low[:, None, :] - reach)
    return bool((beyond & (reach > 0)).any() or not np.isfinite(predicted).all())


def _mean(values: FloatArray) -> float:
    seen = values[np.isfinite(values)]
    return float(seen.mean()) if seen.size else 0.0
