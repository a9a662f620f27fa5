"""Errors of different series and origins made comparable: those of one series do not widen the intervals of all.

Widths are pooled over series, in units of each one's scale. How large the errors of a series are in that unit differs
still: each is brought to its own typical error first, which is drawn towards that of the pool where it was measured on
few rows (a mean of n independent stretches weighs n, the pool 1). Where values are missing before an origin, errors
grow with their share, by one slope for all. A single complete series is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.data.series import Series
from tsforecast.evaluate.intervals import WIDEST_FACTOR, Calibration, calibrate, missing_before, scores
from tsforecast.evaluate.rolling import Backtest

# a slope is not told from the luck of fewer origins than this
_FEWEST_ORIGINS = 20
# at most so many times the width where nothing is observed any more
_STEEPEST = 9.0


@dataclass(frozen=True)
class Scored:
    """Absolute errors from rolling origins, in units of each series' scale or as differences of logarithms.

    Attributes:
        errors: `(origin, step, channel)`; NaN where nothing was observed.
        sequence: Index of the series of each origin `(origin,)`.
        cutoff: Rows seen at each origin `(origin,)`.
        missing: Share of the last rows before each origin without a value `(origin, channel)`.
    """

    errors: FloatArray
    sequence: IntArray
    cutoff: IntArray
    missing: FloatArray

    @classmethod
    def of(cls, tested: Backtest, name: str, series: Sequence[Series], scale: FloatArray, *, log: bool) -> Scored:
        """The errors of candidate `name`; `scale` is that of each series `(series, channel)`."""
        errors = scores(tested.actual, tested.predicted[name], scale[tested.sequence][:, None, :], log=log)
        missing = [
            missing_before(series[i].until(cutoff), tested.horizon)
            for i, cutoff in zip(tested.sequence, tested.cutoff, strict=True)
        ]
        return cls(errors, tested.sequence, tested.cutoff, np.stack(missing))

    def joined(self, other: Scored) -> Scored:
        """These and other errors of the same series."""
        both = zip(vars(self).values(), vars(other).values(), strict=True)
        return Scored(*(np.concatenate(pair) for pair in both))

    def factors(self, calibration: Calibration, series: Sequence[Series]) -> FloatArray:
        """What the widths of each origin are multiplied by `(origin, 1, channel)`."""
        own = np.stack([calibration.own_of(s) for s in series])[self.sequence]
        return np.asarray((own * (1 + calibration.slope * self.missing))[:, None, :])

    def relative(self, calibration: Calibration, series: Sequence[Series]) -> FloatArray:
        """The errors in units of what the widths are multiplied by `(origin, step, channel)`."""
        return self.errors / self.factors(calibration, series)


def calibrated(
    scored: Scored, series: Sequence[Series], levels: tuple[float, ...], *, log: bool, slope: float | None = None
) -> Calibration:
    """Widths of comparable errors, with what makes them comparable; the slope is estimated where none is given."""
    if slope is None:
        slope = growth(scored, len(series))
    errors = scored.errors / (1 + slope * scored.missing)[:, None, :]
    own = _own(errors, scored, len(series))
    made = calibrate(errors / own[scored.sequence][:, None, :], levels, log=log)
    kept = np.clip(own, 1 / WIDEST_FACTOR, WIDEST_FACTOR).tolist()
    named = {s.name: row for s, row in zip(series, kept, strict=True)} if (own != 1).any() else {}
    return replace(made, slope=slope, own=named)


def _own(errors: FloatArray, scored: Scored, n_series: int) -> FloatArray:
    """Typical error of each series and channel over that of the pool `(series, channel)`.

    1 where nothing was measured, and where there is nothing to compare with. The pool's is the median of all: no odd
    series moves it.
    """
    steps, channels = errors.shape[1:]
    own = np.full((n_series, channels), np.nan)
    weight = np.ones((n_series, 1))
    for i in np.unique(scored.sequence):
        mine = scored.sequence == i
        seen = ~np.isnan(errors[mine])
        total = np.where(seen, errors[mine], 0.0).sum(axis=(0, 1))
        own[i] = np.where(seen.any(axis=(0, 1)), total / np.maximum(1, seen.sum(axis=(0, 1))), np.nan)
        weight[i] = np.ptp(scored.cutoff[mine]) / steps + 1
    compared = own[np.isfinite(own) & (own > 0)]
    if np.isfinite(own).sum() < 2 or not len(compared):
        return np.ones_like(own)
    relative = (weight * own / np.median(compared) + 1) / (weight + 1)
    return np.where(np.isnan(own), 1.0, relative)


def growth(scored: Scored, n_series: int) -> float:
    """How much errors grow, relative to those where all is observed, by the share of missing values before an origin.

    Least squares within series; 0 where nothing is missing, errors do not grow, or there are too few origins.
    """
    own = _own(scored.errors, scored, n_series)
    errors = scored.errors / own[scored.sequence][:, None, :]
    seen = ~np.isnan(errors)
    counts = seen.sum(axis=1)
    told = counts > 0
    if told.sum() < _FEWEST_ORIGINS or not scored.missing.any():
        return 0.0
    mean = np.where(seen, errors, 0.0).sum(axis=1)[told] / counts[told]
    missing, of = scored.missing[told], np.broadcast_to(scored.sequence[:, None], told.shape)[told]
    usual = np.bincount(of, missing) / np.maximum(1, np.bincount(of))
    apart = missing - usual[of]
    variation = float((apart**2).sum())
    if variation < 1e-9:
        return 0.0
    growth = float((apart * mean).sum()) / variation
    at_none = float(mean.mean() - growth * missing.mean())
    if not growth > 0:
        return 0.0
    return min(growth / at_none, _STEEPEST) if at_none > 0 else _STEEPEST
