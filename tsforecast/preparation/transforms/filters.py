"""Smoothers of one series. Each is causal, a filter over a trailing window, so that no value knows a later one.

A smoother has no inverse: a forecast of the smoothed series is a forecast of the series, and is left as it is.
Only a band filter, which takes the level away, puts the level back at which the history ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tsforecast.data.panel import IntArray
from tsforecast.errors import MissingDependencyError
from tsforecast.preparation.rows import BoolArray, Values
from tsforecast.preparation.transforms.invertible import Past, State, check_numbers

SPECTRAL_WINDOW = 256
WAVELET_WINDOW = 128


@dataclass(frozen=True)
class SavitzkyGolay:
    """The polynomial of least squares through the last `window` values, at its last point (Savitzky and Golay 1964)."""

    window: int = 11
    order: int = 2

    def fit(self, x: Values, cells: IntArray) -> State:  # noqa: ARG002
        return {}

    def apply(self, x: Values, cells: IntArray, state: State) -> Values:  # noqa: ARG002
        from scipy.signal import savgol_coeffs

        return _trailing(x, savgol_coeffs(self.window, self.order, pos=self.window - 1, use="dot"))

    def invert(self, y: Values, cells: IntArray, past: Past, state: State) -> Values:  # noqa: ARG002
        return y

    def check(self, state: State) -> None:
        check_numbers(state)


@dataclass(frozen=True)
class ExponentialAverage:
    """`alpha x[t] + (1 - alpha)` times the average before."""

    alpha: float = 0.3

    def fit(self, x: Values, cells: IntArray) -> State:  # noqa: ARG002
        return {}

    def apply(self, x: Values, cells: IntArray, state: State) -> Values:  # noqa: ARG002
        import pandas as pd

        smooth = pd.Series(x).ewm(alpha=self.alpha, adjust=False).mean().to_numpy()
        return np.where(np.isnan(x), np.nan, smooth)

    def invert(self, y: Values, cells: IntArray, past: Past, state: State) -> Values:  # noqa: ARG002
        return y

    def check(self, state: State) -> None:
        check_numbers(state)


@dataclass(frozen=True)
class Band:
    """Frequencies from `low` to `high`, cycles a step, by the Fourier transform of the mirrored trailing window.

    What lies below `low` is continued at its last value when a forecast is taken back.
    """

    low: float
    high: float

    def fit(self, x: Values, cells: IntArray) -> State:  # noqa: ARG002
        return {}

    def apply(self, x: Values, cells: IntArray, state: State) -> Values:  # noqa: ARG002
        return _trailing(x, _band_kernel(self.low, self.high))

    def invert(self, y: Values, cells: IntArray, past: Past, state: State) -> Values:  # noqa: ARG002
        if self.low <= 0:
            return y
        seen = past.values[~np.isnan(past.values)][-SPECTRAL_WINDOW:]
        below = _trailing(seen, _band_kernel(0.0, self.low) - _band_kernel(self.low, self.low))
        return y + float(below[-1])

    def check(self, state: State) -> None:
        check_numbers(state)


@dataclass(frozen=True)
class Wavelet:
    """Soft thresholding of wavelet coefficients (Donoho and Johnstone 1994) over a trailing window, at its end.

    The size of the noise is estimated on the training part: median absolute finest coefficient / 0.6745.
    """

    wavelet: str = "db4"

    def fit(self, x: Values, cells: IntArray) -> State:  # noqa: ARG002
        finest = _pywt().dwt(x[~np.isnan(x)], self.wavelet)[1]
        return {"noise": float(np.median(np.abs(finest)) / 0.6745)}

    def apply(self, x: Values, cells: IntArray, state: State) -> Values:  # noqa: ARG002
        pywt = _pywt()
        threshold = state["noise"] * np.sqrt(2 * np.log(WAVELET_WINDOW))
        held, missing = _held(x)
        if len(held) == 0 or threshold == 0:
            return x
        windows = np.lib.stride_tricks.sliding_window_view(_padded(held, WAVELET_WINDOW), WAVELET_WINDOW)
        smooth = np.empty(len(held))
        for start in range(0, len(held), 4096):
            coarse, *details = pywt.wavedec(windows[start : start + 4096], self.wavelet, axis=1)
            kept = [np.sign(d) * np.maximum(np.abs(d) - threshold, 0) for d in details]
            smooth[start : start + 4096] = pywt.waverec([coarse, *kept], self.wavelet, axis=1)[:, WAVELET_WINDOW - 1]
        return _restored(x, smooth, missing)

    def invert(self, y: Values, cells: IntArray, past: Past, state: State) -> Values:  # noqa: ARG002
        return y

    def check(self, state: State) -> None:
        check_numbers(state, noise=(0.0, 1e306))


def _trailing(x: Values, kernel: Values) -> Values:
    """Weighted sum of the last `len(kernel)` values at each stamp; before the first value lies its repetition."""
    held, missing = _held(x)
    if len(held) == 0:
        return x
    from scipy.signal import lfilter

    # With two coefficients lfilter goes row by row, so that not even the rounding depends on later rows.
    smooth = np.asarray(lfilter(kernel[::-1], [1.0, 0.0], _padded(held, len(kernel))))[len(kernel) - 1 :]
    return _restored(x, smooth, missing)


def _held(x: Values) -> tuple[Values, BoolArray]:
    """The values from the first on, gaps bridged by the value before; and where they were missing."""
    import pandas as pd

    seen = np.flatnonzero(~np.isnan(x))
    inner = x[seen[0] :] if len(seen) else x[:0]
    held = np.asarray(pd.Series(inner).ffill(), dtype="float64")
    return held, np.asarray(np.isnan(inner))


def _padded(x: Values, window: int) -> Values:
    return np.concatenate([np.full(window - 1, x[0]), x])


def _restored(x: Values, smooth: Values, missing: BoolArray) -> Values:
    result = np.full(len(x), np.nan)
    result[len(x) - len(smooth) :] = np.where(missing, np.nan, smooth)
    return result


def _band_kernel(low: float, high: float) -> Values:
    """Weights of a trailing window that give the band-passed value at its last point `(window,)`.

    The filter is linear, so its weights are its responses to the unit impulses.
    """
    impulses = np.eye(SPECTRAL_WINDOW)
    spectrum = np.fft.rfft(np.concatenate([impulses, impulses[:, ::-1]], axis=1), axis=1)
    frequencies = np.fft.rfftfreq(2 * SPECTRAL_WINDOW)
    spectrum[:, (frequencies < low) | (frequencies > high)] = 0
    return np.fft.irfft(spectrum, axis=1)[:, SPECTRAL_WINDOW - 1]


def _pywt() -> Any:
    try:
        import pywt
    except ImportError as error:
        raise MissingDependencyError("PyWavelets", "prepare", "wavelet smoothing") from error
    return pywt
