"""The story of the program, read top to bottom: load, fit, forecast, backtest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsforecast.config import FitConfig, ModelConfig, PrepareConfig, ReadConfig
from tsforecast.errors import DataError
from tsforecast.evaluate import detectors
from tsforecast.evaluate.backtest import Backtest, rolling_origin
from tsforecast.evaluate.metrics import naive_scale, skill
from tsforecast.evaluate.split import origins, spaced_origins, split
from tsforecast.forecast import Forecast, level_name
from tsforecast.intervals import Calibration, calibrate, coverage, scores
from tsforecast.panel import FloatArray, IntArray, Panel, Sequence, stamps_after
from tsforecast.transformed import Transformed

if TYPE_CHECKING:
    from tsforecast.models.selection import Fitted
    from tsforecast.prepare import Prepared

Progress = Callable[[str], None]
NAIVE = ("naive", "seasonal-naive", "drift")
MOST_SEASONS = 50


@dataclass(frozen=True)
class Settings:
    """What a fit needs to know, beside the panel."""

    horizon: int
    levels: tuple[float, ...] = (80.0, 95.0)
    transforms: tuple[str, ...] = ()
    model: ModelConfig = ModelConfig()
    fit: FitConfig = FitConfig()


@dataclass(frozen=True)
class Fit:
    """A forecaster with the evidence for it.

    Attributes:
        panel: What it was fitted on, regular and complete.
        forecaster: The fitted candidates behind the user's transforms, refitted on all rows.
        chosen: Name of the candidate that forecasts.
        season_length: Steps in a season, 1 for none.
        horizon: Steps that were asked for.
        validation: Rolling origins that chose; empty arrays where the series is too short.
        holdout: Rolling origins that nothing was fitted or chosen on.
        calibration: Interval widths from validation and holdout errors.
        coverage: Nominal level to measured coverage (per cent) on the holdout, of widths measured on validation alone.
        reference: The best of the naive family by validation.
        notes: Facts for the report, one line each.
    """

    panel: Panel
    forecaster: Transformed
    chosen: str
    season_length: int
    horizon: int
    validation: Backtest
    holdout: Backtest
    calibration: Calibration
    coverage: dict[float, float]
    reference: str
    notes: list[str]

    @property
    def skill(self) -> float:
        """1 − error / error of the reference, on the holdout; NaN where nothing could be held out."""
        if not self.holdout.n_origins:
            return float("nan")
        return skill(self.holdout.error(self.chosen), self.holdout.error(self.reference))


def load(source: str, read: ReadConfig, preparing: PrepareConfig) -> Prepared:
    """Read a file (or "-", stdin) and make it a regular, complete panel; every change is in the ledger."""
    from tsforecast import io
    from tsforecast.prepare import prepare

    return prepare(io.read(source, read), preparing)


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
    sequences = _usable(panel)
    values = [s.values for s in sequences]
    season_length = settings.model.season_length or _season_length(sequences, panel)
    splits = [split(len(v), settings.horizon) for v in values]
    measured = max(s.horizon for s in splits)
    parts = [s.holdout if s.horizon == measured else 0 for s in splits]

    tell("training")
    learned = [v[: len(v) - part] for v, part in zip(values, parts, strict=True)]
    forecaster, fitted = _fit_candidates(panel, sequences, learned, parts, max(measured, 1), season_length, settings, tell)

    tell("judging on held-out rows")
    names = list(fitted.candidates)
    training = [len(v) - 2 * part for v, part in zip(values, parts, strict=True)]
    before = [origins(len(v), part, measured) if part else [] for v, part in zip(learned, parts, strict=True)]
    after = [origins(len(v), part, measured) if part else [] for v, part in zip(values, parts, strict=True)]
    validation = rolling_origin(forecaster.predict, learned, before, [fitted.chosen], measured, training)
    holdout = rolling_origin(forecaster.predict, values, after, names, measured, training)

    scale = np.stack([sequence_scale(v[:n]) for v, n in zip(values, training, strict=True)])
    calibration, covered = _calibrate(validation, holdout, scale, fitted, settings.levels)
    reference = min((n for n in NAIVE if n in fitted.scores), key=lambda n: fitted.scores[n], default="naive")
    notes = [*fitted.notes, *_detect(holdout, fitted.chosen, values), *_length_notes(panel, sequences, parts, measured, settings)]
    tell("refitting on all rows")
    return Fit(
        panel=panel,
        forecaster=forecaster.refit(values),
        chosen=fitted.chosen,
        season_length=season_length,
        horizon=settings.horizon,
        validation=validation,
        holdout=holdout,
        calibration=calibration,
        coverage=covered,
        reference=reference,
        notes=notes,
    )


def forecast(fitted: Fit) -> Forecast:
    """What comes after the panel the fit was made on."""
    sequences = fitted.panel.sequences()
    values = [s.values for s in sequences]
    yhat = fitted.forecaster.predict(values, np.arange(len(values)), fitted.horizon, fitted.chosen)
    scale = np.stack([sequence_scale(v) for v in values])
    return assemble(fitted.panel, sequences, yhat, scale, fitted.calibration)


def assemble(
    panel: Panel, sequences: list[Sequence], yhat: FloatArray, scale: FloatArray, calibration: Calibration
) -> Forecast:
    """The long table of point forecasts `(sequence, step, channel)` and their intervals.

    Args:
        panel: Supplies frequency and names.
        sequences: What was forecast, in the order of `yhat`.
        yhat: Original scale.
        scale: Of each sequence and channel `(sequence, channel)`.
        calibration: Measured widths; its levels become columns.
    """
    bounds = {level: calibration.interval(yhat, scale[:, None, :], level) for level in calibration.levels}
    parts = []
    for i, sequence in enumerate(sequences):
        stamps = stamps_after(sequence.cutoff, yhat.shape[1], panel.freq)
        for j, channel in enumerate(sequence.channels):
            columns: dict[str, Any] = {"unique_id": sequence.unique_id, "channel": channel, "ds": stamps, "yhat": yhat[i, :, j]}
            for level, (low, high) in bounds.items():
                columns[f"yhat_lo_{level_name(level)}"] = low[i, :, j]
                columns[f"yhat_hi_{level_name(level)}"] = high[i, :, j]
            parts.append(pd.DataFrame(columns))
    return Forecast(pd.concat(parts, ignore_index=True), panel.freq, panel.schema, calibration.levels)


def backtest(
    panel: Panel, settings: Settings, n_windows: int, step_size: int | None = None, progress: Progress | None = None
) -> Backtest:
    """Rolling-origin backtest: every candidate is trained on the rows before the first cutoff only.

    Args:
        panel: Regular and complete.
        settings: As for `fit`.
        n_windows: Number of cutoffs.
        step_size: Rows between cutoffs; one horizon if None.
        progress: Told in words what is being done.

    Raises:
        DataError: No series is long enough.
    """
    tell = progress or (lambda _: None)
    sequences = _usable(panel)
    values = [s.values for s in sequences]
    season_length = settings.model.season_length or _season_length(sequences, panel)
    cutoffs = [spaced_origins(len(v), settings.horizon, n_windows, step_size or settings.horizon) for v in values]
    cutoffs = [own if own and own[0] >= 2 * settings.horizon and len(own) == n_windows else [] for own in cutoffs]
    if not any(cutoffs):
        needed = (n_windows - 1) * (step_size or settings.horizon) + 3 * settings.horizon
        raise DataError(
            f"{n_windows} windows of horizon {settings.horizon} need {needed} rows, the longest series has "
            f"{max(len(v) for v in values)}",
            "ask for fewer --windows or a shorter --horizon",
        )
    learned = [v[: own[0]] if own else v for v, own in zip(values, cutoffs, strict=True)]
    splits = [split(len(v), settings.horizon) for v in learned]
    measured = max(s.horizon for s in splits)
    parts = [s.validation if s.horizon == measured else 0 for s in splits]
    tell("training")
    forecaster, fitted = _fit_candidates(panel, sequences, learned, parts, measured, season_length, settings, tell)
    forecaster = forecaster.refit(learned)
    tell("forecasting from every cutoff")
    training = [len(v) for v in learned]
    return rolling_origin(forecaster.predict, values, cutoffs, list(fitted.candidates), settings.horizon, training)


def sequence_scale(values: FloatArray) -> FloatArray:
    """What errors of a sequence are measured in: mean absolute step of each channel `(channel,)`, 1 if constant."""
    scale = np.array([naive_scale(values[:, j]) for j in range(values.shape[1])])
    return np.where(np.isfinite(scale), scale, 1.0)


def _usable(panel: Panel) -> list[Sequence]:
    sequences = panel.sequences()
    if not sequences:
        raise DataError("there is no value to learn from: every value is missing")
    for sequence in sequences:
        missing = int(np.isnan(sequence.values).any(axis=1).sum())
        if missing:
            where = f"{sequence.name} still has {missing} missing value{'s' if missing > 1 else ''} after repair"
            raise DataError(where, "fill them with --impute linear, or raise --max-gap")
        if len(sequence.values) < 2:
            raise DataError(f"{sequence.name} has one value; a forecast needs at least two")
    return sequences


def _season_length(sequences: list[Sequence], panel: Panel) -> int:
    """The commonest season of (a sample of) the sequences."""
    from tsforecast.prepare.season import find_season_length

    sample = sequences[:: max(1, len(sequences) // MOST_SEASONS)]
    found = Counter(find_season_length(s.values[:, 0], panel.freq) for s in sample)
    return max(found.items(), key=lambda item: (item[1], item[0]))[0]


def _fit_candidates(
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
) -> tuple[Calibration, dict[float, float]]:
    """Widths from validation errors, their coverage on the holdout, then widths from both."""
    log = fitted.candidates[fitted.chosen].log
    errors = []
    for part in (validation, holdout):
        if part.n_origins:
            own = scale[part.sequence][:, None, :]
            errors.append(scores(part.actual, part.predicted[fitted.chosen], own, log=log))
    if not errors:
        return calibrate(np.empty((0, 1, 1)), levels, log=log), {level: float("nan") for level in levels}
    first = calibrate(errors[0], levels, log=log)
    covered = {level: coverage(errors[-1], first, level) for level in levels}
    return calibrate(np.concatenate(errors), levels, log=log), covered


def _detect(holdout: Backtest, chosen: str, values: list[FloatArray]) -> list[str]:
    """What the chosen forecaster does wrong on the holdout, in words."""
    if not holdout.n_origins or chosen in NAIVE:
        return []
    predicted, naive = holdout.predicted[chosen], holdout.predicted["naive"]
    low, high = _ranges(values, holdout.sequence, holdout.cutoff)
    found = []
    if detectors.copies_last_value(predicted, naive, holdout.actual):
        found.append(f"{chosen} copies the last value")
    if detectors.collapses_to_flat(predicted, holdout.actual):
        found.append(f"{chosen} goes flat: it varies far less than the series does")
    if detectors.runs_away(predicted, low, high):
        found.append(f"{chosen} runs away: some forecasts leave the range of the history")
    return found


def _ranges(values: list[FloatArray], sequence: IntArray, cutoff: IntArray) -> tuple[FloatArray, FloatArray]:
    seen = [values[i][:c] for i, c in zip(sequence, cutoff, strict=True)]
    return np.stack([v.min(axis=0) for v in seen]), np.stack([v.max(axis=0) for v in seen])


def _length_notes(
    panel: Panel, sequences: list[Sequence], parts: list[int], measured: int, settings: Settings
) -> list[str]:
    """What could not be measured because series are short or end at different times."""
    notes = []
    if measured == 0:
        notes.append("too short to hold anything out: nothing about accuracy was measured, and there are no intervals")
    elif measured < settings.horizon:
        notes.append(f"accuracy and intervals could be measured up to step {measured} only: the series are short")
    unmeasured = sum(1 for part in parts if not part)
    if measured and unmeasured:
        notes.append(f"{unmeasured} of {len(parts)} series are too short to hold anything out; they trained, but were not judged")
    ends = {s.cutoff for s in sequences}
    if len(ends) > 1 and not panel.schema.id:
        notes.append(f"columns end at {len(ends)} different stamps; each is forecast from its own end")
    return notes
