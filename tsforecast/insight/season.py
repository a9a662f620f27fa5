"""The season length of a series: candidates from the calendar, the autocorrelation and the periodogram, then a test."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tsforecast.data.frequency import Frequency
from tsforecast.data.panel import FloatArray, Freq, IntArray

LONGEST_LOOKED_AT = 50_000


def find_season_length(values: FloatArray, freq: Freq) -> int:
    """Steps of the dominant season, 1 where there is none.

    Where seasons are nested (day and week), the shortest that brings at least half the gain of the best one.

    Args:
        values: One series `(time,)`; missing values are bridged by straight lines.
        freq: Its frequency, which implies lengths worth trying.
    """
    gains = season_gains(values, freq)
    enough = [m for m, gain in gains.items() if gain >= 0.5 * max(gains.values())]
    return min(enough, default=1)


def season_gains(values: FloatArray, freq: Freq) -> dict[int, float]:
    """The seasons that pass the test, with what each gains over the last value (1 − error / error), best first.

    A candidate `m` passes where repeating the value one season ago beats repeating the last value, over horizons
    1..m, both before and after a split at two thirds of the series, by a margin that grows as the cycles get few.
    A random walk and noise pass nothing.
    """
    x = _flattened(values)
    n = len(x)
    if n < 8 or not x.any():
        return {}
    split = 2 * n // 3
    implied = Frequency.of(freq).seasons
    found: dict[int, float] = {}
    for m in sorted({*_spectral(x[:split]), *implied}):
        if not 2 <= m <= n // 3:
            continue
        gain = min(_gain(x, m, m, split), _gain(x, m, split, n))
        if gain > 0.12 + 0.7 * m / n:
            found[m] = gain
    # A length of the calendar is preferred to one of the same size that is a little better by chance.
    best = sorted(found, key=lambda m: -found[m] * (1.3 if m in implied else 1.0))
    apart = [m for i, m in enumerate(best) if not any(abs(m - b) <= max(1, 0.1 * b) for b in best[:i])]
    return dict(sorted(((m, found[m]) for m in apart), key=lambda item: -item[1]))


def _flattened(values: FloatArray) -> npt.NDArray[np.float64]:
    """The latest values without gaps and without their straight trend, scaled to one `(time,)`."""
    seen = np.flatnonzero(~np.isnan(values))
    if len(seen) < 8:
        return np.zeros(0)
    seen = seen[seen > seen[-1] - LONGEST_LOOKED_AT]
    largest = np.abs(values[seen]).max()
    x = np.interp(np.arange(seen[0], seen[-1] + 1), seen, values[seen] / (largest or 1.0))
    t = np.arange(len(x)) - (len(x) - 1) / 2
    x = x - x.mean()
    x = x - t * (t @ x) / (t @ t)
    size = np.abs(x).max()
    return x / size if size > 1e-9 else np.zeros_like(x)


def _spectral(x: npt.NDArray[np.float64]) -> set[int]:
    """Season lengths suggested by the highest peaks of the periodogram and of the autocorrelation."""
    correlation = _autocorrelation(x)
    power = np.abs(np.fft.rfft(x * np.hanning(len(x)))) ** 2
    rises = np.flatnonzero((power[1:-1] > power[:-2]) & (power[1:-1] >= power[2:])) + 1
    found: set[int] = set()
    for k in rises[np.argsort(-power[rises])][:8]:
        # The period n/k is only known to within its neighbours n/(k±1): the autocorrelation says where it peaks.
        low, high = int(len(x) / (k + 1)), min(int(np.ceil(len(x) / max(k - 1, 0.5))), len(correlation) - 2)
        lags = np.arange(max(low, 2), high + 1)
        if len(lags):
            found.add(int(lags[np.argmax(correlation[lags])]))
    peaks = _peaks(correlation)
    found.update(int(p) for p in peaks[np.argsort(-correlation[peaks])][:4])
    return found


def _autocorrelation(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Autocorrelation at lags 0..n/2, by the fast Fourier transform, each lag divided by its number of pairs."""
    n = len(x)
    spectrum = np.fft.rfft(x - x.mean(), 1 << (2 * n - 1).bit_length())
    raw = np.fft.irfft(np.abs(spectrum) ** 2)[: n // 2 + 1]
    return np.asarray(raw / np.maximum(raw[0], 1e-300) * n / (n - np.arange(len(raw))))


def _peaks(correlation: npt.NDArray[np.float64]) -> IntArray:
    inner = correlation[1:-1]
    return np.flatnonzero((inner > correlation[:-2]) & (inner >= correlation[2:]) & (inner > 0.1)) + 1


def _gain(x: npt.NDArray[np.float64], m: int, low: int, high: int) -> float:
    """1 − error of the value a season ago / error of the last value over horizons 1..m, for targets `low..high`."""
    target = np.arange(max(low, m), high)
    if len(target) == 0:
        return -1.0
    seasonal = np.abs(x[target] - x[target - m]).mean()
    horizons = np.unique(np.linspace(1, m, min(m, 12)).round().astype(int))
    last = np.mean([np.abs(x[target] - x[target - h]).mean() for h in horizons])
    return float(1 - seasonal / last) if last > 0 else -1.0
