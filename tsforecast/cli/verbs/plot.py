"""`tsforecast plot`: a picture of any table."""

from __future__ import annotations

from typing import Annotated

import typer

from tsforecast.cli.console import Console, show
from tsforecast.cli.options import READING, File, with_settings
from tsforecast.cli.settings import Settings

Destination = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="A .png, .svg, .pdf or .html file (default: the terminal)."),
]


@with_settings(*READING)
def plot(file: File, output: Destination = None, *, settings: Settings, console: Console) -> None:
    """Draw a table as it is, a series or a forecast, in the terminal or into a picture."""
    from tsforecast import io
    from tsforecast.cli.reports import drawing

    if output:
        from tsforecast.plots.figure import figure_suffix

        figure_suffix(output)
    table = io.read(file, settings.read)
    console.record(read=table.facts, output=output)
    if output:
        drawing.draw_table(table, output, "stdin" if file == "-" else file)
    elif not console.as_json:
        show("\n\n".join(drawing.table_charts(table, console)).split("\n"))
