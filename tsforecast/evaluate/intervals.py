"""Intervals from measured errors: split conformal prediction, one width a step.

An interval at step h is ŷ ± q, where q is the ⌈(n + 1)·level⌉-th smallest of n absolute out-of-sample errors at that
step, each divided by the scale of its sequence (Vovk et al. 2005; Lei et al. 2018; the finite-sample rank). Where a
step has few errors of its own, those of the neighbouring steps are pooled with it. For a model fitted on logarithms
the errors are differences of logarithms, so that the interval is a ratio and stays positive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tsforecast.data.panel import BoolArray, FloatArray
from tsforecast.data.series import Series
from tsforecast.models.state import State

POOL = 40
# more than this is no width that was measured, in units of a scale or as a logarithm
_WIDEST = 1e100
# standard deviations that a normal number falls short by in one case of twenty
_RARE = 1.645
MOST_WIDER = 10.0
"""An interval is widened at most so many times: what needs more is no width that was measured, and is said."""
WIDEST_FACTOR = 1e30
"""A series' widths are at most so many times those of the others, or that part of them."""


@dataclass(frozen=True)
class Calibration:
    """Half-widths measured on out-of-sample errors.

    Attributes:
        levels: Nominal coverage in per cent, ascending `(level,)`.
        widths: `(level, step)`, in units of the series' scale; NaN where the errors are too few for the level.
        counts: Number of errors behind each step `(step,)`.
        log: True where errors are differences of logarithms.
        slope: By how much of itself a width grows where none of the last values is observed.
        own: What the widths of a series are multiplied by, one number a channel, by `Series.name`; 1 where none is.
    """

    levels: tuple[float, ...]
    widths: FloatArray
    counts: FloatArray
    log: bool
    slope: float = 0.0
    own: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def own_of(self, series: Series) -> FloatArray:
        """The factor of a series and its channels `(channel,)`."""
        return np.asarray(self.own.get(series.name, np.ones(len(series.channels))), dtype="float64")

    def factor(self, series: Series) -> FloatArray:
        """What the widths of forecasts from the end of a series are multiplied by `(channel,)`."""
        return np.asarray(self.own_of(series) * (1 + self.slope * missing_before(series, self.widths.shape[1])))

    def interval(
        self, yhat: FloatArray, scale: FloatArray, level: float, factor: FloatArray | float = 1.0
    ) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bound around `yhat` `(series, step, channel)`.

        `scale` and `factor` (see `factor`) are `(series, 1, channel)`. Steps beyond the measured ones have no
        interval (NaN): nothing was measured there.
        """
        steps = yhat.shape[1]
        width = np.full(steps, np.nan)
        measured = self.widths[self.levels.index(level)][:steps]
        width[: len(measured)] = measured
        width = width[None, :, None] * factor
        if self.log:
            return yhat * np.exp(-width), yhat * np.exp(width)
        return yhat - width * scale, yhat + width * scale

    def unsupported(self, horizon: int) -> list[float]:
        """Levels that cannot be given at every step up to `horizon`."""
        short = self.widths.shape[1] < horizon
        return [lv for lv, row in zip(self.levels, self.widths, strict=True) if short or np.isnan(row[:horizon]).any()]

    def to_state(self) -> State:
        """Plain data; `from_state` restores it."""
        settings: dict[str, object] = {"levels": list(self.levels), "log": self.log}
        if self.slope:
            settings["slope"] = self.slope
        if self.own:
            settings["own"] = {name: list(factors) for name, factors in self.own.items()}
        return State(settings, {"widths": self.widths, "counts": self.counts})

    @classmethod
    def from_state(cls, state: State) -> Calibration:
        """The calibration in a state, which may be hostile.

        Raises:
            ValueError, KeyError: Where it is none.
        """
        optional = state.settings.keys() & {"slope", "own"}
        state.checked(settings=("levels", "log", *optional), arrays=("widths", "counts"))
        levels, log = state.settings["levels"], state.settings["log"]
        if not isinstance(levels, list) or not isinstance(log, bool):
            raise ValueError("a calibration has levels, and says whether it is of logarithms")
        if not all(isinstance(x, (int, float)) and 0 < x < 100 for x in levels) or levels != sorted(set(levels)):
            raise ValueError("levels must be between 0 and 100, ascending")
        widths, counts = state.arrays["widths"], state.arrays["counts"]
        fits = widths.dtype == counts.dtype == np.float64 and widths.ndim == 2 and len(widths) == len(levels)
        if not fits or counts.shape != widths.shape[1:] or not (counts >= 0).all() or (counts > 1e12).any():
            raise ValueError("widths and counts do not fit the levels")
        if (widths < 0).any() or (widths > _WIDEST).any():
            raise ValueError("a width is out of its range")
        slope, own = State.number(state.settings.get("slope", 0.0), 0.0, 1e3), state.settings.get("own", {})
        if not isinstance(own, dict) or not all(isinstance(factors, list) and factors for factors in own.values()):
            raise ValueError("own must hold numbers by the name of a series")
        for factors in own.values():
            for factor in factors:
                State.number(factor, 1 / WIDEST_FACTOR, WIDEST_FACTOR)
        return cls(tuple(float(level) for level in levels), widths, counts, log, slope, own)


def missing_before(series: Series, rows: int) -> FloatArray:
    """Share of the last `rows` rows of a series without a value `(channel,)`."""
    return np.asarray(1 - series.observed[-max(1, rows) :].mean(axis=0))


def scores(actual: FloatArray, yhat: FloatArray, scale: FloatArray, *, log: bool) -> FloatArray:
    """Absolute errors in units of the series' scale, or absolute log ratios.

    NaN where there is nothing to compare with, and where the scale is 0: a series that never moved says nothing of
    the others.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        if not log:
            return np.asarray(np.where(scale > 0, np.abs(actual - yhat) / scale, np.nan))
        ratio = np.abs(np.log(actual) - np.log(yhat))
    return np.where(np.isfinite(ratio), ratio, np.nan)


