"""The seasons of series: candidates from the calendar, the autocorrelation and the periodogram, then a test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tsforecast.data.frequency import DAY_SECONDS, Frequency
from tsforecast.data.panel import FloatArray, Freq, IntArray
from tsforecast.data.series import Series

LONGEST_LOOKED_AT = 50_000
#: A second season must make what repeats by it this much less wrong than the first, in both parts of the series.
SECOND_SEASON = 0.95
#: A noisy cycle of the calendar counts where its shape comes again: correlation of each cycle with the mean of the
#: others, on average, its t value, and cycles to see it in. Of 1,300 random walks, noises and autoregressions fewer
#: than one in a hundred reach both.
SHAPE, SHAPE_T, SHAPE_CYCLES, SHAPE_BINS = 1 / 3, 4.5, 7, 24
#: Cycles of the main season of a frequency, or rows where it has none, below which "none" means "too short to tell".
CYCLES_TO_TELL, ROWS_TO_TELL = 3, 24


def season_lengths(series: Sequence[Series], frequency: Frequency) -> list[tuple[int, ...]]:
    """The seasons of each series in steps, shortest first; empty where there is none.

    Each series has its own. One that is too short to tell takes the commonest of those of the same channels that can
    tell, else the main season of the frequency (the day, the week or the year) where it holds one.

    Args:
        series: What is known of each; gaps are bridged by straight lines. Where channels are joint, the first counts.
        frequency: Their step.
    """
    told = [seasons_in(each.values[:, 0], frequency) for each in series]
    by_channels: dict[tuple[str, ...], Counter[tuple[int, ...]]] = {}
    for each, found in zip(series, told, strict=True):
        if found is not None:
            by_channels.setdefault(each.channels, Counter())[found] += 1
    main = _main(frequency)
    lengths = []
    for each, found in zip(series, told, strict=True):
        if found is None and each.channels in by_channels:
            found = max(by_channels[each.channels].items(), key=lambda item: (item[1], item[0]))[0]
        elif found is None:
            found = (main,) if 1 < main <= len(each) else ()
        lengths.append(found)
    return lengths


def seasons_in(values: FloatArray, frequency: Frequency) -> tuple[int, ...] | None:
    """The seasons of one series `(time,)`, shortest first; None where it is too short to tell."""
    x = _flattened(values)
    gains = season_gains(values, frequency)
    first = _shortest(gains)
    if first > 1:
        return (first, *_longer(x, first, [m for m in gains if m >= 2 * first], frequency))
    found: list[int] = []
    for m in frequency.seasons:
        if m > 2 and _comes_again(x, m):
            found.append(m)
            x = x - _profile(x, m)[np.arange(len(x)) % m]
    needed = CYCLES_TO_TELL * _main(frequency) or ROWS_TO_TELL
    return tuple(found) if found or len(x) >= needed else None


def _main(frequency: Frequency) -> int:
    """The season that people expect of a frequency: the day, the week of days, the year; 0 where there is none."""
    if frequency.unit == "time" and 0 < frequency.seconds < DAY_SECONDS:
        day = DAY_SECONDS / frequency.seconds
        return int(day) if day == int(day) else 0
    return frequency.seasons[0] if frequency.seasons else 0


def _longer(x: npt.NDArray[np.float64], first: int, known: list[int], frequency: Frequency) -> tuple[int, ...]:
    """A season of several of the first, where repeating by it is clearly better; those of the calendar come first."""
    split = 2 * len(x) // 3
    for m in sorted(known, key=lambda m: m not in frequency.seasons):
        parts = ((m, split), (split, len(x)))
        if all(_repeats(x, m, *part) < SECOND_SEASON * _repeats(x, first, *part) for part in parts):
            return (m,)
    return ()


def _repeats(x: npt.NDArray[np.float64], m: int, low: int, high: int) -> float:
    """Error of repeating the value `m` steps before, for targets `low..high`."""
    target = np.arange(max(low, m), high)
    return float(np.abs(x[target] - x[target - m]).mean()) if len(target) else np.inf


def _comes_again(x: npt.NDArray[np.float64], m: int) -> bool:
    """Whether cycles of `m` steps have a shape in common that the mean level of each does not explain."""
    rest = _without_level(x, m)
    n = len(rest) // m
    if n < SHAPE_CYCLES:
        return False
    cycles = rest[len(rest) - n * m :].reshape(n, m)
    bins = np.arange(min(m, SHAPE_BINS)) * m // min(m, SHAPE_BINS)
    shapes = np.add.reduceat(cycles, bins, axis=1)
    shapes = shapes - shapes.mean(axis=1, keepdims=True)
    others = shapes.sum(axis=0) - shapes
    size = np.linalg.norm(shapes, axis=1) * np.linalg.norm(others, axis=1)
    alike = (shapes * others).sum(axis=1) / np.maximum(size, 1e-300)
    error = float(alike.std(ddof=1)) / np.sqrt(n)
    return bool(alike.mean() > SHAPE and alike.mean() > SHAPE_T * error)


def _without_level(x: npt.NDArray[np.float64], m: int) -> npt.NDArray[np.float64]:
    """The series without its centred moving average of one season; half a season at each end falls away."""
    half = m // 2
    if len(x) < 2 * (2 * half + 1):
        return x[:0]
    sums = np.concatenate([[0.0], np.cumsum(x)])
    level = (sums[m:] - sums[:-m]) / m
    if m % 2 == 0:
        level = (level[1:] + level[:-1]) / 2
    return np.asarray(x[half : len(x) - half] - level)


def _profile(x: npt.NDArray[np.float64], m: int) -> npt.NDArray[np.float64]:
    """Mean of each phase `(m,)`."""
    phase = np.arange(len(x)) % m
    return np.bincount(phase, weights=x, minlength=m) / np.maximum(np.bincount(phase, minlength=m), 1)


def find_season_length(values: FloatArray, freq: Freq | Frequency) -> int:
    """Steps of the dominant season, 1 where there is none.

    Where seasons are nested (day and week), the shortest that brings at least half the gain of the best one.

    Args:
        values: One series `(time,)`; missing values are bridged by straight lines.
        freq: Its frequency, which implies lengths worth trying.
    """
    return _shortest(season_gains(values, freq))


def _shortest(gains: dict[int, float]) -> int:
    return min((m for m, gain in gains.items() if gain >= 0.5 * max(gains.values())), default=1)


def season_gains(values: FloatArray, freq: Freq | Frequency) -> dict[int, float]:
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
