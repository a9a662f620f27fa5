"""The application and its verbs, in the order in which `--help` lists them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any

import typer
import typer.main

from tsforecast.cli.options import Verb
from tsforecast.errors import ExitCode

VERBS = (
    "forecast",
    "fit",
    "predict",
    "stream",
    "update",
    "compress",
    "backtest",
    "batch",
    "replay",
    "score",
    "prepare",
    "inspect",
    "embed",
    "plot",
    "synth",
    "models",
    "doctor",
)


@dataclass(frozen=True)
class Described:
    """What a verb may ask of the application that it is a part of.

    Attributes:
        verbs: Names of all of them.
        options: Names of their options; describes every verb, which takes a while.
        every_option: Whether help is to list the rarer options, too.
    """

    verbs: tuple[str, ...]
    options: Callable[[], set[str]]
    every_option: bool = False


def _options_of_every_verb() -> set[str]:
    group: Any = typer.main.get_command(application())
    return {p.name for verb in group.commands.values() for p in verb.params}


def application(asked: str | None = None, *, every_option: bool = False) -> typer.Typer:
    """The application with every verb; with only the one asked for where there is such a verb.

    With `every_option` the help of a verb lists the rarer ones, too.

    Describing a dozen verbs takes longer than a prediction: a start that needs one of them pays for one.
    """
    app = typer.Typer(
        name="tsforecast",
        help="Forecast any time series from the terminal: repaired, honest, with measured intervals.",
        epilog="Every verb: tsforecast VERB --help (--all lists its rarer options). --debug shows tracebacks.",
        no_args_is_help=False,
        add_completion=asked not in VERBS,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={
            "help_option_names": ["-h", "--help"],
            "max_content_width": 100,
            "obj": Described(VERBS, _options_of_every_verb, every_option),
        },
    )
    app.callback()(top)
    for verb in [asked] if asked in VERBS else VERBS:
        app.command(verb, cls=Verb)(getattr(import_module(f"tsforecast.cli.verbs.{verb}"), verb))
    return app


def _show(version_asked: bool) -> None:
    if version_asked:
        from tsforecast import __version__

        sys.stdout.write(f"tsforecast {__version__}\n")
        raise typer.Exit(ExitCode.OK)


def top(
    version: Annotated[
        bool,
        typer.Option("--version", metavar="", help="Show the version and end.", is_eager=True, callback=_show),
    ] = False,
) -> None:
    """Forecast any time series from the terminal: repaired, honest, with measured intervals."""