def calibrate(errors: FloatArray, levels: tuple[float, ...], *, log: bool) -> Calibration:
    """Measure half-widths from absolute scaled errors `(origin, step, channel)`.

    Raises nothing: a level that n errors cannot support (⌈(n + 1)·level⌉ > n) gets NaN.
    """
    steps = errors.shape[1]
    widths = np.full((len(levels), steps), np.nan)
    counts = np.zeros(steps)
    for step in range(steps):
        pooled = _pool(errors, step)
        counts[step] = len(pooled)
        for i, level in enumerate(levels):
            rank = math.ceil((len(pooled) + 1) * level / 100)
            if 0 < rank <= len(pooled):
                widths[i, step] = np.partition(pooled, rank - 1)[rank - 1]
    return Calibration(tuple(levels), widths, counts, log)


def coverage(errors: FloatArray, calibration: Calibration, level: float) -> float:
    """Share (per cent) of absolute scaled errors `(origin, step, channel)` within the calibrated width; NaN if none."""
    row = calibration.widths[calibration.levels.index(level)]
    errors = errors[:, : len(row)]  # there is no interval beyond the steps that were measured
    width = row[: errors.shape[1], None]
    counted = ~np.isnan(errors) & ~np.isnan(width)[None]
    if not counted.any():
        return float("nan")
    return float(100 * ((errors <= width[None]) & counted).sum() / counted.sum())


def falls_short(covered: float, level: float, n_independent: float) -> bool:
    """Whether so little (per cent) was covered that chance does not explain it; False where nothing was measured.

    So many independent forecasts, each covered with the probability of the level, cover so much less in one case of
    twenty (the normal approximation of the binomial distribution). Forecasts that overlap in time are not independent.
    """
    share = level / 100
    return bool(n_independent > 0 and share - covered / 100 > _RARE * math.sqrt(share * (1 - share) / n_independent))


def widened(final: Calibration, trial: Calibration, judged: FloatArray, level: float) -> tuple[Calibration, float]:
    """The final widths of a level, nowhere less than those of the trial times the factor that makes them cover.

    Split conformal prediction on normalised errors (Lei et al. 2018, section 5.2): the factor is the finite-sample
    quantile of all held-out errors, over all steps, each divided by the width of the trial at its step. A higher level
    is nowhere narrower.

    Args:
        final: Widths that were to be given out.
        trial: Widths that fell short.
        judged: The held-out errors that they fell short of `(origin, step, channel)`.
        level: Which of the levels.

    Returns:
        The widths, and the factor, at most `MOST_WIDER`; 1 where the trial says nothing.
    """
    place = final.levels.index(level)
    own = trial.widths[place]
    factor = _covering(_ratios(trial, judged, level), level)
    if not factor > 0:
        return final, 1.0
    factor = min(factor, MOST_WIDER)
    widths = final.widths.copy()
    widths[place] = np.where(np.isnan(widths[place]), np.nan, np.fmax(widths[place], factor * own))
    for i in range(place + 1, len(widths)):
        widths[i] = np.where(np.isnan(widths[i]), np.nan, np.fmax(widths[i], widths[i - 1]))
    return replace(final, widths=widths), factor


def cross_checked(trial: Calibration, judged: FloatArray, level: float, early: BoolArray, late: BoolArray) -> float:
    """What `widened` would cover (per cent) of rows that its factor was not taken from; NaN where there are too few.

    The factor of the early forecasts is tried on the late ones, and the other way round.

    Args:
        trial, judged, level: As for `widened`.
        early, late: Which origins these are; no row is a target of both `(origin,)`.
    """
    covered = counted = 0
    for taken, tried in ((early, late), (late, early)):
        factor = _covering(_ratios(trial, judged[taken], level), level)
        ratios = _ratios(trial, judged[tried], level)
        if factor > 0 and len(ratios):
            covered += int((ratios <= min(max(1.0, factor), MOST_WIDER)).sum())
            counted += len(ratios)
    return 100 * covered / counted if counted else float("nan")


def _ratios(trial: Calibration, judged: FloatArray, level: float) -> FloatArray:
    """Errors in units of the width at their step, ascending; what is beyond the bounds is missed at any width."""
    own = trial.widths[trial.levels.index(level)]
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = judged / own[: judged.shape[1], None]
    return np.sort(ratios[np.isfinite(ratios)])


def _covering(ratios: FloatArray, level: float) -> float:
    """The factor of a width that covers these (the finite-sample rank); 0 where there are none."""
    rank = min(len(ratios), math.ceil((len(ratios) + 1) * level / 100))
    return float(ratios[rank - 1]) if len(ratios) else 0.0


def _pool(errors: FloatArray, step: int) -> FloatArray:
    """Errors at a step, widened by its neighbours until there are `POOL` of them or no more to be had."""
    steps = errors.shape[1]
    reach = 0
    while True:
        low, high = max(0, step - reach), min(steps, step + reach + 1)
        pooled = errors[:, low:high].ravel()
        pooled = pooled[~np.isnan(pooled)]
        if len(pooled) >= POOL or (low == 0 and high == steps):
            return pooled
        reach = 2 * reach + 1
