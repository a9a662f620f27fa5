"""Is there a season, and what is a series without it: the test and the decomposition that the Theta method begins with.

Assimakopoulos & Nikolopoulos 2000, The theta model; Fiorucci et al. 2016, section 2; the decomposition is the classical
one of Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), section 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from tsforecast.models.smoothing.batch import Batch, BoolArray, FloatArray, IntArray

NONE, ADDITIVE, MULTIPLICATIVE = 0, 1, 2
# two-sided 90 %
_CRITICAL = 1.6448536269514722
# A factor below this makes a value of the deseasonalised series of hardly anything: the season is then added.
_LEAST_FACTOR = 0.01


@dataclass(frozen=True, eq=False)
class Seasons:
    """The season of each series of a batch: `value = rest * factor + added`.

    Attributes:
        kind: `NONE`, `ADDITIVE` or `MULTIPLICATIVE` `(series,)`.
        added: `(phase, series)`, 0 unless additive; the phase of row `t` is `t % season_length`.
        factor: `(phase, series)`, 1 unless multiplicative.
    """

    kind: IntArray
    added: FloatArray
    factor: FloatArray

    def removed(self, batch: Batch) -> Batch:
        """The batch without its seasons."""
        phase = np.arange(len(batch.values)) % len(self.added)
        return batch.with_values((batch.values - self.added[phase]) / self.factor[phase])

    def restored(self, rest: FloatArray, lengths: IntArray) -> FloatArray:
        """Forecasts of the rest `(step, series)` with the seasons that follow the series' last rows."""
        phase = (lengths + np.arange(len(rest))[:, None]) % len(self.added)
        return rest * np.take_along_axis(self.factor, phase, axis=0) + np.take_along_axis(self.added, phase, axis=0)


def seasonal(batch: Batch) -> IntArray:
    """Which decomposition suits each series `(series,)`.

    A series has a season where its autocorrelation at the season's lag is not 0 with 90 % confidence, by Bartlett's
    variance from the shorter lags. It is multiplicative where all values are positive.
    """
    m = batch.season_length
    enough = (batch.lengths >= 2 * m) & (m > 1)
    if not enough.any():
        return np.zeros(len(batch.lengths), dtype="int64")
    centred = batch.with_values(batch.values - batch.values.sum(axis=0) / batch.lengths).values
    size = next_fast_len(2 * len(centred), real=True)
    covariance = irfft(np.abs(rfft(centred, size, axis=0)) ** 2, size, axis=0)[: m + 1]
    correlation = covariance[1:] / np.maximum(covariance[0], np.finfo(float).tiny)
    deviation = np.sqrt((1 + 2 * (correlation[:-1] ** 2).sum(axis=0)) / batch.lengths)
    found = enough & (np.abs(correlation[-1]) > _CRITICAL * deviation)
    return np.where(found, np.where(batch.positive, MULTIPLICATIVE, ADDITIVE), NONE)


def decompose(batch: Batch, kind: IntArray) -> Seasons:
    """The season of each series, of the kind it has.

    A series shorter than two seasons has none; a multiplicative season is taken as additive where a value is not
    positive or a factor would be next to nothing.
    """
    kind = np.where(batch.lengths >= 2 * batch.season_length, kind, NONE)
    kind = np.where((kind == MULTIPLICATIVE) & ~batch.positive, ADDITIVE, kind)
    if not kind.any():
        return Seasons(kind, np.zeros((1, len(kind))), np.ones((1, len(kind))))
    trend, inside = _moving_average(batch)
    factor = _by_phase(batch.values / np.where(inside & (trend > 0), trend, 1.0), inside, batch.season_length)
    factor = factor / np.where(factor.mean(axis=0) > 0, factor.mean(axis=0), 1.0)
    kind = np.where((kind == MULTIPLICATIVE) & (factor < _LEAST_FACTOR).any(axis=0), ADDITIVE, kind)
    added = _by_phase(batch.values - trend, inside, batch.season_length)
    added = added - added.mean(axis=0)
    return Seasons(kind, np.where(kind == ADDITIVE, added, 0.0), np.where(kind == MULTIPLICATIVE, factor, 1.0))


def _moving_average(batch: Batch) -> tuple[FloatArray, BoolArray]:
    """The centred moving average over a season, 0 where there is none, and where there is one `(time, series)`."""
    m, half = batch.season_length, batch.season_length // 2
    rows, count = batch.values.shape
    sums = np.concatenate([np.zeros((1, count)), np.cumsum(batch.values, axis=0)])
    whole = sums[m:] - sums[:-m]
    # an even season has its two ends half each
    middle = (whole[1:] + whole[:-1]) / 2 if m % 2 == 0 else whole
    trend = np.zeros((rows, count))
    trend[half : half + len(middle)] = middle / m
    at = np.arange(rows)[:, None]
    inside = (at >= half) & (at < batch.lengths - half)
    return np.where(inside, trend, 0.0), inside


def _by_phase(values: FloatArray, inside: BoolArray, m: int) -> FloatArray:
    """Mean of the values of each phase `(phase, series)`."""
    padding = ((0, -len(values) % m), (0, 0))
    sums = np.pad(np.where(inside, values, 0.0), padding).reshape(-1, m, values.shape[1]).sum(axis=0)
    counts = np.pad(inside, padding).reshape(-1, m, values.shape[1]).sum(axis=0)
    return np.asarray(sums / np.maximum(counts, 1))
