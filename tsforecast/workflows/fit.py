"""Fit: every model that suits, the choice by validation, the judgement on rows held out, the calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.config import Bounds as WantedBounds
from tsforecast.config import FitConfig, ModelConfig, ReadConfig
from tsforecast.data.panel import FloatArray, Panel
from tsforecast.data.plain import plain
from tsforecast.data.series import Series
from tsforecast.data.split import MOST_ORIGINS, most_origins, origins, split
from tsforecast.data.status import SeriesStatus
from tsforecast.errors import UsageError
from tsforecast.evaluate import detectors
from tsforecast.evaluate.bounds import Bounds, find
from tsforecast.evaluate.intervals import Calibration
from tsforecast.evaluate.metrics import skill
from tsforecast.evaluate.rolling import Backtest, rolling_origin
from tsforecast.evaluate.thinned import thinned
from tsforecast.models.choose import Choice
from tsforecast.models.contract import Model, Progress
from tsforecast.models.covariates.choosing import choose_beside
from tsforecast.models.registry import AUTO
from tsforecast.models.registry import find as find_model
from tsforecast.models.task import Deadline, Task
from tsforecast.models.transformed import Transformed
from tsforecast.workflows.judging import (
    column_notes,
    detected,
    length_notes,
    measured,
    not_refitted,
    reasonable,
    unobserved,
)
from tsforecast.workflows.known import Wanted, settled
from tsforecast.workflows.usable import common_season, series_scale, units_of, usable, with_seasons

if TYPE_CHECKING:
    from tsforecast.preparation import Prepared

USUAL_SECONDS = 15.0
"""For choosing by itself among the models of one series, where no time limit is given."""


@dataclass(frozen=True)
class FitSettings:
    """What a fit needs to know, beside the panel."""

    horizon: int
    levels: tuple[float, ...] = (80.0, 95.0)
    transforms: tuple[str, ...] = ()
    model: ModelConfig = field(default_factory=ModelConfig)
    fit: FitConfig = field(default_factory=FitConfig)
    bounds: WantedBounds = "auto"
    horizon_by_rule: str = ""
    beside: Wanted = field(default_factory=Wanted)

    def __post_init__(self) -> None:
        if self.horizon < 1:
            raise UsageError(f"horizon must be at least 1, received {self.horizon}")

    @property
    def asked(self) -> str | None:
        """Name of the model that the user named, if any."""
        return None if self.model.model == AUTO else self.model.model

    @property
    def contested(self) -> bool:
        """Whether models compete: the user named none, or one that is made of the others."""
        return self.asked is None or find_model(self.asked).info.combines


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
        ahead: What the model says of the horizon, not yet held by the bounds `(series, step, channel)`.
        bounds: What forecasts and intervals stay within, by all rows; those of held-out rows by the training rows.
        horizon: Steps that were asked for.
        seed: Of everything random.
        validation: Rolling origins that chose; empty arrays where the series are too short.
        holdout: Rolling origins that nothing was fitted or chosen on.
        trial: Interval widths from validation errors alone.
        coverage: Nominal level to what `trial` covered of the holdout, per cent.
        calibration: Interval widths from validation and holdout errors: those of the forecast.
        notes: Facts for the report, one line each.
        reading: How its data were read.
        beside: What the calendar was asked for.
    """

    panel: Panel
    series: Sequence[Series]
    status: Sequence[SeriesStatus]
    transformed: Transformed
    choice: Choice
    forced: bool
    ahead: FloatArray
    bounds: Bounds
    horizon: int
    seed: int
    validation: Backtest
    holdout: Backtest
    trial: Calibration
    coverage: Mapping[float, float]
    calibration: Calibration
    notes: Sequence[str]
    reading: ReadConfig = field(default_factory=ReadConfig)
    beside: Wanted = field(default_factory=Wanted)

    @property
    def chosen(self) -> str:
        """Name of the model that forecasts."""
        return self.choice.chosen

    @property
    def model(self) -> Model:
        """The model that forecasts, behind the transforms."""
        return self.transformed.models[self.chosen]

    @property
    def shares(self) -> Mapping[str, float]:
        """Weights of the models that the one that forecasts is made of, by name; empty where it is one by itself."""
        return self.model.shares

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
                "members": {
                    name: {"weight": weight, "validation": self.choice.scores.get(name)}
                    for name, weight in self.shares.items()
                },
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
    panel, series, told = settled(panel, series, settings.horizon, settings.beside)
    splits = [split(len(s), settings.horizon, contested=settings.contested, n_series=len(series)) for s in series]
    steps = max(s.horizon for s in splits)
    parts = [s.holdout if s.horizon == steps else 0 for s in splits]
    chosen_by = [s.validation if s.horizon == steps else 0 for s in splits]
    training = [len(s) - part - own for s, part, own in zip(series, parts, chosen_by, strict=True)]
    series = with_seasons(series, training, panel.frequency, settings.model.season_length)

    tell("training")
    learned = [s.until(len(s) - part) for s, part in zip(series, parts, strict=True)]
    transformed, choice = fit_models(learned, chosen_by, steps, settings, tell)
    tell("refitting on all rows")
    alike = [s for s, n in zip(series, training, strict=True) if not detectors.exploded(s, n)] or series
    final, choice = refitted(transformed, choice, alike, settings.horizon)
    choice, ahead, status = reasonable(final, choice, series, status, settings.horizon)

    tell("judging on held-out rows")
    most = most_origins(len(series)) if settings.contested else MOST_ORIGINS
    before = [origins(len(s), part, steps, most) if part else [] for s, part in zip(learned, chosen_by, strict=True)]
    after = [origins(len(s), part, steps, most) if part else [] for s, part in zip(series, parts, strict=True)]
    first = [s.until(n) for s, n in zip(series, training, strict=True)]
    known = find(first, settings.bounds, units_of(data), panel.frequency)
    held = known.holding(transformed.predict)
    validation = rolling_origin(held, learned, before, [choice.chosen], steps, training)
    holdout = rolling_origin(held, series, after, list(choice.models), steps, training)

    scale = np.stack([series_scale(s) for s in first])
    ends = [[len(s) for s in of] for of in (learned, series)]
    before_holdout, before_end = (thinned(held, validation, series, n, choice.chosen, scale) for n in ends)
    model = choice.chosen, transformed.space(choice.chosen)
    trial, covered, calibration, widening = measured(
        validation, holdout, series, scale, model, settings.levels, known, (before_holdout, before_end)
    )
    told += [*unobserved(holdout), *column_notes(panel), *not_refitted(series, alike)]
    told += length_notes(panel, series, parts, steps, settings.horizon, holdout.n_origins)
    return Fit(
        panel=panel,
        series=series,
        status=status,
        transformed=final,
        choice=choice,
        forced=settings.asked == choice.chosen,
        ahead=ahead,
        bounds=find(series, settings.bounds, units_of(data), panel.frequency),
        horizon=settings.horizon,
        seed=settings.fit.seed,
        validation=validation,
        holdout=holdout,
        trial=trial,
        coverage=covered,
        calibration=calibration,
        notes=[*choice.notes, *widening, *detected(holdout, choice, series), *told],
        reading=ReadConfig() if isinstance(data, Panel) else data.table.reading,
        beside=settings.beside,
    )


