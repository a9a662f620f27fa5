"""`tsforecast plot`: a picture of any series."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tsforecast.cli.console import Console
from tsforecast.cli.options import PREPARING, File, with_settings
from tsforecast.cli.settings import Settings

Destination = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="A .png, .svg, .pdf or .html file [default: draw in the terminal]."
    ),
]


@with_settings(*PREPARING)
def plot(file: File, output: Destination = None, *, settings: Settings, console: Console) -> None:
    """Draw the series of a file, in the terminal or into a picture."""
    from tsforecast.cli import drawing, results

    panel = results.load(file, settings, None, console).panel
    if output:
        drawing.draw_panel(panel, output)
    else:
        sys.stdout.write(drawing.panel_charts(panel, console) + "\n")
