"""`tsforecast inspect`: what a file is, and what would be done to it."""

from __future__ import annotations

import json
import shutil
import sys
from typing import Annotated

import typer

from tsforecast.cli.console import Console, show
from tsforecast.cli.options import PREPARING, AsJson, File, with_settings
from tsforecast.cli.settings import Settings

Dynamics = Annotated[
    bool, typer.Option("--dynamics", help="Add the chaos card: delay, dimension, exponent, verdict, horizon.")
]
Html = Annotated[str | None, typer.Option("--html", metavar="FILE", help="Write the report as one page with pictures.")]
Picture = Annotated[
    str | None,
    typer.Option(
        "--plot",
        metavar="FILE",
        help="Draw the spectrum of the first column (with --dynamics its chaos card) into a .png, .svg, .pdf or .html.",
    ),
]


@with_settings(*PREPARING)
def inspect(
    file: File,
    dynamics: Dynamics = False,
    html: Html = None,
    plot: Picture = None,
    json_: AsJson = False,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Say what a file is: dialect, columns, step, gaps, seasons, what will be repaired, what to watch."""
    from tsforecast.workflows.inspect import inspect as look

    if html or plot:
        from tsforecast.cli.reports import portrait

        portrait.check_names(html, plot)
    console.progress(f"looking at {file}")
    found = look(file, settings.read, settings.prepare, dynamics=dynamics)
    console.close()
    if json_:
        sys.stdout.write(json.dumps(found.to_dict(), ensure_ascii=False, allow_nan=False, indent=1) + "\n")
    else:
        from tsforecast.cli.reports.inspection import report

        width = shutil.get_terminal_size((80, 24)).columns
        show(report(found, width))
    if plot:
        portrait.draw(found, plot, console)
    if html:
        portrait.write_page(found, html, console)
