"""Fit: every model that suits, the choice by validation, the judgement on rows held out, the calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.config import FitConfig, ModelConfig
from tsforecast.data.panel import FloatArray, Panel
from tsforecast.data.plain import plain
from tsforecast.data.series import Series
from tsforecast.data.split import origins, split
from tsforecast.data.status import SeriesStatus
from tsforecast.errors import UsageError
from tsforecast.evaluate import detectors
from tsforecast.evaluate.comparable import Scored, calibrated
from tsforecast.evaluate.intervals import Calibration, calibrate, coverage
from tsforecast.evaluate.metrics import skill
from tsforecast.evaluate.rolling import Backtest, rolling_origin
from tsforecast.models.choose import Choice, choose
from tsforecast.models.contract import Model, Progress
from tsforecast.models.registry import AUTO
from tsforecast.models.task import Task
from tsforecast.models.transformed import Transformed
from tsforecast.workflows.usable import common_season, series_scale, usable, with_seasons

if TYPE_CHECKING:
    from tsforecast.preparation import Prepared


@dataclass(frozen=True)
class FitSettings:
    """What a fit needs to know, beside the panel."""

    horizon: int
    levels: tuple[float, ...] = (80.0, 95.0)
    transforms: tuple[str, ...] = ()
    model: ModelConfig = field(default_factory=ModelConfig)
    fit: FitConfig = field(default_factory=FitConfig)

    def __post_init__(self) -> None:
        if self.horizon < 1:
            raise UsageError(f"horizon must be at least 1, received {self.horizon}")

    @property
    def asked(self) -> str | None:
        """Name of the model that the user named, if any."""
        return None if self.model.model == AUTO else self.model.model


@dataclass(frozen=True)
class Fit:
    """A forecaster with the evidence for it.

    Attributes:
        panel: What it was fitted on.
        series: Those that can be forecast, all rows.
        status: Of every series of the panel.
        transformed: The fitted models behind the user's transforms, refitted on all rows.
        choice: What was chosen among what, and why.
        forced: True where the user named the model, False where validation chose it.
        horizon: Steps that were asked for.
        seed: Of everything random.
        validation: Rolling origins that chose; empty arrays where the series are too short.
        holdout: Rolling origins that nothing was fitted or chosen on.
        trial: Interval widths from validation errors alone.
        coverage: Nominal level to what `trial` covered of the holdout, per cent.
        calibration: Interval widths from validation and holdout errors: those of the forecast.
        notes: Facts for the report, one line each.
    """

    panel: Panel
    series: Sequence[Series]
    status: Sequence[SeriesStatus]
    transformed: Transformed
    choice: Choice
    forced: bool
    horizon: int
    seed: int
    validation: Backtest
    holdout: Backtest
    trial: Calibration
    coverage: Mapping[float, float]
    calibration: Calibration
    notes: Sequence[str]

    @property
    def chosen(self) -> str:
        """Name of the model that forecasts."""
        return self.choice.chosen

    @property
    def model(self) -> Model:
        """The model that forecasts, behind the transforms."""
        return self.transformed.models[self.chosen]

    @property
    def season_length(self) -> int:
        """The commonest season, 1 for none."""
        return common_season([s.season_length for s in self.series])

    @property
    def reference(self) -> str:
        """The best of the forecasts that cost nothing: on the holdout, or by validation where nothing was held out."""
        return best_reference(self.choice, self.holdout)

    @property
    def skill(self) -> float:
        """1 − error / error of the reference, on the holdout; NaN where nothing could be held out."""
        if not self.holdout.n_origins:
            return float("nan")
        return skill(self.holdout.error(self.chosen), self.holdout.error(self.reference))

    def facts(self) -> dict[str, Any]:
        """The evidence as plain JSON values, for a saved model."""
        table = self.holdout.table().to_dict("records") if self.holdout.n_origins else []
        found: dict[str, Any] = plain(
            {
                "chosen": self.chosen,
                "reference": self.reference,
                "skill": self.skill,
                "holdout": table,
                "n_origins": self.holdout.n_origins,
                "coverage": {f"{level:g}": got for level, got in self.coverage.items()},
                "notes": list(self.notes),
            }
        )
        return found


def fit(data: Prepared | Panel, settings: FitSettings, progress: Progress | None = None) -> Fit:
    """Fit what suits, choose by validation, judge on a holdout, calibrate, refit on all rows.

    Args:
        data: On a regular grid.
        settings: Horizon, levels, model and training.
        progress: Told in words what is being done.

    Raises:
        DataError: No series can be forecast.
    """
    tell = progress or (lambda _: None)
    panel, series, status = usable(data)
    splits = [split(len(s), settings.horizon) for s in series]
    measured = max(s.horizon for s in splits)
    parts = [s.holdout if s.horizon == measured else 0 for s in splits]
    training = [len(s) - 2 * part for s, part in zip(series, parts, strict=True)]
    series = with_seasons(series, training, panel.frequency, settings.model.season_length)

    tell("training")
    learned = [s.until(len(s) - part) for s, part in zip(series, parts, strict=True)]
    transformed, choice = fit_models(learned, parts, measured, settings, tell)

    tell("judging on held-out rows")
    before = [origins(len(s), part, measured) if part else [] for s, part in zip(learned, parts, strict=True)]
    after = [origins(len(s), part, measured) if part else [] for s, part in zip(series, parts, strict=True)]
    validation = rolling_origin(transformed.predict, learned, before, [choice.chosen], measured, training)
    holdout = rolling_origin(transformed.predict, series, after, list(choice.models), measured, training)

    scale = np.stack([series_scale(s.until(n)) for s, n in zip(series, training, strict=True)])
    trial, covered, calibration = _calibrate(validation, holdout, series, scale, choice, settings.levels)
    notes = [
        *choice.notes,
        *_detect(holdout, choice, series),
        *_unobserved(holdout),
        *_length_notes(panel, series, parts, measured, settings),
    ]
    tell("refitting on all rows")
    return Fit(
        panel=panel,
        series=series,
        status=status,
        transformed=refitted(transformed, choice, series, settings.horizon),
        choice=choice,
        forced=settings.asked is not None,
        horizon=settings.horizon,
        seed=settings.fit.seed,
        validation=validation,
        holdout=holdout,
        trial=trial,
        coverage=covered,
        calibration=calibration,
        notes=notes,
    )


def fit_models(
    learned: Sequence[Series], parts: Sequence[int], horizon: int, settings: FitSettings, tell: Progress
) -> tuple[Transformed, Choice]:
    """Fit transforms on the training rows and models on the transformed rows; `parts` rows of each validate."""
    chain = None
    given: dict[str, Any] = vars(settings.model)
    forward = list(learned)
    if settings.transforms:
        from tsforecast.preparation.transforms.chain import Chain

        training = [s.until(len(s) - part) for s, part in zip(learned, parts, strict=True)]
        chain = Chain.fit(settings.transforms, training)
        forward = [chain.forward(s) for s in learned]
    choice = choose(Task(forward, horizon, parts, settings.asked), given, seed=settings.fit.seed, tell=tell)
    return Transformed(chain, choice.models), choice


def refitted(transformed: Transformed, choice: Choice, series: Sequence[Series], horizon: int) -> Transformed:
    """The models with their closed-form parts fitted on all rows."""
    chain = transformed.chain
    forward = series if chain is None else [chain.forward(s) for s in series]
    return replace(transformed, models=choice.refit(forward, horizon).models)


def best_reference(choice: Choice, tested: Backtest) -> str:
    """The best of the forecasts that cost nothing, on these rows; by validation where there are none."""
    error = tested.error if tested.n_origins else choice.scores.__getitem__
    return min(choice.references, key=error)


def _calibrate(
    validation: Backtest,
    holdout: Backtest,
    series: Sequence[Series],
    scale: FloatArray,
    choice: Choice,
    levels: tuple[float, ...],
) -> tuple[Calibration, dict[float, float], Calibration]:
    """Widths from validation errors, their coverage on the holdout, then widths from both.

    A model fitted on logarithms may have intervals that are ratios or differences: those that are narrower on the
    validation rows, for the same nominal coverage, are taken.
    """
    parts = [part for part in (validation, holdout) if part.n_origins]
    if not parts:
        nothing = calibrate(np.empty((0, 1, 1)), levels, log=False)
        return nothing, {level: float("nan") for level in levels}, nothing
    chosen = choice.chosen
    if not scale.any():
        scale = np.ones_like(scale)

    def errors(part: Backtest, log: bool) -> Scored:
        return Scored.of(part, chosen, series, scale, log=log)

    def width(trial: Calibration) -> float:
        own = scale[parts[0].sequence][:, None, :]
        factor = errors(parts[0], trial.log).factors(trial, series)
        low, high = trial.interval(parts[0].predicted[chosen], own, levels[0], factor)
        moving = (own > 0).repeat(low.shape[1], axis=1)
        spread = (high - low)[moving] / own.repeat(low.shape[1], axis=1)[moving]
        return float(np.nanmean(spread)) if np.isfinite(spread).any() else np.inf

    spaces = (False, True) if choice.models[chosen].space == "log" else (False,)
    trials = [calibrated(errors(parts[0], log), series, levels, log=log) for log in spaces]
    trial = min(trials, key=width)
    judged = errors(parts[-1], trial.log)
    covered = {level: coverage(judged.relative(trial, series), trial, level) for level in levels}
    everything = errors(parts[0], trial.log)
    everything = everything.joined(judged) if len(parts) > 1 else everything
    return trial, covered, calibrated(everything, series, levels, log=trial.log, slope=trial.slope)


def _detect(holdout: Backtest, choice: Choice, series: Sequence[Series]) -> list[str]:
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


def _unobserved(holdout: Backtest) -> list[str]:
    """How many held-out values nobody observed, which were filled to look back on but judge nothing."""
    missing = int(np.isnan(holdout.actual).sum())
    return [f"{missing / holdout.actual.size:.0%} of the held-out values were not observed and judge nothing"] * (
        missing > 0
    )


def _length_notes(
    panel: Panel, series: Sequence[Series], parts: Sequence[int], measured: int, settings: FitSettings
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
    ends = {s.cutoff for s in series}
    if len(ends) > 1 and not panel.schema.id:
        notes.append(f"columns end at {len(ends)} different stamps; each is forecast from its own end")
    return notes
