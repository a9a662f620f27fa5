"""The judgement of a fit: whether its forecasts are reasonable, how wide the intervals are, what is to be said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tsforecast.data.panel import BoolArray, FloatArray, Panel
from tsforecast.data.series import Series
from tsforecast.data.status import SeriesStatus
from tsforecast.evaluate import detectors
from tsforecast.evaluate.bounds import Bounds
from tsforecast.evaluate.comparable import Scored, calibrated, growth
from tsforecast.evaluate.intervals import (
    MOST_WIDER,
    Calibration,
    calibrate,
    coverage,
    cross_checked,
    falls_short,
    widened,
)
from tsforecast.evaluate.rolling import Backtest
from tsforecast.models.choose import Choice
from tsforecast.models.contract import Space
from tsforecast.models.transformed import Transformed

# Of many series so many may leave every reasonable range, and are doubtful, before another model takes all over.
_MOST_AWAY = 0.02
# Fewer forecasts than these say little, the more so as they overlap.
_FEW_JUDGES = 10
_MOST_NAMED = 3
AWAY = "its forecast leaves every reasonable range"


def reasonable(
    final: Transformed, choice: Choice, series: Sequence[Series], status: Sequence[SeriesStatus], horizon: int
) -> tuple[Choice, FloatArray, list[SeriesStatus]]:
    """The choice, or the next best by validation if its forecasts run away, and what is forecast then.

    Args:
        final: The models that will forecast.
        choice: Which of them was chosen.
        series: All rows.
        status: Of all series, those without a forecast included.
        horizon: Steps that are asked for.

    Returns:
        The choice, the forecasts `(series, step, channel)`, and the status: doubtful where a forecast still runs away.
    """
    ranked = sorted(choice.scores, key=lambda name: (name != choice.chosen, choice.scores[name]))
    tried: list[tuple[float, str, FloatArray, BoolArray]] = []
    for name in ranked:
        ahead = final.predict(series, horizon, name)
        away = detectors.out_of_reach(ahead, series)
        tried.append((float(away.mean()), name, ahead, away))
        if tried[-1][0] <= _MOST_AWAY:
            break
    _, name, ahead, away = min(tried, key=lambda one: one[0])
    if name != choice.chosen:
        told = (
            f"{choice.chosen} runs away within {horizon:,} steps: {name}, the next best by validation, takes its place"
        )
        choice = replace(choice, chosen=name, notes=[*choice.notes, told])
    wild = {s.name for s, gone in zip(series, away, strict=True) if gone}
    return choice, ahead, doubted(status, wild)


def doubted(status: Sequence[SeriesStatus], wild: set[str]) -> list[SeriesStatus]:
    """The status with the series of these names doubtful, because their forecasts run away."""
    return [
        replace(row, state="doubtful", reason="; ".join(filter(None, (row.reason, AWAY)))) if row.name in wild else row
        for row in status
    ]


def outside(bounds: Bounds, tested: Backtest, series: Sequence[Series]) -> BoolArray:
    """What was observed beyond the bounds that held at its origin `(origin, step, channel)`."""
    if not tested.n_origins:
        return np.zeros(tested.actual.shape, dtype=bool)
    histories = [series[i].until(n) for i, n in zip(tested.sequence, tested.cutoff, strict=True)]
    return ~bounds.allow(histories, tested.actual)


def still(bounds: Bounds, tested: Backtest, series: Sequence[Series]) -> BoolArray:
    """What was observed to be 0 where it is known always to be; there is nothing to measure there."""
    if not tested.n_origins:
        return np.zeros(tested.actual.shape, dtype=bool)
    histories = [series[i].until(n) for i, n in zip(tested.sequence, tested.cutoff, strict=True)]
    return np.asarray(bounds.shut(histories, tested.horizon) & (tested.actual == 0))


def measured(
    validation: Backtest,
    holdout: Backtest,
    series: Sequence[Series],
    scale: FloatArray,
    model: tuple[str, Space],
    levels: tuple[float, ...],
    known: Bounds,
    lacking: tuple[Mapping[bool, Scored], Mapping[bool, Scored]] = ({}, {}),
) -> tuple[Calibration, dict[float, float], Calibration, list[str]]:
    """Widths from validation errors, their coverage on the holdout, then widths from both; and what is to be said.

    Where the newest rows lack more than those before the origins, widths grow as the errors do from histories that are
    `lacking` as much: as the rows before the holdout, and as all rows (see `evaluate.thinned`).

    Where they covered less than chance allows of so many forecasts that do not overlap, they are widened to cover.

    What was observed beyond the bounds that were `known` at its origin is covered by no interval; what was 0 where it
    always is measures nothing. A `model` (its name and its space) of logarithms may have intervals that are ratios or
    differences: those that are narrower on the validation rows, for the same nominal coverage, are taken.
    """
    parts = [part for part in (validation, holdout) if part.n_origins]
    if not parts:
        nothing = calibrate(np.empty((0, 1, 1)), levels, log=False)
        return nothing, {level: float("nan") for level in levels}, nothing, []
    (chosen, space), beyond = model, outside(known, holdout, series)
    idle = [still(known, part, series) for part in (validation, holdout)]
    if not scale.any():
        scale = np.ones_like(scale)

    def errors(part: Backtest, log: bool) -> Scored:
        made = Scored.of(part, chosen, series, scale, log=log)
        return replace(made, errors=np.where(idle[part is holdout], np.nan, made.errors))

    def width(trial: Calibration) -> float:
        own = scale[parts[0].sequence][:, None, :]
        factor = errors(parts[0], trial.log).factors(trial, series)
        low, high = trial.interval(parts[0].predicted[chosen], own, levels[0], factor)
        spread = (high - low) / np.where(own > 0, own, np.nan)
        return float(np.nanmean(spread)) if np.isfinite(spread).any() else np.inf

    spaces = (False, True) if space == "log" else (False,)
    trials = [
        calibrated(own, series, levels, log=log, slope=_slope(own, lacking[0].get(log), len(series)))
        for log, own in ((log, errors(parts[0], log)) for log in spaces)
    ]
    trial = min(trials, key=width)
    judged = errors(parts[-1], trial.log)
    relative = judged.relative(trial, series)
    if parts[-1] is holdout:
        relative = np.where(beyond, np.inf, relative)
    covered = {level: coverage(relative, trial, level) for level in levels}
    everything = errors(parts[0], trial.log)
    everything = everything.joined(judged) if len(parts) > 1 else everything
    grows = _slope(errors(parts[0], trial.log), lacking[1].get(trial.log), len(series))
    final = calibrated(everything, series, levels, log=trial.log, slope=trial.slope if grows is None else grows)
    notes = []
    for level, got in covered.items() if len(parts) > 1 else ():
        if falls_short(got, level, _apart(holdout)):
            wider, factor = widened(final, trial, relative, level)
            if factor > 1:  # else what is beyond the bounds is missed, at any width
                final = wider
                told = f"{level:g} % covered {got:.1f} %, less than chance allows"
                notes.append(f"{told}: {_wider(factor, cross_checked(trial, relative, level, *_halves(holdout)))}")
    return trial, covered, final, notes


def _wider(factor: float, checked: float) -> str:
    """How much wider an interval is made, and what that covers of rows that did not say so."""
    told = f"it is given {factor:.2g} times the width that validation gave it"
    if factor == MOST_WIDER:
        told += ", the most there is: the model is no guide here"
    if np.isfinite(checked):
        told += f"; checked half against half: {checked:.0f} %"
    return told


def _halves(tested: Backtest) -> tuple[BoolArray, BoolArray]:
    """The forecasts whose targets lie in the first and in the second half of the rows held out `(origin,)`."""
    early, late = np.zeros(tested.n_origins, dtype=bool), np.zeros(tested.n_origins, dtype=bool)
    for i in np.unique(tested.sequence):
        own = tested.sequence == i
        cutoffs = tested.cutoff[own]
        middle = (cutoffs.min() + cutoffs.max() + tested.horizon) / 2
        early |= own & (tested.cutoff + tested.horizon <= middle)
        late |= own & (tested.cutoff >= middle)
    return early, late


def _apart(tested: Backtest) -> float:
    """How many forecasts of the series with the most there are that do not overlap.

    Those of the other series are of the same time, and share what befell it (`benchmarks/tourism.py`: counted one by
    one they widened intervals that then covered 92 and 99 % for 80 and 95 %).
    """
    rows = [np.ptp(tested.cutoff[tested.sequence == i]) + tested.horizon for i in np.unique(tested.sequence)]
    return float(max(rows) / tested.horizon)


def _slope(scored: Scored, lacking: Scored | None, n_series: int) -> float | None:
    """How much widths grow with what is missing, by the same origins made to lack as much; None where none were."""
    return growth(scored.joined(lacking), n_series) if lacking is not None else None


def detected(holdout: Backtest, choice: Choice, series: Sequence[Series]) -> list[str]:
    """What the chosen model does wrong on the holdout, in words."""
    chosen = choice.chosen
    if not holdout.n_origins or chosen in choice.references:
        return []
    predicted = holdout.predicted[chosen]
    seen = [series[i].values[:cutoff] for i, cutoff in zip(holdout.sequence, holdout.cutoff, strict=True)]
    last = np.stack(
        [s.filled[-1] for s in (series[i].until(c) for i, c in zip(holdout.sequence, holdout.cutoff, strict=True))]
    )
    low, high = np.stack([np.nanmin(v, axis=0) for v in seen]), np.stack([np.nanmax(v, axis=0) for v in seen])
    found = []
    if detectors.copies_last_value(predicted, last[:, None, :], holdout.actual):
        found.append(f"{chosen} copies the last value")
    if detectors.collapses_to_flat(predicted, holdout.actual):
        found.append(f"{chosen} goes flat: it varies far less than the series does")
    if detectors.runs_away(predicted, low, high):
        found.append(f"{chosen} runs away: some forecasts leave the range of the history")
    return found


def unobserved(holdout: Backtest) -> list[str]:
    """How many held-out values nobody observed, which were filled to look back on but judge nothing."""
    missing = int(np.isnan(holdout.actual).sum())
    return [f"{missing / holdout.actual.size:.0%} of the held-out values were not observed and judge nothing"] * (
        missing > 0
    )


def length_notes(
    panel: Panel, series: Sequence[Series], parts: Sequence[int], measured: int, horizon: int, judges: int
) -> list[str]:
    """What could not be measured, or hardly, because series are short or end at different times."""
    notes = []
    if 0 < judges < _FEW_JUDGES:
        notes.append(f"{judges} held-out forecast{'s are' if judges > 1 else ' is'} little to judge by: it may be luck")
    if measured < horizon:
        notes.append(f"accuracy and intervals could be measured up to step {measured} only: the series are short")
    unmeasured = sum(1 for part in parts if not part)
    if unmeasured:
        notes.append(
            f"{unmeasured} of {len(parts)} series are too short to hold anything out; they trained, but were not judged"
        )
    ends = {s.cutoff for s in series}
    if len(ends) > 1 and not panel.schema.id:
        notes.append(f"columns end at {len(ends)} different stamps; each is forecast from its own end")
    return notes


def column_notes(panel: Panel) -> list[str]:
    """How to name the target where several columns unlike each other are forecast, and which columns nothing uses."""
    notes = []
    targets = panel.columns("target")
    # columns of a wide table are named alike ("sensor 1", "sensor 2"), and all of them are meant
    alike = {re.sub(r"\d+", "#", name) for name in targets}
    if len(alike) > 1 and not panel.schema.joint:
        shown = ", ".join(targets[:_MOST_NAMED]) + (", ..." if len(targets) > _MOST_NAMED else "")
        notes.append(
            f"each of {len(targets):,} columns is forecast by itself ({shown}); --target-col names the one meant"
        )
    return [*notes, *(f"column '{name}' (static) is used by no model" for name in panel.columns("static"))]


def not_refitted(series: Sequence[Series], alike: Sequence[Series]) -> list[str]:
    """Which series the last fit left out, because they exploded."""
    names = sorted({s.name for s in series} - {s.name for s in alike})
    if not names:
        return []
    which = names[0] if len(names) == 1 else f"{len(names):,} series, {names[0]} among them,"
    return [f"{which} left the scale of its earlier rows a thousandfold: no model was refitted on those rows"]
