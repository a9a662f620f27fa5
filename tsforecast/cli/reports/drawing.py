"""From a fit, a prediction or a table to a picture: gathers what is to be drawn, into a file or the terminal."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.cli.console import Console
from tsforecast.data.forecasts import Forecast, level_name
from tsforecast.data.panel import Panel, Table
from tsforecast.data.series import Series
from tsforecast.io.time.zones import to_wall
from tsforecast.plots.view import ForecastView, Residuals, SeriesView
from tsforecast.workflows.usable import series_scale

if TYPE_CHECKING:
    from tsforecast.bundle import Bundle
    from tsforecast.data.ledger import Ledger
    from tsforecast.workflows.fit import Fit

TERMINAL = "-"
HEIGHT = 18
MOST_CHARTS = 6


def draw_forecast(plot: str | None, source: str, fitted: Fit, made: Forecast, ledger: Ledger, console: Console) -> None:
    """Draw into the file asked for; with `-`, or with nothing asked and a terminal on stderr, draw there."""
    if plot is None and (console.quiet or not console.terminal):
        return
    views = [
        _series_view(fitted.panel, s, made, s.season_length, repaired=_repaired(ledger, s), **_held_out(fitted, i, s))
        for i, s in enumerate(fitted.series)
    ]
    if plot is None or plot == TERMINAL:
        _draw_in_terminal(views[0], console)
        return
    from tsforecast.cli.reports.fitted import fit_lines

    members = [f"{name} {weight:.2f}" for name, weight in fitted.shares.items()]
    told = [f"{fitted.chosen} of {', '.join(members)}" if members else fitted.chosen]
    if math.isfinite(fitted.skill):
        told.append(f"skill {fitted.skill:.2f} against {fitted.reference}")
    told += [
        f"{level:g} % interval covered {got:.0f} %" for level, got in fitted.coverage.items() if math.isfinite(got)
    ]
    _draw_into_file(views, plot, source, ", ".join(told), "\n".join(fit_lines(fitted)), console)


def draw_prediction(
    plot: str, source: str, bundle: Bundle, panel: Panel | None, made: Forecast, console: Console
) -> None:
    """Draw a forecast from a saved model behind the newest rows."""
    shown = bundle.history if panel is None else panel
    views = [_series_view(shown, s, made, _season_length(bundle, s)) for s in shown.series()]
    if plot == TERMINAL:
        _draw_in_terminal(views[0], console)
    else:
        _draw_into_file(views, plot, source, bundle.manifest.model, "", console)


def _season_length(bundle: Bundle, series: Series) -> int:
    lengths = bundle.manifest.season_lengths.get(series.name)
    return lengths[0] if lengths else 1


def draw_table(table: Table, path: str, title: str) -> None:
    """Every series of a table as it was read, gaps visible, into a picture."""
    from tsforecast.plots.small_multiples import save_series

    save_series(table.frame.assign(ds=_local(table.frame["ds"].to_numpy(), table.schema.zone)), path, title=title)


def table_charts(table: Table, console: Console) -> list[str]:
    """The first few series of a table as braille charts."""
    from tsforecast.plots.small_multiples import lines_of
    from tsforecast.plots.terminal import series_chart

    lines = lines_of(table.frame.assign(ds=_local(table.frame["ds"].to_numpy(), table.schema.zone)))
    plain = not _prints_braille(sys.stdout)
    charts = [
        series_chart(line.ds, line.y, line.name, console.width, HEIGHT, color=False, ascii=plain)
        for line in lines[:MOST_CHARTS]
    ]
    if len(lines) > MOST_CHARTS:
        charts.append(f"and {len(lines) - MOST_CHARTS:,} more; -o FILE.png draws them")
    return charts


def _draw_in_terminal(view: SeriesView, console: Console) -> None:
    from tsforecast.plots.terminal import fan_chart

    chart = fan_chart(view, console.width, HEIGHT, color=console.color, ascii=not _prints_braille(sys.stderr))
    for line in ["", *chart.split("\n")]:
        console.say(line)


def _draw_into_file(
    views: list[SeriesView], path: str, source: str, subtitle: str, report: str, console: Console
) -> None:
    from tsforecast.plots.fan import save_forecast

    steps = len(views[0].forecast_ds)
    name = views[0].name if len(views) == 1 else f"{len(views):,} series"
    title = f"{'stdin' if source == '-' else Path(source).name}: {name}, {steps:,} step{'s' * (steps != 1)} ahead"
    save_forecast(ForecastView(title, views, subtitle=subtitle, report=report), path)
    console.say(f"{'plot':<11}{path}")


def _series_view(panel: Panel, series: Series, made: Forecast, season_length: int, **more: Any) -> SeriesView:
    zone, channel = panel.schema.zone, series.channels[0]
    rows = made.frame[(made.frame["unique_id"] == series.unique_id) & (made.frame["channel"] == channel)]
    bands = {
        level: (rows[f"yhat_lo_{level_name(level)}"].to_numpy(), rows[f"yhat_hi_{level_name(level)}"].to_numpy())
        for level in made.levels
    }
    repaired = more.pop("repaired", None)
    beyond = rows["beyond_horizon"].to_numpy() if "beyond_horizon" in rows else np.zeros(0, dtype=bool)
    return SeriesView(
        name=series.name,
        label=channel,
        history_ds=_local(series.stamps, zone),
        history_y=series.filled[:, 0],
        forecast_ds=_local(rows["ds"].to_numpy(), zone),
        forecast_y=rows["yhat"].to_numpy(),
        bands={level: band for level, band in bands.items() if np.isfinite(band[0]).any()},
        season_length=season_length,
        beyond_horizon=int(np.argmax(beyond)) if beyond.any() else None,
        **({} if repaired is None else {"repaired_ds": _local(repaired, zone)}),
        **more,
    )


def _held_out(fitted: Fit, index: int, series: Series) -> dict[str, Any]:
    """The last held-out forecast of a series, and the errors of all of them."""
    holdout, zone = fitted.holdout, fitted.panel.schema.zone
    own = np.flatnonzero(holdout.sequence == index)
    if len(own) == 0:
        return {}
    stamps = series.stamps
    steps = np.arange(holdout.horizon)
    at = holdout.cutoff[own][:, None] + steps[None, :]
    yhat = holdout.predicted[fitted.chosen][own][:, :, 0]
    actual = holdout.actual[own][:, :, 0]
    residuals = Residuals(
        ds=_local(stamps[at.ravel()], zone), step=np.tile(steps + 1, len(own)), error=(actual - yhat).ravel()
    )
    scale = series_scale(series.until(int(holdout.cutoff[own[0]])))
    bands = {}
    last, before = holdout.predicted[fitted.chosen][own[-1:]], series.until(int(holdout.cutoff[own[-1]]))
    for level in fitted.trial.levels:
        edges = fitted.trial.interval(last, scale[None, None, :], level, fitted.trial.factor(before)[None, None, :])
        low, high = (fitted.bounds.hold([before], edge) for edge in edges)
        if np.isfinite(low).any():
            bands[level] = (low[0, :, 0], high[0, :, 0])
    return {
        "holdout_bands": bands,
        "holdout_ds": _local(stamps[at[-1]], zone),
        "holdout_y": actual[-1],
        "holdout_yhat": yhat[-1],
        "residuals": residuals,
    }


def _repaired(ledger: Ledger, series: Series) -> Any:
    """Stamps at which a value of the series was changed."""
    frame = ledger.frame
    own = frame[(frame["unique_id"] == series.unique_id) & (frame["column"] == series.channels[0])]
    stamps = own["ds"].dropna().tolist()
    return np.unique(np.array(stamps, dtype="int64" if stamps and isinstance(stamps[0], int) else "datetime64[us]"))


def _local(stamps: Any, zone: str | None) -> Any:
    """UTC stamps as wall time in `zone`; as they are where there is none or where they are an integer index."""
    stamps = np.asarray(stamps)
    return to_wall(stamps.astype("datetime64[us]"), zone) if zone and stamps.dtype.kind == "M" else stamps


def _prints_braille(stream: Any) -> bool:
    return "utf" in (stream.encoding or "").lower()
