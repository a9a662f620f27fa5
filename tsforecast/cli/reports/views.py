"""What pictures and pages of a fit or a prediction show, gathered from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.cli.reports.evidence import scored
from tsforecast.data.forecasts import Forecast, level_name
from tsforecast.data.panel import Panel
from tsforecast.data.series import Series
from tsforecast.io.time.zones import to_wall
from tsforecast.plots.ticks import numeric
from tsforecast.plots.view import Candidate, Origins, Residuals, SeriesView
from tsforecast.workflows.held_out import HeldOut, covered_of_all, held_out

if TYPE_CHECKING:
    import pandas as pd

    from tsforecast.bundle import Bundle
    from tsforecast.data.ledger import Ledger
    from tsforecast.workflows.fit import Fit


def fit_views(fitted: Fit, made: Forecast, ledger: Ledger) -> list[SeriesView]:
    """Each series of a fit: history, forecast, held-out forecasts, and what was repaired."""
    panel, changed, rows = fitted.panel, _by_series(ledger.frame), ForecastRows.of(made)
    views = []
    for own, held in zip(fitted.series, held_out(fitted), strict=True):
        more = _past(own, held, fitted.chosen, panel.schema.zone) | _repairs(changed.get(own.unique_id), own, panel)
        views.append(_series_view(panel, own, rows, own.season_length, **more))
    return views


def prediction_views(bundle: Bundle, panel: Panel, made: Forecast) -> list[SeriesView]:
    """Each series of a prediction: the newest rows and the forecast."""
    lengths, rows = bundle.manifest.season_lengths, ForecastRows.of(made)
    seasons = {own.name: lengths[own.name][0] if lengths.get(own.name) else 1 for own in panel.series()}
    return [_series_view(panel, own, rows, seasons[own.name]) for own in panel.series()]


def evidence_of(fitted: Fit) -> dict[str, Any]:
    """What a page says of a fit beside its series, as fields of `ForecastView`."""
    keys = ("model", "mae", "rmse", "smape", "mase", "skill")
    by_step = fitted.holdout.by_step() if fitted.holdout.n_origins and len(fitted.series) == 1 else None
    return {
        "zone": fitted.panel.schema.zone,
        "chosen": fitted.chosen,
        "reference": fitted.reference,
        "candidates": [
            Candidate(**{key: row[key] for key in keys}, weight=fitted.shares.get(row["model"]))
            for row in scored(fitted.holdout, fitted.reference)
        ],
        "by_step": {} if by_step is None else {str(name): by_step[name].to_numpy() for name in by_step},
        "held": covered_of_all(fitted),
    }


def wall(stamps: Any, zone: str | None) -> Any:
    """UTC stamps as wall time in `zone`; as they are where there is none or where they are an integer index."""
    stamps = np.asarray(stamps)
    return to_wall(stamps.astype("datetime64[us]"), zone) if zone and stamps.dtype.kind == "M" else stamps


def _by_series(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each series, found once: there may be thousands."""
    return {str(name): rows for name, rows in frame.groupby("unique_id", sort=False)} if len(frame) else {}


@dataclass(frozen=True)
class ForecastRows:
    """The columns of a forecast, and which rows are those of a series and channel: there may be thousands."""

    columns: dict[str, Any]
    places: Mapping[Any, Any]
    levels: tuple[float, ...]

    @classmethod
    def of(cls, made: Forecast) -> ForecastRows:
        """Of a whole forecast."""
        places = made.frame.groupby(["unique_id", "channel"], sort=False).indices
        return cls({str(name): made.frame[name].to_numpy() for name in made.frame}, places, made.levels)

    def column(self, name: str, series: Series) -> Any:
        """Of the first channel of a series; empty where it has no forecast."""
        return self.columns[name][self.places.get((series.unique_id, series.channels[0]), [])]


def _series_view(panel: Panel, series: Series, rows: ForecastRows, season_length: int, **more: Any) -> SeriesView:
    zone = panel.schema.zone
    bands = {
        level: tuple(rows.column(f"yhat_{side}_{level_name(level)}", series) for side in ("lo", "hi"))
        for level in rows.levels
    }
    beyond = rows.column("beyond_horizon", series) if "beyond_horizon" in rows.columns else np.zeros(0, dtype=bool)
    stamps = rows.column("ds", series)
    return SeriesView(
        name=series.name,
        label=series.channels[0],
        history_ds=wall(series.stamps, zone),
        history_y=series.filled[:, 0],
        forecast_ds=wall(stamps, zone),
        forecast_y=rows.column("yhat", series),
        bands={level: (low, high) for level, (low, high) in bands.items() if np.isfinite(low).any()},
        season_length=season_length,
        beyond_horizon=int(np.argmax(beyond)) if beyond.any() else None,
        utc_ds=np.concatenate([series.stamps, stamps]) if zone and len(stamps) else None,
        **more,
    )


def _past(series: Series, held: HeldOut | None, chosen: str, zone: str | None) -> dict[str, Any]:
    """The held-out forecasts of a series: the last one for a picture, all for a page, and the errors of all."""
    if held is None:
        return {}
    steps = np.arange(held.actual.shape[1])
    at = held.cutoff[:, None] + steps[None, :]
    ds, yhat = wall(series.stamps, zone), held.predicted[chosen]
    levels = sorted(held.covered)
    inside, of = held.covered[levels[0]] if levels else (0, 0)
    return {
        "holdout_bands": {level: (low[-1], high[-1]) for level, (low, high) in held.bands.items()},
        "holdout_ds": ds[at[-1]],
        "holdout_y": held.actual[-1],
        "holdout_yhat": yhat[-1],
        "residuals": Residuals(ds[at.ravel()], np.tile(steps + 1, len(at)), (held.actual - yhat).ravel()),
        "origins": Origins(held.cutoff, held.predicted, held.bands),
        "skill": held.skill,
        "coverage": 100 * inside / of if of else float("nan"),
    }


def _repairs(changed: pd.DataFrame | None, series: Series, panel: Panel) -> dict[str, Any]:
    """What was changed of a series: stamps for a picture, entries for a page."""
    if changed is None:
        return {}
    own = changed[changed["column"].isin((series.channels[0], ""))]
    stamps = own["ds"].tolist()
    known = own.loc[own["column"] != "", "ds"].dropna().tolist()
    kind = "int64" if known and isinstance(known[0], int) else "datetime64[us]"
    entries = zip(stamps, own["line"], own["old"], own["new"], own["rule"], strict=True)
    return {
        "repaired_ds": wall(np.unique(np.array(known, dtype=kind)), panel.schema.zone),
        "repairs": [(_number(stamp), int(line), old, new, str(rule)) for stamp, line, old, new, rule in entries],
    }


def _number(stamp: Any) -> float | None:
    """A stamp of the ledger as `ticks.numeric` counts it."""
    if stamp is None or stamp != stamp:
        return None
    kind = "int64" if isinstance(stamp, int | np.integer) else "datetime64[us]"
    return float(numeric(np.array([stamp], dtype=kind))[0])
