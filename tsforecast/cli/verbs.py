"""The verbs, in the order in which `--help` lists them."""

from __future__ import annotations

import typer

VERBS = (
    "forecast",
    "fit",
    "predict",
    "update",
    "backtest",
    "prepare",
    "inspect",
    "embed",
    "plot",
    "synth",
    "models",
    "doctor",
)


def register(app: typer.Typer) -> None:
    """Add every verb to the application, once."""
    if app.registered_commands:
        return
    from importlib import import_module

    for verb in VERBS:
        app.command(verb)(getattr(import_module(f"tsforecast.cli.{verb}"), verb))
