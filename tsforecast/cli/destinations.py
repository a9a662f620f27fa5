"""Where a run is to write: refused before any work where it could not be written after it."""

from __future__ import annotations

import os
from typing import Any

import typer

from tsforecast.cli import streams
from tsforecast.errors import UsageError

PICTURES = ("plot", "html", "plot_attention", "plot_training")
DESTINATIONS = ("output", *PICTURES, "ledger", "status", "report", "history", "state")
TO_STREAMS = {"ledger", "status", "report"}
STANDARD, STDOUT = "-", "/dev/stdout"


def check_destinations(context: typer.Context, arguments: dict[str, Any], *, as_json: bool) -> None:
    """Refuse what could not be written; "-" of what is no picture becomes the stdout that it stands for.

    Raises:
        UsageError: Two results go to one place, or a suffix says no format there is.
        NotReadableError: A place cannot be written.
    """
    if as_json and arguments.get("format") and arguments.get("output") is None:
        raise UsageError("--format is that of a table, and --json has the report in its place", "-o FILE for the table")
    asked = {name: arguments[name] for name in DESTINATIONS if arguments.get(name) is not None}
    if "output" not in asked or as_json:
        streams.check_stdout()
    if not asked and not arguments.get("format"):
        return
    from tsforecast.io.files import table_format

    options = {str(p.name): min(p.opts, key=len) for p in context.command.params}
    for name in TO_STREAMS & asked.keys():
        if asked[name] == STANDARD:
            if "output" not in asked or as_json:
                raise UsageError(f"the result and {options[name]} {STANDARD} both go to stdout", "-o FILE")
            arguments[name] = asked[name] = STDOUT
    _check_places(asked, options)
    if "format" in arguments:
        table_format(arguments["output"], arguments["format"])
    for name in PICTURES:
        if asked.get(name, STANDARD) != STANDARD:
            from tsforecast.plots.figure import figure_suffix

            figure_suffix(asked[name])


def _check_places(asked: dict[str, Any], options: dict[str, str]) -> None:
    from tsforecast.io.files import check_destination, is_stream

    places: dict[str, str] = {}
    for name, path in asked.items():
        if path == STANDARD:
            continue
        check_destination(path, options[name])
        first = places.setdefault(os.path.realpath(path), options[name])
        if first != options[name] and not is_stream(path):
            raise UsageError(f"{first} and {options[name]} both name {path}", "one would overwrite the other")
