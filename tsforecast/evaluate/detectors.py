"""What recurrent forecasters do wrong, and how to tell: copying the last value, going flat, running away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tsforecast.data.panel import BoolArray, FloatArray
from tsforecast.data.series import Series

COPY = 0.05
FLAT = 0.1
AWAY = 1.0
_REACH = 3.0
_FAR = 1e150
# tests/evaluate/test_comparable: one series that explodes would decide the coefficients of all that share a fit
_EXPLODED = 1000.0


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


def out_of_reach(ahead: FloatArray, series: Sequence[Series]) -> BoolArray:
    """Which forecasts `(series, step, channel)` leave every reasonable range `(series,)`.

    That is where one is not finite, or is beyond the range of the history by more than three times that range and the
    way that its drift, from the first value to the last, goes on over the horizon.
    """
    found = np.asarray(~np.isfinite(ahead).all(axis=(1, 2)))
    for i, own in enumerate(series):
        low, high = np.nanmin(own.values, axis=0), np.nanmax(own.values, axis=0)
        moved = np.abs(own.filled[-1] - own.filled[0]) * ahead.shape[1] / max(1, len(own) - 1)
        reach = _REACH * (high - low + moved)
        beyond = (ahead[i] > high + reach) | (ahead[i] < low - reach)
        found[i] |= bool((beyond & (high > low)).any())
    return found


def exploded(series: Series, n_rows: int) -> bool:
    """The rows after the first `n_rows` leave the range of those by more than a thousand times that range."""
    if not 0 < n_rows < len(series):
        return False
    earlier, later = series.values[:n_rows], series.values[n_rows:]
    for before, after in zip(earlier.T, later.T, strict=True):
        seen, new = before[np.isfinite(before)], after[np.isfinite(after)]
        if not seen.size or not new.size:
            continue
        reach = _EXPLODED * float(seen.max() - seen.min())
        if reach > 0 and (new.max() > seen.max() + reach or new.min() < seen.min() - reach):
            return True
    return False


def _mean(values: FloatArray) -> float:
    seen = values[np.isfinite(values)]
    return float(seen.mean()) if seen.size else 0.0
