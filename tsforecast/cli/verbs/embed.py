"""`tsforecast embed`: the delay vectors of a series as a table."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from tsforecast.cli.console import Console
from tsforecast.cli.options import PREPARING, File, Format, LedgerFile, Output, with_settings
from tsforecast.cli.settings import Settings
from tsforecast.errors import UsageError

Delay = Annotated[int | None, typer.Option("--delay", help="Steps between the elements of a vector [default: chosen].")]
Dimension = Annotated[int | None, typer.Option("--dimension", help="Elements of a vector [default: chosen].")]


@with_settings(*PREPARING)
def embed(
    file: File,
    delay: Delay = None,
    dimension: Dimension = None,
    output: Output = None,
    format: Format = None,  # noqa: A002
    ledger: LedgerFile = None,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Write the delay vectors x(t), x(t-τ), ... of a series as a table; gaps are left open unless --impute is given."""
    if (delay is not None and delay < 1) or (dimension is not None and dimension < 1):
        raise UsageError("--delay and --dimension must be at least 1")
    from tsforecast import io
    from tsforecast.cli.reports import results
    from tsforecast.cli.reports.fitted import entry
    from tsforecast.workflows.embed import embed as run

    # A filled value is a guess, and a vector through one would be no observation.
    preparing = settings.prepare if settings.given("impute") else replace(settings.prepare, impute="none")
    panel = results.load(file, replace(settings, prepare=preparing), ledger, console).filled
    made = run(panel, delay, dimension)
    console.say(entry("delay", f"{made.delay} step{'s' * (made.delay > 1)}: {made.delay_reason}"))
    console.say(entry("dimension", f"{made.dimension}: {made.dimension_reason}"))
    crossing = f"; {made.n_left_out:,} left out because they cross a gap" if made.n_left_out else ""
    console.say(entry("vectors", f"{len(made.frame):,}{crossing}"))
    io.write(io.external(made.frame, panel.schema, panel.freq), output, format)
