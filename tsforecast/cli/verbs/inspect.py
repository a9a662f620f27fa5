"""`tsforecast inspect`: what a file is, and what would be done to it."""

from __future__ import annotations

import shutil
from typing import Annotated

import typer

from tsforecast.cli.console import Console, show
from tsforecast.cli.options import PREPARING, File, with_settings
from tsforecast.cli.settings import Settings
from tsforecast.errors import UsageError

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
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Say what a file is: its columns, step, gaps, seasons, repairs, what to watch; of a model, its card."""
    from tsforecast.bundle.container import is_model

    width = shutil.get_terminal_size((80, 24)).columns
    if file != "-" and is_model(file):
        if dynamics or html or plot:
            raise UsageError(f"{file} is a saved model, which has no dynamics and no picture", "inspect its data")
        _card(file, width, console)
        return
    from tsforecast.workflows.inspect import inspect as look

    if html or plot:
        from tsforecast.cli.reports import portrait

        portrait.check_names(html, plot)
    console.progress(f"looking at {file}")
    found = look(file, settings.read, settings.prepare, dynamics=dynamics)
    console.close()
    console.record(**found.to_dict())
    if not console.as_json:
        from tsforecast.cli.reports.inspection import report

        show(report(found, width))
    if plot:
        portrait.draw(found, plot, console)
    if html:
        portrait.write_page(found, html, console)


def _card(file: str, width: int, console: Console) -> None:
    """The card of a saved model."""
    from tsforecast.cli.reports.saved_model import card_lines
    from tsforecast.workflows.saved.model_card import model_card

    card = model_card(file)
    console.record(**card.to_dict())
    if not console.as_json:
        show(card_lines(card, width))
