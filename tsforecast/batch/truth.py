"""What is true of each forecast series: its skill and coverage on rows held out, its bounds, how it drifts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsforecast.data.frequency import DAY_SECONDS, Frequency
from tsforecast.data.panel import FloatArray
from tsforecast.data.plain import plain
from tsforecast.data.series import Series
from tsforecast.data.status import SeriesStatus
from tsforecast.evaluate.bounds import Bounds
from tsforecast.evaluate.comparable import Scored
from tsforecast.evaluate.intervals import Calibration
from tsforecast.evaluate.rolling import Backtest
from tsforecast.workflows.judging import outside

#: Digits of what is measured: those that a person reads, and no more than agree from machine to machine.
DIGITS = 6


@dataclass(frozen=True)
class Judged:
    """What held-out rows say of each series; NaN where nothing could be held out.

    Attributes:
        skill: 1 − error / error of the best reference on the same rows `(series,)`.
        coverage: By nominal level, per cent that lay within the interval `(series,)`.
    """

    skill: FloatArray
    coverage: Mapping[float, FloatArray]


def judge(
    tested: Backtest,
    chosen: str,
    references: Sequence[str],
    series: Sequence[Series],
    scale: FloatArray,
    calibration: Calibration,
    bounds: Bounds,
) -> Judged:
    """Skill and coverage of each series by itself.

    Args:
        tested: Forecasts of rows that `calibration` and the model have not seen.
        chosen: The model.
        references: The forecasts that cost nothing.
        series: All rows.
        scale: What errors of each series are measured in `(series, channel)`.
        calibration: Widths.
        bounds: What lay outside of them is covered by no interval.
    """
    n = len(series)
    unknown = np.full(n, np.nan)
    if not tested.n_origins:
        return Judged(unknown, dict.fromkeys(calibration.levels, unknown))
    error = _error(tested, chosen, n)
    reference = np.min([_error(tested, name, n) for name in references], axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        skill = np.where(reference > 0, 1 - error / reference, np.nan)
    scored = Scored.of(tested, chosen, series, np.where(scale > 0, scale, 1.0), log=calibration.log)
    relative = scored.relative(calibration, series)
    relative = np.where(outside(bounds, tested, series) & ~np.isnan(relative), np.inf, relative)
    covered = {}
    for level, widths in zip(calibration.levels, calibration.widths, strict=True):
        width = np.full(tested.horizon, np.nan)
        width[: len(widths)] = widths[: tested.horizon]
        counted = ~np.isnan(relative) & ~np.isnan(width)[None, :, None]
        inside = (relative <= width[None, :, None]) & counted
        with np.errstate(invalid="ignore"):
            covered[level] = 100 * _sum(inside, tested, n) / _sum(counted, tested, n)
    return Judged(skill, covered)


def _error(tested: Backtest, name: str, n: int) -> FloatArray:
    """Mean absolute error of each series over all that was observed `(series,)`."""
    off = np.abs(tested.actual - tested.predicted[name])
    seen = ~np.isnan(off)
    with np.errstate(invalid="ignore"):
        return np.asarray(_sum(np.where(seen, off, 0.0), tested, n) / _sum(seen, tested, n))


def _sum(values: Any, tested: Backtest, n: int) -> FloatArray:
    return np.asarray(np.bincount(tested.sequence, values.sum(axis=(1, 2)), minlength=n), dtype="float64")


def drift(series: Sequence[Series], horizon: int) -> list[dict[str, float | None]]:
    """How the last `horizon` rows of each series differ from those before them.

    `level` is the difference of the means in standard deviations of the rows before, `spread` the ratio of the
    standard deviations; None where there are fewer than two horizons of rows, or the rows before never moved.
    """
    found: list[dict[str, float | None]] = [{"level": None, "spread": None} for _ in series]
    for length in {len(s) for s in series if len(s) >= 2 * horizon}:
        at = [i for i, s in enumerate(series) if len(s) == length]
        values = np.stack([series[i].filled[:, 0] for i in at])
        before, last = values[:, :-horizon], values[:, -horizon:]
        spread = before.std(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            level = (last.mean(axis=1) - before.mean(axis=1)) / spread
            ratio = last.std(axis=1) / spread
        for i, moved, wider, was in zip(at, level.tolist(), ratio.tolist(), spread.tolist(), strict=True):
            if was > 0:
                found[i] = {"level": short(moved), "spread": short(wider) if horizon > 1 else None}
    return found


def truth(status: SeriesStatus, series: Series | None = None, **known: Any) -> dict[str, Any]:
    """One row of `status.jsonl`; what is not known of a series that is left out is null.

    Args:
        status: What became of it.
        series: All its rows, where it was forecast.
        known: What else is known, plain JSON values.
    """
    usual: dict[str, Any] = {"freq": None, "season": None, "model": None, "scope": None, "skill": None}
    usual |= {"coverage": {}, "bounds": None, "drift": None}
    freq = known.get("freq")
    first, last = (None, None) if series is None else (_stamp(s, freq) for s in (series.stamps[0], series.cutoff))
    facts: dict[str, Any] = status.facts() | {"first": first, "last": last}
    facts |= usual | known
    return facts


def edges(bounds: Bounds, series: Sequence[Series]) -> list[list[float | None] | None]:
    """Lowest and highest value that each series may have, None for none; of several columns, those of the first."""
    if bounds.asked is None and not bounds.found:
        return [None] * len(series)
    found = bounds.of(series)[:, 0, 0].tolist()
    return [plain(pair) if any(np.isfinite(pair)) else None for pair in found]


def short(value: float) -> float | None:
    """A figure as it is written; None where there is none."""
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None


def _stamp(stamp: Any, freq: Any) -> Any:
    """ISO 8601 text, the date alone at midnight of a day where steps are days or longer; or a whole number."""
    if not isinstance(stamp, np.datetime64):
        return int(stamp)
    text = str(stamp.astype("datetime64[us]")).removesuffix(".000000")
    return text.removesuffix("T00:00:00") if freq is not None and Frequency.of(freq).seconds >= DAY_SECONDS else text
