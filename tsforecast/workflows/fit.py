"""Fit: every candidate, the choice by validation, the judgement on rows held out, the calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tsforecast.config import FitConfig, ModelConfig
from tsforecast.data.panel import FloatArray, Freq, Panel, Sequence
from tsforecast.data.split import origins, split
from tsforecast.errors import DataError
from tsforecast.evaluate import detectors
from tsforecast.evaluate.intervals import Calibration, calibrate, coverage, scores
from tsforecast.evaluate.metrics import skill
from tsforecast.evaluate.rolling import Backtest, rolling_origin
from tsforecast.transformed import Transformed
from tsforecast.workflows.forecast import sequence_scale

if TYPE_CHECKING:
    from tsforecast.models.selection import Fitted

Progress = Callable[[str], None]
NAIVE = ("naive", "seasonal-naive", "drift")
MOST_SEASONS = 50
FEWEST_ROWS = 4  # one to learn the scale from, one to validate on, one to judge on, and one to come from


@dataclass(frozen=True)
class Settings:
    """What a fit needs to know, beside the panel."""

    horizon: int
    levels: tuple[float, ...] = (80.0, 95.0)
    transforms: tuple[str, ...] = ()
    model: ModelConfig = field(default_factory=ModelConfig)
    fit: FitConfig = field(default_factory=FitConfig)


@dataclass(frozen=True)
class Fit:
    """A forecaster with the evidence for it.

    Attributes:
        panel: What it was fitted on, regular and complete.
        forecaster: The fitted candidates behind the user's transforms, refitted on all rows.
        chosen: Name of the candidate that forecasts.
        forced: True where the user named it, False where validation chose it.
        season_length: Steps in a season, 1 for none.
        horizon: Steps that were asked for.
        validation: Rolling origins that chose; empty arrays where the series is too short.
        holdout: Rolling origins that nothing was fitted or chosen on.
        trial: Interval widths from validation errors alone.
        coverage: Nominal level to what `trial` covered of the holdout, per cent.
        calibration: Interval widths from validation and holdout errors: those of the forecast.
        reference: The best of the naive family by validation.
        notes: Facts for the report, one line each.
    """

    panel: Panel
    forecaster: Transformed
    chosen: str
    forced: bool
    season_length: int
    horizon: int
    validation: Backtest
    holdout: Backtest
    trial: Calibration
    coverage: dict[float, float]
    calibration: Calibration
    reference: str
    notes: list[str]

    @property
    def skill(self) -> float:
        """1 − error / error of the reference, on the holdout; NaN where nothing could be held out."""
        if not self.holdout.n_origins:
            return float("nan")
        return skill(self.holdout.error(self.chosen), self.holdout.error(self.reference))


def fit(panel: Panel, settings: Settings, progress: Progress | None = None) -> Fit:
    """Fit every candidate, choose by validation, judge on a holdout, calibrate, refit on all rows.

    Args:
        panel: Regular and complete.
        settings: Horizon, levels, model and training.
        progress: Told in words what is being done.

    Raises:
        DataError: The series are too short or still have gaps.
    """
    tell = progress or (lambda _: None)
    sequences = usable(panel)
    values = [s.values for s in sequences]
    splits = [split(len(v), settings.horizon) for v in values]
    measured = max(s.horizon for s in splits)
    parts = [s.holdout if s.horizon == measured else 0 for s in splits]

    tell("training")
    training = [len(v) - 2 * part for v, part in zip(values, parts, strict=True)]
    known = [v[:rows] for v, rows in zip(values, training, strict=True)]
    season_length = settings.model.season_length or common_season_length(known, panel.freq)
    learned = [v[: len(v) - part] for v, part in zip(values, parts, strict=True)]
    forecaster, fitted = fit_all(panel, sequences, learned, parts, measured, season_length, settings, tell)

    tell("judging on held-out rows")
    names = list(fitted.candidates)
    before = [origins(len(v), part, measured) if part else [] for v, part in zip(learned, parts, strict=True)]
    after = [origins(len(v), part, measured) if part else [] for v, part in zip(values, parts, strict=True)]
    validation = rolling_origin(forecaster.predict, learned, before, [fitted.chosen], measured, training)
    holdout = rolling_origin(forecaster.predict, values, after, names, measured, training)

    scale = np.stack([sequence_scale(v[:n]) for v, n in zip(values, training, strict=True)])
    trial, covered, calibration = _calibrate(validation, holdout, scale, fitted, settings.levels)
    reference = min((n for n in NAIVE if n in fitted.scores), key=lambda n: fitted.scores[n])
    notes = [
        *fitted.notes,
        *_detect(holdout, fitted.chosen, values),
        *_length_notes(panel, sequences, parts, measured, settings),
    ]
    tell("refitting on all rows")
    return Fit(
        panel=panel,
        forecaster=forecaster.refit(values),
        chosen=fitted.chosen,
        forced=settings.model.model != "auto",
        season_length=season_length,
        horizon=settings.horizon,
        validation=validation,
        holdout=holdout,
        trial=trial,
        coverage=covered,
        calibration=calibration,
        reference=reference,
        notes=notes,
    )


def usable(panel: Panel) -> list[Sequence]:
    """The sequences to learn from; DataError where there are none, they have gaps, or all are too short."""
    sequences = panel.sequences()
    if not sequences:
        raise DataError("there is no value to learn from: every value is missing")
    for sequence in sequences:
        missing = int(np.isnan(sequence.values).any(axis=1).sum())
        if missing:
            where = f"{sequence.name} still has {missing} missing value{'s' if missing > 1 else ''} after repair"
            raise DataError(where, "fill them with --impute linear, or raise --max-gap")
    if max(len(s.values) for s in sequences) < FEWEST_ROWS:
        rows = max(len(s.values) for s in sequences)
        raise DataError(f"the longest series has {rows} row{'s' if rows > 1 else ''}; a forecast needs {FEWEST_ROWS}")
    return sequences


def common_season_length(values: list[FloatArray], freq: Freq) -> int:
    """The commonest season of (a sample of) sequences `(time, channel)`; the caller gives training rows only."""
    from tsforecast.insight.season import find_season_length

    sample = values[:: max(1, len(values) // MOST_SEASONS)]
    found = Counter(find_season_length(v[:, 0], freq) for v in sample)
    return max(found.items(), key=lambda item: (item[1], item[0]))[0]


def fit_all(
    panel: Panel,
    sequences: list[Sequence],
    learned: list[FloatArray],
    parts: list[int],
    horizon: int,
    season_length: int,
    settings: Settings,
    tell: Progress,
) -> tuple[Transformed, Fitted]:
    """Fit transforms on the training rows and candidates on the transformed rows."""
    from tsforecast.models.selection import fit_candidates

    training = [len(v) - part for v, part in zip(learned, parts, strict=True)]
    transformed = Transformed.fit(panel, sequences, training, settings.transforms)
    fitted = fit_candidates(
        transformed.forward(learned),
        horizon=horizon,
        n_validation=parts,
        season_length=season_length,
        model=settings.model,
        fit=settings.fit,
        progress=tell,
    )
    return transformed.around(fitted), fitted


def _calibrate(
    validation: Backtest, holdout: Backtest, scale: FloatArray, fitted: Fitted, levels: tuple[float, ...]
) -> tuple[Calibration, dict[float, float], Calibration]:
    """Widths from validation errors, their coverage on the holdout, then widths from both.

    A model fitted on logarithms may have intervals that are ratios or differences: those that are narrower on the
    validation rows, for the same nominal coverage, are taken.
    """
    parts = [part for part in (validation, holdout) if part.n_origins]
    if not parts:
        nothing = calibrate(np.empty((0, 1, 1)), levels, log=False)
        return nothing, {level: float("nan") for level in levels}, nothing
    chosen = fitted.chosen

    def errors(part: Backtest, log: bool) -> FloatArray:
        return scores(part.actual, part.predicted[chosen], scale[part.sequence][:, None, :], log=log)

    def width(trial: Calibration) -> float:
        yhat, own = parts[0].predicted[chosen], scale[parts[0].sequence][:, None, :]
        low, high = trial.interval(yhat, own, levels[0])
        spread = (high - low) / own
        return float(np.nanmean(spread)) if np.isfinite(spread).any() else np.inf

    spaces = (False, True) if fitted.candidates[chosen].scaler.log else (False,)
    trials = [calibrate(errors(parts[0], log), levels, log=log) for log in spaces]
    trial = min(trials, key=width)
    covered = {level: coverage(errors(parts[-1], trial.log), trial, level) for level in levels}
    final = calibrate(np.concatenate([errors(part, trial.log) for part in parts]), levels, log=trial.log)
    return trial, covered, final


def _detect(holdout: Backtest, chosen: str, values: list[FloatArray]) -> list[str]:
    """What the chosen forecaster does wrong on the holdout, in words."""
    if not holdout.n_origins or chosen in NAIVE:
        return []
    predicted, naive = holdout.predicted[chosen], holdout.predicted["naive"]
    seen = [values[i][:cutoff] for i, cutoff in zip(holdout.sequence, holdout.cutoff, strict=True)]
    low, high = np.stack([v.min(axis=0) for v in seen]), np.stack([v.max(axis=0) for v in seen])
    found = []
    if detectors.copies_last_value(predicted, naive, holdout.actual):
        found.append(f"{chosen} copies the last value")
    if detectors.collapses_to_flat(predicted, holdout.actual):
        found.append(f"{chosen} goes flat: it varies far less than the series does")
    if detectors.runs_away(predicted, low, high):
        found.append(f"{chosen} runs away: some forecasts leave the range of the history")
    return found


def _length_notes(
    panel: Panel, sequences: list[Sequence], parts: list[int], measured: int, settings: Settings
) -> list[str]:
    """What could not be measured because series are short or end at different times."""
    notes = []
    if measured < settings.horizon:
        notes.append(f"accuracy and intervals could be measured up to step {measured} only: the series are short")
    unmeasured = sum(1 for part in parts if not part)
    if unmeasured:
        notes.append(
            f"{unmeasured} of {len(parts)} series are too short to hold anything out; they trained, but were not judged"
        )
    ends = {s.cutoff for s in sequences}
    if len(ends) > 1 and not panel.schema.id:
        notes.append(f"columns end at {len(ends)} different stamps; each is forecast from its own end")
    return notes
