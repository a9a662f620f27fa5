"""From a fit, a prediction or a table to a picture: gathers what is to be drawn, into a file or the terminal."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsforecast.cli.console import Console
from tsforecast.cli.reports.views import wall
from tsforecast.data.forecasts import Forecast
from tsforecast.data.panel import Panel, Table
from tsforecast.plots.view import ForecastView, SeriesView

if TYPE_CHECKING:
    from tsforecast.bundle import Bundle
    from tsforecast.data.ledger import Ledger
    from tsforecast.workflows.fit import Fit

TERMINAL = "-"
HEIGHT = 18
MOST_CHARTS = 6


def draw_forecast(plot: str | None, source: str, fitted: Fit, made: Forecast, ledger: Ledger, console: Console) -> None:
    """Draw into the files asked for; with `-`, or with nothing asked and a terminal on stderr, draw there."""
    if plot is None and console.page is None and (console.quiet or not console.terminal):
        return
    from tsforecast.cli.reports.fitted import fit_lines
    from tsforecast.cli.reports.views import evidence_of, fit_views

    views = fit_views(fitted, made, ledger)
    members = [f"{name} {weight:.2f}" for name, weight in fitted.shares.items()]
    told = [f"{fitted.chosen} of {', '.join(members)}" if members else fitted.chosen]
    if math.isfinite(fitted.skill):
        told.append(f"skill {fitted.skill:.2f} against {fitted.reference}")
    told += [
        f"{level:g} % interval covered {got:.0f} %" for level, got in fitted.coverage.items() if math.isfinite(got)
    ]
    more = {"subtitle": ", ".join(told), "report": "\n".join(fit_lines(fitted)), **evidence_of(fitted)}
    _draw(views, plot, source, more, console)


def draw_prediction(
    plot: str | None, source: str, bundle: Bundle, panel: Panel | None, made: Forecast, console: Console
) -> None:
    """Draw a forecast from a saved model behind the newest rows."""
    if plot is None and console.page is None:
        return
    from tsforecast.cli.reports.views import prediction_views

    shown = bundle.history if panel is None else panel
    more = {"subtitle": bundle.manifest.model, "zone": shown.schema.zone, "chosen": bundle.manifest.model}
    _draw(prediction_views(bundle, shown, made), plot, source, more, console)


def _draw(views: list[SeriesView], plot: str | None, source: str, more: Mapping[str, Any], console: Console) -> None:
    """Into the file of --plot, the page of --report, or the terminal where neither is asked for."""
    files = {"plot": plot if plot != TERMINAL else None, "report": console.page}
    for name, path in files.items():
        if path is not None:
            _draw_into_file(views, path, source, more, f"--{name}")
            console.say(f"{name:<11}{path}")
    if plot == TERMINAL or (plot is None and console.terminal and not console.quiet and console.page is None):
        _draw_in_terminal(views[0], console)


def draw_table(table: Table, path: str, title: str) -> None:
    """Every series of a table as it was read, gaps visible, into a picture."""
    from tsforecast.plots.small_multiples import save_series

    save_series(table.frame.assign(ds=wall(table.frame["ds"].to_numpy(), table.schema.zone)), path, title=title)


def table_charts(table: Table, console: Console) -> list[str]:
    """The first few series of a table as braille charts."""
    from tsforecast.plots.small_multiples import lines_of
    from tsforecast.plots.terminal import series_chart

    lines = lines_of(table.frame.assign(ds=wall(table.frame["ds"].to_numpy(), table.schema.zone)))
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


def _draw_into_file(views: list[SeriesView], path: str, source: str, more: Mapping[str, Any], option: str) -> None:
    from tsforecast.plots.fan import save_forecast

    steps = len(views[0].forecast_ds)
    name = views[0].name if len(views) == 1 else f"{len(views):,} series"
    title = f"{'stdin' if source == '-' else Path(source).name}: {name}, {steps:,} step{'s' * (steps != 1)} ahead"
    save_forecast(ForecastView(title, views, **more), path, option)


def _prints_braille(stream: Any) -> bool:
    return "utf" in (stream.encoding or "").lower()