def fit_models(
    learned: Sequence[Series], parts: Sequence[int], horizon: int, settings: FitSettings, tell: Progress
) -> tuple[Transformed, Choice]:
    """Fit transforms on the training rows and models on the transformed rows; `parts` rows of each validate."""
    chain = None
    given: dict[str, Any] = vars(settings.model)
    limit = settings.fit.time_limit
    if limit is None and settings.asked is None and not settings.model.train and len(learned) == 1:
        limit = USUAL_SECONDS
    deadline = None if limit is None else Deadline.after(limit)
    forward = list(learned)
    if settings.transforms:
        from tsforecast.preparation.transforms.chain import Chain

        training = [s.until(len(s) - part) for s, part in zip(learned, parts, strict=True)]
        chain = Chain.fit(settings.transforms, training)
        forward = [chain.forward(s) for s in learned]
    task = Task(forward, horizon, parts, settings.asked, contested=settings.contested, deadline=deadline)
    found = choose_beside(task, given, seed=settings.fit.seed, tell=tell)
    return Transformed(chain, found.choice.models, found.regression, found.plain), found.choice


def refitted(
    transformed: Transformed, choice: Choice, series: Sequence[Series], horizon: int
) -> tuple[Transformed, Choice]:
    """The models with their closed-form parts fitted on all rows, and so the regression on columns before them."""
    forward = transformed.changed(series)
    if transformed.regression is None:
        choice = choice.refit(forward, horizon)
        return replace(transformed, models=choice.models), choice
    regression = transformed.regression.refit(forward)
    task = Task.whole(forward, horizon)
    plain = {name: choice.models[name].refit(task) for name in transformed.plain}
    choice = choice.refit([regression.forward(s) for s in forward], horizon)
    choice = replace(choice, models={**choice.models, **plain})
    return replace(transformed, models=choice.models, regression=regression), choice


def best_reference(choice: Choice, tested: Backtest) -> str:
    """The best of the forecasts that cost nothing, on these rows; by validation where there are none."""
    error = tested.error if tested.n_origins else choice.scores.__getitem__
    return min(choice.references, key=error)
