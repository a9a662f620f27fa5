"""Choice of the embedding delay: autocorrelation, and mutual information (Fraser & Swinney 1986)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.errors import DataError

BINS = 16
PROMINENCE = 0.75
MIN_VALUES = 20


@dataclass(frozen=True)
class DelayChoice:
    """The delay of an embedding and why.

    Attributes:
        delay: tau in steps; None where the series remembers itself for too long to tell.
        te: First lag at which the autocorrelation is below 1/e, in steps; the number of lags where it never is.
        mean_period: Reciprocal of the mean frequency of the power spectrum, in steps (Rosenstein 1993).
        theiler: Pairs of vectors closer in time than this many steps are neighbours in time only (Theiler 1986).
        reason: One line.
        autocorrelation: At lags 0, 1, ... `(lag,)`.
        mutual_information: In nats, at lags 0, 1, ... `(lag,)`; empty where it was not needed.
    """

    delay: int | None
    te: int
    mean_period: float
    theiler: int
    reason: str
    autocorrelation: FloatArray
    mutual_information: FloatArray


def choose_delay(values: FloatArray) -> DelayChoice:
    """Choose the delay of a series `(time,)`; missing is NaN.

    te <= 1: a delay of 1, since the mutual information of maps has no meaningful minimum. te above a tenth of the
    series: none. Otherwise the first minimum of the mutual information between te/2 and 3 te/2, or te itself. A
    minimum must lie a quarter below the information at lag 1, since the curve of a closed orbit is flat but for jitter.

    Raises:
        DataError: Where there are fewer than 20 values or all are equal.
    """
    n = len(values)
    seen = values[np.isfinite(values)]
    if len(seen) < MIN_VALUES or np.ptp(seen) == 0:
        raise DataError(f"a delay needs {MIN_VALUES} values that are not all equal, received {len(seen)}")
    correlation = autocorrelation(values, max(2, n // 2))
    te = decay_time(correlation)
    period = mean_period(values)
    theiler = int(min(np.ceil(max(period, te)), max(1, n // 10)))
    shown = correlation[: min(len(correlation), max(50, 6 * te) + 1)]
    none = np.empty(0)
    if te > n / 10:
        reason = f"autocorrelation stays above 1/e for {te} of {n} steps: a trend, a random walk, or too short"
        return DelayChoice(None, te, period, theiler, reason, shown, none)
    last = max(int(np.ceil(1.5 * te)), 20) + 1
    information = mutual_information(values, min(last, n // 4))
    if te <= 1:
        reason = "autocorrelation is below 1/e after one step"
        return DelayChoice(1, te, period, theiler, reason, shown, information)
    lag = _first_minimum(information, te)
    if lag is not None:
        return DelayChoice(lag, te, period, theiler, "first minimum of mutual information", shown, information)
    reason = "autocorrelation falls below 1/e; mutual information has no minimum near it"
    return DelayChoice(te, te, period, theiler, reason, shown, information)


def _first_minimum(information: FloatArray, te: int) -> int | None:
    """First minimum between te/2 and 3 te/2 of the mutual information, smoothed over te/4 lags, or None."""
    half = te // 8
    smooth = np.convolve(np.pad(information, half, mode="edge"), np.full(2 * half + 1, 1 / (2 * half + 1)), "valid")
    low, high = max(1, te // 2), min(int(np.ceil(1.5 * te)), len(smooth) - 2)
    for lag in range(low, high + 1):
        lowest = smooth[lag] < smooth[lag - 1] and smooth[lag] <= smooth[lag + 1]
        if lowest and smooth[lag] < PROMINENCE * information[1]:
            return lag
    return None


def autocorrelation(values: FloatArray, n_lags: int) -> FloatArray:
    """Autocorrelation at lags 0 ... `n_lags` `(lag,)`; products across a missing value are left out."""
    seen = np.isfinite(values)
    centred = np.where(seen, values - values[seen].mean(), 0.0)
    size = 2 ** int(np.ceil(np.log2(2 * len(values))))
    products = np.fft.irfft(np.abs(np.fft.rfft(centred, size)) ** 2, size)[: n_lags + 1]
    counts = np.fft.irfft(np.abs(np.fft.rfft(seen.astype("float64"), size)) ** 2, size)[: n_lags + 1]
    correlation: FloatArray = products / np.maximum(np.round(counts), 1.0) / np.mean(centred[seen] ** 2)
    return correlation


def decay_time(correlation: FloatArray) -> int:
    """First lag at which an autocorrelation is below 1/e; its length where it never is."""
    below = np.flatnonzero(correlation < np.exp(-1.0))
    return int(below[0]) if len(below) else len(correlation)


def mean_period(values: FloatArray) -> float:
    """Reciprocal of the power-weighted mean frequency, in steps; missing values count as the mean."""
    seen = np.isfinite(values)
    centred = np.where(seen, values - values[seen].mean(), 0.0)
    power = np.abs(np.fft.rfft(centred)) ** 2
    frequency = np.fft.rfftfreq(len(values))
    return float(power[1:].sum() / (power[1:] * frequency[1:]).sum())


def mutual_information(values: FloatArray, n_lags: int, bins: int = BINS) -> FloatArray:
    """Mutual information in nats of x(t) and x(t + lag) at lags 0 ... `n_lags` `(lag,)`.

    Fraser & Swinney 1986, Independent coordinates for strange attractors, with equiprobable bins and the bias
    correction of Miller 1955 and Madow: (occupied cells - 1) / 2N is added to each entropy.
    """
    seen = np.isfinite(values)
    edges = np.quantile(values[seen], np.arange(1, bins) / bins)
    label = np.searchsorted(edges, values, side="right")
    found = np.empty(n_lags + 1)
    for lag in range(n_lags + 1):
        both = seen[: len(values) - lag] & seen[lag:]
        now, later = label[: len(values) - lag][both], label[lag:][both]
        joint = np.bincount(now * bins + later, minlength=bins * bins).astype("int64")
        table = joint.reshape(bins, bins)
        found[lag] = _entropy(table.sum(axis=1)) + _entropy(table.sum(axis=0)) - _entropy(joint)
    return found


def _entropy(counts: IntArray) -> float:
    occupied = counts[counts > 0]
    total = occupied.sum()
    if total == 0:
        return 0.0
    p = occupied / total
    return float(-(p * np.log(p)).sum() + (len(occupied) - 1) / (2.0 * total))
