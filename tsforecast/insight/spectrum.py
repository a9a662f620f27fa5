"""The spectrum of one series: periodogram with significance against red noise, and wavelet scalogram.

Torrence & Compo 1998, A practical guide to wavelet analysis, Bulletin of the American Meteorological Society 79:
equation 16 (the spectrum of red noise, an AR(1) process, as the background), section 4 (power over background is
exponentially distributed), section 3 and table 1 (the Morlet wavelet by FFT, its Fourier period, cone of influence).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray

#: The newest values looked at, as in `prepare.season`.
LONGEST = 50_000
FEWEST_VALUES = 16
#: A period must be seen this often; a slower one cannot be told from a trend.
FEWEST_CYCLES = 3
#: Chance of calling any period of red noise significant, and the share of the variance below which none is dominant.
FALSE_ALARM = 0.01
SMALLEST_SHARE = 0.01
MOST_PERIODS = 5
MORLET = 6.0
SCALES_PER_OCTAVE = 8


@dataclass(frozen=True)
class Period:
    """A peak of the periodogram.

    Attributes:
        steps: Its period in steps.
        share: Share of the variance (of the detrended series) in the peak, 0 to 1.
        false_alarm: Chance that red noise has a peak as high at any frequency.
    """

    steps: float
    share: float
    false_alarm: float


@dataclass(frozen=True)
class Spectrum:
    """What periods a series has.

    Attributes:
        values: The series analysed: gaps bridged, straight trend removed `(time,)`.
        periods: Periods of the periodogram in steps, descending `(k,)`, with their
        power: `(k,)`, and that of the
        background: red noise fitted to it `(k,)`.
        memory: Lag-1 autocorrelation of that red noise.
        dominant: The significant periods with at least a hundredth of the variance, strongest first.
    """

    values: FloatArray
    periods: FloatArray
    power: FloatArray
    background: FloatArray
    memory: float
    dominant: tuple[Period, ...]


def spectrum(values: FloatArray) -> Spectrum | None:
    """The periodogram of the newest values `(time,)` of a series; None where it is too short or constant.

    Missing values are bridged by straight lines, the straight trend is removed and the ends are tapered (Hann).
    """
    x = _detrended(values)
    if x is None:
        return None
    n = len(x)
    power = np.abs(np.fft.rfft(x * np.hanning(n + 2)[1:-1])) ** 2
    frequencies = np.fft.rfftfreq(n)
    # The mean is not there, and the last frequency of an even number of values has half the freedom of the others.
    inner = slice(1, (n + 1) // 2)
    power, frequencies = power[inner], frequencies[inner]
    memory, background = _red_noise(power, frequencies)
    dominant = _dominant(power, background, n)
    return Spectrum(x, 1.0 / frequencies, power, background, memory, dominant)


def _detrended(values: FloatArray) -> FloatArray | None:
    """The newest values without gaps and straight trend, scaled to one; None where nothing is left."""
    seen = np.flatnonzero(np.isfinite(values))
    if len(seen) < FEWEST_VALUES:
        return None
    seen = seen[seen > seen[-1] - LONGEST]
    x = np.interp(np.arange(seen[0], seen[-1] + 1), seen, values[seen])
    size = float(np.abs(x).max())
    x = x / size if size > 0 else x
    t = np.arange(len(x)) - (len(x) - 1) / 2
    level = x.mean()
    x = x - level - t * (t @ x) / (t @ t)
    largest = float(np.abs(x).max())
    return x / largest if largest > 1e-9 else None


def _red_noise(power: FloatArray, frequencies: FloatArray) -> tuple[float, FloatArray]:
    """Lag-1 autocorrelation and spectrum of the AR(1) process nearest to a periodogram `(k,)`.

    Fitted to the logarithm of the power by least absolute deviations, so that a few peaks, which are what is looked
    for, do not raise the background (the thought of Mann & Lees 1996, Robust estimation of background noise).
    """
    logarithm = np.log(np.maximum(power, power.max() * 1e-30))
    # Enough frequencies to fit two numbers; all of them take long for long series.
    kept = np.unique(np.linspace(0, len(power) - 1, 4000).astype("int64"))
    memories = np.concatenate([np.linspace(-0.9, 0.9, 73), 1 - np.geomspace(0.09, 1e-4, 48)])
    shapes = np.log(_red(memories[:, None], frequencies[None, kept]))
    rest = logarithm[kept] - shapes
    level = np.median(rest, axis=1)
    best = int(np.argmin(np.abs(rest - level[:, None]).mean(axis=1)))
    # The median of an exponential distribution is ln 2 times its mean.
    shape = _red(memories[best], frequencies)
    return float(memories[best]), np.asarray(np.exp(level[best]) / np.log(2) * shape)


def _red(memory: FloatArray | float, frequencies: FloatArray) -> FloatArray:
    """Equation 16 of Torrence & Compo 1998; frequencies in cycles a step."""
    return np.asarray((1 - memory**2) / (1 + memory**2 - 2 * memory * np.cos(2 * np.pi * frequencies)))


def _dominant(power: FloatArray, background: FloatArray, n: int) -> tuple[Period, ...]:
    """Significant peaks, strongest first, none within a tenth of a stronger one."""
    count = len(power)
    ratio = power / background
    # Power over a background of known level is exponentially distributed; over one estimated from `free` values it is a
    # ratio with a heavier tail. The taper makes three neighbours about one value, the median costs half of the rest.
    free = max(count / 4, 1.0)
    alone = (1 + ratio / free) ** -free
    false_alarm = -np.expm1(count * np.log1p(-np.minimum(alone, 1 - 1e-12)))
    total = float(power.sum())
    peaks = np.flatnonzero((power[1:-1] > power[:-2]) & (power[1:-1] >= power[2:])) + 1
    peaks = peaks[(peaks + 1 >= FEWEST_CYCLES) & (false_alarm[peaks] <= FALSE_ALARM)]
    found: list[Period] = []
    for k in peaks[np.argsort(-power[peaks], kind="stable")]:
        share = float(power[max(k - 2, 0) : k + 3].sum()) / total
        steps = n / (k + 1 + _offset(power[k - 1 : k + 2]))
        if share < SMALLEST_SHARE or len(found) == MOST_PERIODS:
            break
        if all(abs(np.log(steps / other.steps)) > 0.1 for other in found):
            found.append(Period(float(steps), share, float(false_alarm[k])))
    return tuple(sorted(found, key=lambda period: -period.share))


def _offset(power: FloatArray) -> float:
    """Where between its neighbours a peak lies, −0.5 to 0.5: the top of the parabola through their logarithms."""
    low, top, high = np.log(np.maximum(power, 1e-300))
    bend = low - 2 * top + high
    return float(np.clip(0.5 * (low - high) / bend, -0.5, 0.5)) if bend < 0 else 0.0


@dataclass(frozen=True)
class Scalogram:
    """Which period is strong when.

    Attributes:
        periods: Fourier periods of the scales in steps, ascending `(scale,)`.
        power: Squared wavelet amplitudes `(scale, time)`.
        trusted: Longest period that the edges of the series leave undisturbed at each time, in steps `(time,)`.
    """

    periods: FloatArray
    power: FloatArray
    trusted: FloatArray


def scalogram(x: FloatArray) -> Scalogram:
    """The continuous wavelet transform of a series `(time,)` without gaps, with the Morlet wavelet, by FFT.

    Scales run from a period of two steps to a third of the series, eight an octave.
    """
    n = len(x)
    period_of_scale = 4 * np.pi / (MORLET + np.sqrt(2 + MORLET**2))
    octaves = max(np.log2(max(n / FEWEST_CYCLES, 4.0) / 2), 1.0)
    periods = 2.0 * 2.0 ** (np.arange(int(octaves * SCALES_PER_OCTAVE) + 1) / SCALES_PER_OCTAVE)
    size = 1 << (2 * n - 1).bit_length()
    transformed = np.fft.fft(x - x.mean(), size)
    omega = 2 * np.pi * np.fft.fftfreq(size)
    power = np.empty((len(periods), n))
    for i, scale in enumerate(periods / period_of_scale):
        response = np.where(omega > 0, np.exp(-0.5 * (scale * omega - MORLET) ** 2), 0.0)
        wave = np.fft.ifft(transformed * response * np.pi**-0.25 * np.sqrt(2 * np.pi * scale))[:n]
        power[i] = np.abs(wave) ** 2
    to_edge = np.minimum(np.arange(n), np.arange(n)[::-1]).astype("float64")
    return Scalogram(periods, power, np.asarray(to_edge * period_of_scale / np.sqrt(2)))
