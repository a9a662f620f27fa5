"""From a fit to a picture: gathers what the plots need and sends it to a file or to the terminal."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsforecast.cli.console import Console

if TYPE_CHECKING:
    from tsforecast.forecast import Forecast
    from tsforecast.ledger import Ledger
    from tsforecast.panel import Panel, Sequence
    from tsforecast.plots.view import ForecastView, Residuals, SeriesView
    from tsforecast.workflows import Fit

TERMINAL = "-"
LINES = 18


def draw_forecast(plot: str | None, fitted: Fit, made: Forecast, ledger: Ledger, console: Console) -> None:
    """Draw to the file asked for; with `-`, or with nothing asked and a terminal on stderr, draw braille there."""
    if plot is None and (console.quiet or not console.terminal):
        return
    if plot is None or plot == TERMINAL:
        from tsforecast.plots.terminal import fan_chart

        view = _series_view(fitted, made, 0, ledger)
        can = "utf" in (sys.stderr.encoding or "").lower()
        print(fan_chart(view, console.width, LINES, color=console.color, ascii=not can), file=sys.stderr)
        return
    from tsforecast.plots.forecast import save_forecast

    save_forecast(forecast_view(fitted, made, ledger), plot)
    console.say(f"{'plot':<11}{plot}")


def forecast_view(fitted: Fit, made: Forecast, ledger: Ledger) -> ForecastView:
    """Everything a picture of a forecast shows."""
    from tsforecast.cli.report import fit_lines
    from tsforecast.plots.view import ForecastView

    count = len(fitted.panel.sequences())
    names = fitted.panel.sequences()[0].name if count == 1 else f"{count:,} series"
    told = [f"{fitted.chosen}"]
    if math.isfinite(fitted.skill):
        told.append(f"skill {fitted.skill:.2f} against {fitted.reference}")
    told += [
        f"{level:g} % interval covered {got:.0f} %" for level, got in fitted.coverage.items() if math.isfinite(got)
    ]
    return ForecastView(
        title=f"{names}, {fitted.horizon:,} steps ahead",
        series=[_series_view(fitted, made, i, ledger) for i in range(min(count, 9))]
        if count <= 9
        else [_series_view(fitted, made, i, ledger) for i in range(count)],
        subtitle=", ".join(told),
        report="\n".join(fit_lines(fitted)),
    )


def _series_view(fitted: Fit, made: Forecast, index: int, ledger: Ledger) -> SeriesView:
    from tsforecast.plots.view import SeriesView

    panel = fitted.panel
    sequence = panel.sequences()[index]
    zone = panel.schema.zone
    stamps = _stamps(panel, sequence)
    rows = made.frame[(made.frame["unique_id"] == sequence.unique_id) & (made.frame["channel"] == sequence.channels[0])]
    from tsforecast.forecast import level_name

    bands = {
        level: (rows[f"yhat_lo_{level_name(level)}"].to_numpy(), rows[f"yhat_hi_{level_name(level)}"].to_numpy())
        for level in made.levels
    }
    return SeriesView(
        name=sequence.name,
        label=sequence.channels[0],
        history_ds=local(stamps, zone),
        history_y=sequence.values[:, 0],
        forecast_ds=local(rows["ds"].to_numpy(), zone),
        forecast_y=rows["yhat"].to_numpy(),
        bands={level: band for level, band in bands.items() if np.isfinite(band[0]).any()},
        repaired_ds=local(_repaired(ledger, sequence), zone),
        season_length=fitted.season_length,
        **_held_out(fitted, index, stamps, zone),
    )


def _held_out(fitted: Fit, index: int, stamps: Any, zone: str | None) -> dict[str, Any]:
    """The last held-out forecast of a sequence, and the errors of all."""
    from tsforecast.plots.view import Residuals

    holdout = fitted.holdout
    own = np.flatnonzero(holdout.sequence == index)
    if len(own) == 0:
        return {}
    horizon = holdout.horizon
    last = own[-1]
    cutoffs = holdout.cutoff[own]
    errors = (holdout.actual[own] - holdout.predicted[fitted.chosen][own])[:, :, 0]
    at = cutoffs[:, None] + np.arange(horizon)[None, :]
    residuals: Residuals = Residuals(
        ds=local(stamps[at.ravel()], zone), step=np.tile(np.arange(1, horizon + 1), len(own)), error=errors.ravel()
    )
    held = slice(int(holdout.cutoff[last]), int(holdout.cutoff[last]) + horizon)
    return {
        "holdout_ds": local(stamps[held], zone),
        "holdout_y": holdout.actual[last, :, 0],
        "holdout_yhat": holdout.predicted[fitted.chosen][last, :, 0],
        "residuals": residuals,
    }


def _stamps(panel: Panel, sequence: Sequence) -> Any:
    first = panel.indptr[panel.ids.index(sequence.unique_id)] + sequence.start
    return panel.frame["ds"].to_numpy()[first : first + len(sequence.values)]


def _repaired(ledger: Ledger, sequence: Sequence) -> Any:
    frame = ledger.frame
    own = frame[(frame["unique_id"] == sequence.unique_id) & frame["column"].isin(["", *sequence.channels])]
    stamps = own["ds"].dropna()
    if len(stamps) == 0:
        return np.array([], dtype="datetime64[us]")
    return np.unique(np.asarray(stamps.tolist(), dtype="datetime64[us]" if not _whole(stamps.iloc[0]) else "int64"))


def _whole(stamp: Any) -> bool:
    return isinstance(stamp, (int, np.integer))


def local(stamps: Any, zone: str | None) -> Any:
    """UTC stamps as wall time in `zone`; as they are where there is none or where they are an integer index."""
    if zone is None or not np.issubdtype(np.asarray(stamps).dtype, np.datetime64):
        return np.asarray(stamps)
    return pd.DatetimeIndex(stamps).tz_localize("UTC").tz_convert(zone).tz_localize(None).to_numpy()
