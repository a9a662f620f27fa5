"""Many series at once: by the model that serves them all, or by one fit in which each is learnt by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tsforecast.batch.job import Job
from tsforecast.batch.truth import Judged, drift, edges, judge, short, truth
from tsforecast.bundle import Bundle
from tsforecast.data.forecasts import Forecast
from tsforecast.data.panel import FloatArray
from tsforecast.data.series import Series
from tsforecast.data.split import split
from tsforecast.data.status import SeriesStatus
from tsforecast.evaluate.bounds import Bounds
from tsforecast.evaluate.rolling import Backtest, rolling_origin
from tsforecast.models.references import references
from tsforecast.models.task import Task
from tsforecast.models.transformed import Transformed
from tsforecast.preparation import Prepared
from tsforecast.workflows.asked import fit_settings, horizon_of
from tsforecast.workflows.fit import Fit, fit
from tsforecast.workflows.forecast import forecast
from tsforecast.workflows.saved.predict import MODEL, known_series, predict_series, restored, saved_scale
from tsforecast.workflows.usable import series_scale


@dataclass
class Group:
    """What became of some series.

    Attributes:
        forecast: `unique_id, channel, ds, yhat, …`.
        rows: Of `status.jsonl`.
    """

    forecast: pd.DataFrame
    rows: list[dict[str, Any]]


def by_fit(prepared: Prepared, job: Job) -> Group:
    """Fitted on these series: one alone, or several of which each is learnt by itself.

    Raises:
        TsforecastError: They cannot be forecast.
    """
    settings = fit_settings(prepared.panel, job.prepare.transform, job.model, job.fit, job.forecast)
    fitted = fit(prepared, settings)
    made = forecast(fitted)
    judged = _as_fitted(fitted)
    rows = _rows(
        made.status,
        fitted.series,
        judged,
        fitted.bounds,
        fitted.horizon,
        freq=str(fitted.panel.freq),
        model=fitted.chosen,
        scope="local",
    )
    return Group(_in_zone(made), rows)


def _as_fitted(fitted: Fit) -> Judged:
    """What the fit itself says of a series alone; of several, what its held-out rows say of each."""
    if len(fitted.series) == 1:
        return Judged(np.array([fitted.skill]), {level: np.array([got]) for level, got in fitted.coverage.items()})
    splits = [split(len(s), fitted.horizon) for s in fitted.series]
    steps = max(s.horizon for s in splits)
    known = [
        s.until(len(s) - 2 * own.holdout) if own.horizon == steps else s
        for s, own in zip(fitted.series, splits, strict=True)
    ]
    scale = np.stack([series_scale(s) for s in known])
    names = fitted.choice.references
    return judge(fitted.holdout, fitted.chosen, names, fitted.series, scale, fitted.trial, fitted.bounds)


def by_bundle(prepared: Prepared, bundle: Bundle, job: Job) -> Group:
    """Predicted by a model that was fitted before, and judged on the last rows of each series, which it never saw.

    Raises:
        TsforecastError: None of them can be forecast.
    """
    panel, series, status = known_series(bundle, prepared)
    horizon = horizon_of(job.forecast.horizon, panel) or bundle.manifest.horizon
    model = restored(bundle)
    made = predict_series(bundle, model, panel, series, status, horizon)
    bounds = Bounds.from_dict(bundle.manifest.bounds)
    held = min(horizon, bundle.manifest.horizon)
    tested, names = _held_out(model, series, bounds, held)
    scale = np.stack([saved_scale(bundle, s) for s in series])
    judged = judge(tested, MODEL, names, series, scale, bundle.calibration, bounds)
    rows = _rows(
        made.status, series, judged, bounds, horizon, freq=str(panel.freq), model=bundle.manifest.model, scope="global"
    )
    return Group(_in_zone(made), rows)


def _held_out(model: Transformed, series: Sequence[Series], bounds: Bounds, horizon: int) -> tuple[Backtest, list[str]]:
    """The last rows of each series forecast from those before, by the model and by what costs nothing."""
    cutoffs = [[len(s) - horizon] if len(s) > 2 * horizon else [] for s in series]
    learned = [s.until(own[0]) for s, own in zip(series, cutoffs, strict=True) if own]
    naive = Transformed(None, references(Task.whole(learned, horizon)) if learned else {})

    def predict(histories: Sequence[Series], steps: int, name: str) -> FloatArray:
        return (model if name == MODEL else naive).predict(histories, steps, name)

    training = [own[0] if own else len(s) for s, own in zip(series, cutoffs, strict=True)]
    names = list(naive.models)
    return rolling_origin(bounds.holding(predict), series, cutoffs, [MODEL, *names], horizon, training), names


def _in_zone(made: Forecast) -> pd.DataFrame:
    """The forecasts with stamps that say that they are of UTC, where the file had a zone."""
    if made.schema.zone is None or made.frame["ds"].dtype.kind != "M":
        return made.frame
    return made.frame.assign(ds=made.frame["ds"].dt.tz_localize("UTC"))


def _rows(
    status: Sequence[SeriesStatus],
    series: Sequence[Series],
    judged: Judged,
    bounds: Bounds,
    horizon: int,
    **known: Any,
) -> list[dict[str, Any]]:
    """A row of truth for each status; those without a forecast have little to say."""
    place = {s.name: i for i, s in enumerate(series)}
    moved, limits = drift(series, horizon), edges(bounds, series)
    skill = judged.skill.tolist()
    covered = {f"{level:g}": values.tolist() for level, values in judged.coverage.items()}
    rows = []
    for row in status:
        i = place.get(row.name)
        if i is None or row.state == "left out":
            rows.append(truth(row))
            continue
        rows.append(
            truth(
                row,
                series[i],
                season=series[i].season_length,
                skill=short(skill[i]),
                coverage={level: short(values[i]) for level, values in covered.items()},
                bounds=limits[i],
                drift=moved[i],
                **known,
            )
        )
    return rows
