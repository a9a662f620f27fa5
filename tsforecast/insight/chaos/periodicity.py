"""Is a series a sum of a few sine waves, and do they share a period?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray

MAX_WAVES = 12
LONGEST = 8_000
REFINEMENTS = 4
ENOUGH = 0.9999
LARGEST_MULTIPLE = 40
MIN_REPEATS = 3
TOLERANCE = 0.1
ACCIDENT = 0.05
LEAST_POWER = 1e-3


@dataclass(frozen=True)
class Waves:
    """Sine waves fitted to the first half of a series and judged on the second.

    Attributes:
        frequencies: Cycles per step, strongest first `(wave,)`.
        skill: Share of the second half's variance that the waves foretell, 1 - error / variance.
        period: Common period in steps; None where the waves have none that fits three times into the series.
    """

    frequencies: FloatArray
    skill: float
    period: float | None


def find_waves(values: FloatArray) -> Waves:
    """Fit up to 12 sine waves to the first half of a series `(time,)`; missing is NaN.

    Waves are added at the highest peak of the residual's spectrum, and all frequencies are refined by Gauss-Newton
    steps after each. A chaotic series can have sharp peaks, but its waves do not foretell its second half.
    """
    series = values[:LONGEST]
    half = len(series) // 2
    time = np.arange(len(series), dtype="float64")
    seen = np.isfinite(series)
    early, late = seen & (time < half), seen & (time >= half)
    if early.sum() < 4 * MAX_WAVES or late.sum() < 4 * MAX_WAVES:
        return Waves(np.empty(0), 0.0, None)
    frequencies = _fit(time[early], series[early], half)
    coefficients = np.linalg.lstsq(_design(time[early], frequencies), series[early], rcond=None)[0]
    foretold = _design(time[late], frequencies) @ coefficients
    variance = float(np.var(series[late]))
    skill = 1.0 - float(np.mean((series[late] - foretold) ** 2)) / variance if variance > 0 else 0.0
    power = coefficients[1::2] ** 2 + coefficients[2::2] ** 2
    order = np.argsort(-power)
    strong = order[power[order] > LEAST_POWER * power.sum()]
    return Waves(frequencies[strong], skill, common_period(frequencies[strong], len(series)))


def _fit(time: FloatArray, values: FloatArray, length: int) -> FloatArray:
    """Frequencies of the waves that explain all but a ten-thousandth of the variance, at most 12."""
    frequencies = np.empty(0)
    residual = values - values.mean()
    total = float(np.sum(residual**2))
    while len(frequencies) < MAX_WAVES and np.sum(residual**2) > (1.0 - ENOUGH) * total:
        peak = _peak(time, residual, length)
        if peak is None:
            break
        frequencies = np.append(frequencies, peak)
        for _ in range(REFINEMENTS):
            design = _design(time, frequencies)
            coefficients = np.linalg.lstsq(design, values, rcond=None)[0]
            frequencies = frequencies + _correction(time, design, coefficients, values - design @ coefficients, length)
        design = _design(time, frequencies)
        residual = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    return frequencies


def _peak(time: FloatArray, residual: FloatArray, length: int) -> float | None:
    """Frequency of the highest peak of the windowed, four times padded spectrum; None where white noise has such.

    The highest of n exponentially distributed powers is about log n times their mean, which is the median / log 2.
    """
    grid = np.zeros(length)
    grid[time.astype("int64")] = residual
    size = 4 * length
    power = np.abs(np.fft.rfft(grid * np.hanning(length), size))[4:] ** 2
    if power.max() < 2.0 * np.log(length) * np.median(power) / np.log(2.0):
        return None
    return float((4 + np.argmax(power)) / size)


def _design(time: FloatArray, frequencies: FloatArray) -> FloatArray:
    """Constant, then cosine and sine of each frequency `(time, 1 + 2 wave)`."""
    angle = 2.0 * np.pi * time[:, None] * frequencies
    columns = np.stack([np.cos(angle), np.sin(angle)], axis=2).reshape(len(time), -1)
    return np.column_stack([np.ones(len(time)), columns])


def _correction(
    time: FloatArray, design: FloatArray, coefficients: FloatArray, residual: FloatArray, length: int
) -> FloatArray:
    """One Gauss-Newton step for the frequencies, at most a quarter of the spectral resolution."""
    cosine, sine = design[:, 1::2], design[:, 2::2]
    slope = 2.0 * np.pi * time[:, None] * (coefficients[2::2] * cosine - coefficients[1::2] * sine)
    both = np.linalg.lstsq(np.column_stack([design, slope]), residual, rcond=None)[0]
    step: FloatArray = np.clip(both[design.shape[1] :], -0.25 / length, 0.25 / length)
    return step


def common_period(frequencies: FloatArray, length: int) -> float | None:
    """The period of which every frequency is a multiple, in steps; None where there is none.

    It must fit three times into the series, the multiples (at most 40) must hold to a tenth of a cycle over the whole
    series, and so many frequencies in so many trials must have had a chance below 5 % to do so by accident.
    """
    if len(frequencies) == 0:
        return None
    for multiple in range(1, LARGEST_MULTIPLE + 1):
        cycles = frequencies[0] / multiple * length
        if cycles < MIN_REPEATS:
            return None
        nearest = np.round(frequencies * length / cycles)
        off = np.abs(frequencies * length - nearest * cycles)
        fits = (off < TOLERANCE) & (nearest >= 1) & (nearest <= LARGEST_MULTIPLE)
        accident = multiple * (2.0 * TOLERANCE / cycles) ** (len(frequencies) - 1)
        if fits.all() and (len(frequencies) == 1 or accident < ACCIDENT):
            return float(length / cycles)
    return None
