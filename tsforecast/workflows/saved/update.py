"""Go on training a saved model on newer data: the scaler stays frozen, drift is reported, old and new are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsforecast.bundle import Bundle, tail
from tsforecast.data.panel import Panel
from tsforecast.data.series import Series
from tsforecast.errors import DataError
from tsforecast.evaluate.bounds import Bounds
from tsforecast.evaluate.comparable import calibrated
from tsforecast.evaluate.intervals import POOL, coverage
from tsforecast.evaluate.rolling import Backtest
from tsforecast.models import registry
from tsforecast.models.contract import Progress
from tsforecast.models.task import Deadline, Task
from tsforecast.workflows.saved.predict import MODEL, beside_saved, known_series, restored
from tsforecast.workflows.saved.rejudging import errors_of, rejudged
from tsforecast.workflows.usable import series_scale

if TYPE_CHECKING:
    from tsforecast.preparation import Prepared


@dataclass(frozen=True)
class Shift:
    """How new rows differ from what a model was trained on.

    Attributes:
        rows: New rows, over all sequences.
        shift: Mean of the new rows against the training mean, in training standard deviations, of the sequence that
            moved most.
        spread: Standard deviation of the new rows over that of training, of the sequence that changed most.
        coverage: Nominal level to the share (per cent) of new points within the old intervals; empty if not measured.
    """

    rows: int
    shift: float
    spread: float
    coverage: dict[float, float]


@dataclass(frozen=True)
class Update:
    """The updated bundle and what is to be said about it.

    Attributes:
        bundle: To be saved.
        drift: Of the new rows.
        before: Held-out error of the old model on the newest rows; NaN if there are too few.
        after: Of the updated model on the same rows.
        n_origins: Forecasts behind `before` and `after`.
    """

    bundle: Bundle
    drift: Shift
    before: float
    after: float
    n_origins: int

    @property
    def better(self) -> bool | None:
        """Whether the updated model errs less on rows that it was not trained on; None where that was not measured."""
        return self.after < self.before if np.isfinite([self.before, self.after]).all() else None


def update(
    bundle: Bundle,
    data: Prepared | Panel,
    given: Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Update:
    """Train the model further on the rows of `data` that follow its own history, and on the end of that history.

    The newest rows (one horizon and up) are kept out of training to compare old and new; where there are too few for
    that, all rows train and nothing is measured.

    Args:
        bundle: As loaded.
        data: With the step and columns of the bundle.
        given: Values of settings by name (epochs, learning_rate); the model takes those it knows.
        seed: Of everything random.
        time_limit: Seconds after which the epoch under way is the last.
        progress: Told in words what is being done.

    Raises:
        DataError: No row is new, or the panel does not fit the bundle.
        MissingDependencyError: The model is a network and TensorFlow is not installed.
    """
    if bundle.chain is not None:
        raise DataError("a model with transforms cannot be updated", "fit it anew on all rows")
    panel, _, _ = known_series(bundle, data)
    _check_columns(bundle, panel)
    joined = _joined(bundle.history, panel)
    _, series, _ = known_series(bundle, joined)
    known = {s.name: s.cutoff for s in bundle.history.series()}
    fresh = [_fresh(s, known) for s in series]
    if not any(fresh):
        raise DataError("the file has no row after the end of training", "give newer data")
    if len(series) != len(known):
        raise DataError(f"the model knows {len(known)} series, the file and its history have {len(series)}")
    horizon = bundle.manifest.horizon

    before = restored(bundle)
    if before.regression is not None:
        series = beside_saved(bundle, before.regression, joined, series, horizon, ahead=False)
    bounds = Bounds.from_dict(bundle.manifest.bounds)
    old = rejudged(before, bounds, series, fresh, horizon)
    drift = _shift(bundle, series, fresh, old)
    kept_out = [max(horizon, new // 3) if new >= 2 * horizon else 0 for new in fresh]
    training = [s.until(len(s) - part) for s, part in zip(series, kept_out, strict=True)]
    model = before.models[MODEL]
    own = registry.settings_of(type(model), given or {})
    deadline = None if time_limit is None else Deadline.after(time_limit)
    seen = training if before.regression is None else [before.regression.forward(s) for s in training]
    trained = model.update(Task.whole(seen, horizon, deadline), own, seed=seed, tell=progress or (lambda _: None))

    judged_old = rejudged(before, bounds, series, kept_out, horizon)
    judged = rejudged(replace(before, models={MODEL: trained}), bounds, series, kept_out, horizon)
    calibration = bundle.calibration
    if judged.n_origins >= POOL:
        errors = errors_of(judged, series, log=calibration.log)
        calibration = calibrated(errors, series, calibration.levels, log=calibration.log)
    rows = max(len(s) for s in bundle.history.series())
    manifest = replace(
        bundle.manifest,
        seed=seed,
        scales={s.name: series_scale(s).tolist() for s in series},
        training={**bundle.manifest.training, "updated_on_rows": drift.rows},
    )
    made = replace(
        bundle, manifest=manifest, state=trained.state(), calibration=calibration, history=tail(joined, rows)
    )
    error = [r.error(MODEL) if r.n_origins else float("nan") for r in (judged_old, judged)]
    return Update(made, drift, error[0], error[1], judged.n_origins)


def _check_columns(bundle: Bundle, panel: Panel) -> None:
    """Refuse columns that the model was not trained on, and the lack of one that it was."""
    known, given = bundle.history.channels, panel.channels
    if set(known) != set(given):
        told = f"the model was trained on {', '.join(known)}, the file has {', '.join(given)}"
        raise DataError(told, " ".join(f"--target-col {name}" for name in known))


def _joined(history: Panel, panel: Panel) -> Panel:
    """History and new rows on one grid, the new ones winning where both have a stamp."""
    frame = pd.concat([history.frame, panel.frame[history.frame.columns.tolist()]], ignore_index=True)
    frame = frame.drop_duplicates(["unique_id", "ds"], keep="last").sort_values(["unique_id", "ds"])
    try:
        checked = Panel.checked(frame, history.freq, history.schema)
        return replace(checked, roles=history.roles, sources=history.sources)
    except DataError:
        # A hole between the end of training and the new rows: the new rows have to do alone.
        return replace(panel, schema=history.schema)


def _fresh(series: Series, known: Mapping[str, Any]) -> int:
    """How many rows of a series come after the end of training."""
    if series.name not in known:
        raise DataError(f"the model does not know the series {series.name}", "fit a new model on all series")
    return int((series.stamps > known[series.name]).sum())


def _shift(bundle: Bundle, series: Sequence[Series], fresh: Sequence[int], old: Backtest) -> Shift:
    shifts, spreads = [], []
    for own, n in zip(series, fresh, strict=True):
        before, after = own.values[: len(own) - n], own.values[len(own) - n :]
        deviation = np.nanstd(before, axis=0) if len(before) else np.zeros(1)
        if n and len(before) > 1 and (deviation > 0).all():
            shifts.append(float(np.abs((np.nanmean(after, axis=0) - np.nanmean(before, axis=0)) / deviation).max()))
            if n > 1:
                spreads.append(float((np.nanstd(after, axis=0) / deviation).max()))
    covered = {}
    if old.n_origins:
        errors = errors_of(old, series, log=bundle.calibration.log).relative(bundle.calibration, series)
        covered = {level: coverage(errors, bundle.calibration, level) for level in bundle.calibration.levels}
    nothing = float("nan")
    return Shift(sum(fresh), max(shifts, default=nothing), max(spreads, default=nothing), covered)
