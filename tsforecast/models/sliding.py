"""The moments of a regression on very many sliding windows, without cutting the windows.

Neighbouring windows share all rows but one, so that a product of two of their steps is summed once along the series;
what the sums for the steps before and after it differ by are the products at the ends.
"""

from __future__ import annotations

import numpy as np

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.data.windows import Windows

# windows below which cutting them takes no time worth saving
MANY = 50_000
# a stretch of windows that is shorter than so many of their lengths is cut
_STRETCH = 4


def stretches(windows: Windows) -> tuple[list[tuple[int, int]], IntArray]:
    """Runs of consecutive windows `[low, high)` that count fully, and the places of all other windows.

    Of fewer than `MANY` windows, or of several channels, none are runs: their sums are then those they always were.
    """
    places = np.arange(len(windows))
    if len(windows) < MANY or windows.values.shape[1] > 1:
        return [], places
    whole = np.ones(len(windows), dtype=bool) if windows.weights is None else windows.weights == 1
    breaks = np.flatnonzero((np.diff(windows.ends) != 1) | (np.diff(windows.sequence) != 0) | ~whole[1:] | ~whole[:-1])
    lows, highs = np.concatenate([[0], breaks + 1]), np.concatenate([breaks + 1, [len(windows)]])
    least = _STRETCH * (windows.context_length + windows.horizon)
    long = highs - lows >= least
    rest = np.ones(len(windows), dtype=bool)
    for low, high in zip(lows[long].tolist(), highs[long].tolist(), strict=True):
        rest[low:high] = False
    return list(zip(lows[long].tolist(), highs[long].tolist(), strict=True)), places[rest]


def sliding_moments(windows: Windows, low: int, high: int) -> tuple[FloatArray, FloatArray]:
    """`x.T @ x` and `x.T @ y` of a run of consecutive windows, x and y relative to the last value of the context.

    Args:
        windows: Of one channel.
        low: First of the run.
        high: After its last.
    """
    width = windows.context_length + windows.horizon
    first = int(windows.ends[low]) - windows.context_length
    count = high - low
    rows = windows.values[first : first + count + width - 1, 0]
    products = np.empty((width, width))
    for lag in range(width):
        # of steps i and i + lag: the sum for i = 0, then what enters and leaves as i moves on
        start = rows[:count] @ rows[lag : lag + count]
        steps = np.arange(width - lag - 1)
        enters = rows[count + steps] * rows[count + steps + lag]
        leaves = rows[steps] * rows[steps + lag]
        along = start + np.concatenate([[0.0], np.cumsum(enters - leaves)])
        places = np.arange(width - lag)
        products[places, places + lag] = products[places + lag, places] = along
    last = windows.context_length - 1
    of_last = products[last]
    relative = products - of_last - of_last[:, None] + products[last, last]
    split = windows.context_length
    return relative[:split, :split], relative[:split, split:]
