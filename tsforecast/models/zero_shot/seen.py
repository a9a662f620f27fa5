"""What the pretrained network sees of a series: values scaled by what was observed, and the periods in them."""

from __future__ import annotations

import numpy as np

from tsforecast.data.arrays import BoolArray, FloatArray

CONTEXT = 512
"""Steps that it looks back on."""
_FEWEST = 24
"""Observed values below which no period is looked for."""
_SIZE = 2048


def scaled(values: FloatArray, observed: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """`(series, step)` values to asinh of standard scores, with the `(series, 1)` means and deviations used.

    What was not observed is NaN. A constant series has deviation 1.
    """
    count = np.maximum(observed.sum(axis=1, keepdims=True), 1)
    mean = np.where(observed, values, 0).sum(axis=1, keepdims=True) / count
    apart = np.where(observed, values - mean, 0)
    largest = np.abs(apart).max(axis=1, keepdims=True)
    largest = np.where(largest > 1e-12 * np.abs(mean), largest, 0)
    safe = np.where(largest > 0, largest, 1)
    deviation = np.where(largest > 0, safe * np.sqrt(((apart / safe) ** 2).sum(axis=1, keepdims=True) / count), 1)
    return np.where(observed, np.arcsinh((values - mean) / deviation), np.nan), mean, deviation


def unscaled(scores: FloatArray, mean: FloatArray, deviation: FloatArray) -> FloatArray:
    """What `scaled` did, undone."""
    return np.sinh(scores) * deviation + mean


def carried(values: FloatArray) -> FloatArray:
    """Missing values (NaN) hold the value before them, 0 where there is none."""
    known = ~np.isnan(values)
    place = np.maximum.accumulate(np.where(known, np.arange(values.shape[1]), -1), axis=1)
    held = np.take_along_axis(values, np.maximum(place, 0), axis=1)
    return np.where(place < 0, 0.0, held)


def spectral_periods(scores: FloatArray) -> FloatArray:
    """`(series, 2)` periods in steps by the two highest peaks of the periodogram; 0 where there is none.

    A straight line is taken away and a Hann window laid over what was observed (missing values are NaN). A peak has to
    hold 12 times the mean power and at least three periods of the stretch; the second lies apart from the first. Where
    the autocorrelation at two to seven times the first period is clearly higher, that is the period.
    """
    known = ~np.isnan(scores)
    n, steps = scores.shape
    t = np.broadcast_to(np.arange(steps, dtype=np.float32), scores.shape)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    first = np.where(known, t, steps).min(axis=1, keepdims=True)
    length = np.maximum(steps - first, 1)
    middle = np.where(known, t, 0).sum(axis=1, keepdims=True) / count
    apart = np.where(known, t - middle, 0)
    y = np.where(known, scores, 0)
    slope = (apart * y).sum(axis=1, keepdims=True) / np.maximum((apart**2).sum(axis=1, keepdims=True), 1e-9)
    level = y.sum(axis=1, keepdims=True) / count
    rest = np.where(known, y - level - slope * apart, 0).astype(np.float32)
    window = np.where(known, np.sin(np.pi * (t - first + 0.5) / length) ** 2, 0).astype(np.float32)
    power = (np.abs(np.fft.rfft(rest * window, _SIZE)) ** 2).astype(np.float32)
    bins = np.arange(power.shape[1])
    power = np.where((bins < 3 * _SIZE / length) | (bins > _SIZE / 2.5), 0, power)
    found = np.zeros((n, 2))
    rows = np.arange(n)
    mean = power.mean(axis=1)
    for place in range(2):
        peak = power.argmax(axis=1)
        real = (power[rows, peak] > 12 * mean) & (mean > 1e-9) & (count[:, 0] >= _FEWEST)
        left, right = power[rows, np.maximum(peak - 1, 0)], power[rows, np.minimum(peak + 1, len(bins) - 1)]
        curve = 2 * power[rows, peak] - left - right
        shift = np.divide(right - left, 2 * curve, out=np.zeros(n, np.float32), where=curve > 0)
        found[:, place] = np.where(real, _SIZE / np.maximum(peak + np.clip(shift, -0.5, 0.5), 1), 0)
        power = np.where(np.abs(bins - peak[:, None]) < 3 * _SIZE / length, 0, power)
    found[:, 0] = _fundamental(rest, found[:, 0], length[:, 0])
    return found


def _fundamental(rest: FloatArray, period: FloatArray, length: FloatArray) -> FloatArray:
    """The multiple of each period with the clearly highest autocorrelation, at most a third of the length."""
    correlation = np.fft.irfft(np.abs(np.fft.rfft(rest, _SIZE)) ** 2, _SIZE)[:, : rest.shape[1]]
    correlation = correlation / np.maximum(correlation[:, :1], 1e-12)
    rows = np.arange(len(rest))

    def at(multiple: int) -> FloatArray:
        lag = np.minimum(np.round(period * multiple).astype(int), rest.shape[1] - 1)
        unbiased: FloatArray = correlation[rows, lag] / np.maximum(1 - lag / length, 0.1)
        return unbiased

    best, score = period.copy(), at(1) + 0.1
    for multiple in range(2, 8):
        here = at(multiple)
        better = (here > score) & (period * multiple <= length / 3) & (period > 0)
        best, score = np.where(better, period * multiple, best), np.where(better, here + 0.05, score)
    return best
