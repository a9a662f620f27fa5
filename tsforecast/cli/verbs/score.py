"""`tsforecast score`: what came against what was forecast, and whether the forecast still holds what it promised."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from tsforecast.cli.console import Console
from tsforecast.cli.destinations import STANDARD
from tsforecast.cli.options import PREPARING, with_settings
from tsforecast.cli.settings import Settings
from tsforecast.errors import UsageError

Forecast = Annotated[str, typer.Argument(metavar="FORECAST", help="What forecast or predict wrote; - is stdin.")]
Actuals = Annotated[
    str,
    typer.Argument(metavar="ACTUALS", help="What has come, best with the rows before the forecast; - is stdin."),
]
History = Annotated[
    str | None,
    typer.Option("--history", metavar="FILE", help="Append the score to this CSV, and judge with those before."),
]


@with_settings(*PREPARING, also=("season_length",))
def score(
    forecast: Forecast,
    actuals: Actuals,
    history: History = None,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Compare a forecast with what came; end with exit 6 where it no longer holds what it promised."""
    if forecast == actuals == STANDARD:
        raise UsageError("the forecast and the actuals cannot both come from stdin", "give one of them as a file")
    from tsforecast import io
    from tsforecast.cli.reports import scored as report
    from tsforecast.errors import BrokenPromiseError
    from tsforecast.io.forecast_file import read_forecast
    from tsforecast.workflows.score import actuals as on_a_grid
    from tsforecast.workflows.score import score as run

    made = read_forecast(forecast, settings.read)
    reading = replace(
        settings.read,
        id_col=settings.read.id_col or made.schema.id,
        zone=settings.read.zone or made.schema.zone,
        joint=False,
    )
    came = on_a_grid(io.read(actuals, reading), made, settings.prepare)
    console.record(read=came.table.facts, prepared=came.report.to_dict(), repairs=came.ledger.counts())
    repaired = came.report.summary_lines()[1]
    own = [] if repaired.endswith(": nothing") else [repaired]
    for note in [*(f"forecast: {note}" for note in made.table.facts["notes"]), *came.table.facts["notes"], *own]:
        console.say(f"note: {note}")
    for note in came.report.notes:
        console.say(f"note: {note}")
    scored = run(made, came, settings.model.season_length)
    promise = report.judged(scored.score, "stdin" if forecast == STANDARD else forecast, made, history)
    report.show_score(scored, promise, made, console)
    if promise.broken:
        raise BrokenPromiseError(
            f"the forecast no longer holds what it promised: {'; '.join(promise.broken)}",
            "fit the model again on newer rows",
        )
