"""`tsforecast forecast`: the main job, from a file to a forecast, its picture and the truth about it."""

from __future__ import annotations

from typing import Annotated

import typer

from tsforecast.cli.console import Console
from tsforecast.cli.options import TRAINING, File, Format, LedgerFile, Output, Plot, with_settings
from tsforecast.cli.settings import Settings

RequireSkill = Annotated[bool, typer.Option("--require-skill", help="End with exit 6 unless the forecast beats the naive one.")]


@with_settings(*TRAINING)
def forecast(
    file: File,
    output: Output = None,
    format: Format = None,  # noqa: A002
    plot: Plot = None,
    ledger: LedgerFile = None,
    require_skill: RequireSkill = False,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Forecast what comes next: read, repair, train, roll forward, and say how good it is."""
    from tsforecast import workflows
    from tsforecast.cli import drawing, report, results

    prepared = results.load(file, settings, ledger, console)
    fitted = workflows.fit(prepared.panel, results.fit_settings(settings), console.progress)
    made = workflows.forecast(fitted)
    report.fit_report(console, fitted)
    results.check_skill(fitted, require_skill)
    drawing.draw_forecast(plot, fitted, made, prepared.ledger, console)
    results.write_forecast(made, output, format)
