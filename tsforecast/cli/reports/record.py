"""The whole report of a run as one JSON object (docs/report.md): `--json` prints it, `--report FILE` writes it."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tsforecast import __version__
from tsforecast.cli.console import Console
from tsforecast.errors import ExitCode, TsforecastError

if TYPE_CHECKING:
    import pandas as pd

    from tsforecast.data.panel import Freq, Schema

REPORT_VERSION = 1
"""Keys may be added to a version; none is renamed, taken away or given another meaning."""
# These end a run that got to its end: what it found is worth reading.
_TO_THE_END = (ExitCode.NO_SKILL, ExitCode.PARTIAL)


@contextmanager
def reported(verb: str, console: Console, path: str | None) -> Iterator[None]:
    """Give out what the block records with `console.record`.

    Args:
        verb: That was run.
        console: Whose `facts` are the report; with `as_json` they go to stdout, unless the run failed before its end.
        path: Where to write them, too, if anywhere; also where the run failed.
    """
    try:
        yield
    except TsforecastError as error:
        told = {"code": int(error.exit_code), "message": error.message, "hint": error.hint}
        _give_out(verb, console, path, told, on_stdout=error.exit_code in _TO_THE_END)
        raise
    _give_out(verb, console, path, None, on_stdout=True)


def _give_out(verb: str, console: Console, path: str | None, error: dict[str, Any] | None, *, on_stdout: bool) -> None:
    if path is None and not (console.as_json and on_stdout):
        return
    whole = _whole(verb, console, error)
    text = json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    if path is not None:
        from tsforecast.io.files import write_whole

        write_whole(path, text.encode(), "--report")
    if console.as_json and on_stdout:
        line = json.dumps(whole, ensure_ascii=False, allow_nan=False) + "\n"
        sys.stdout.write(line if console.one_line else text)


def _whole(verb: str, console: Console, error: dict[str, Any] | None) -> dict[str, Any]:
    from tsforecast.data.plain import plain

    found: dict[str, Any] = plain(
        {
            "report_version": REPORT_VERSION,
            "tsforecast": __version__,
            "verb": verb,
            "exit": error["code"] if error else 0,
            "error": error,
            "warnings": console.warnings,
            "seconds": round(console.seconds, 3),
            **console.facts,
        }
    )
    return found


def publish(
    frame: pd.DataFrame,
    schema: Schema,
    freq: Freq,
    output: str | None,
    format_name: str | None,
    console: Console,
    *,
    safe: bool = False,
) -> None:
    """A table under the user's names, to a file or stdout; with `--json` and no file, into the report as `rows`."""
    from tsforecast import io

    console.record(output=output)
    if console.as_json and output is None:
        console.record(rows=list(io.records(io.external(frame, schema, freq))))
        return
    if output is None and format_name is None and sys.stdout.isatty():
        frame = sensible(frame)
    io.publish(frame, schema, freq, output, format_name, safe=safe)


def sensible(frame: pd.DataFrame) -> pd.DataFrame:
    """A table for a person to read: four digits of what its numbers differ by, all digits before the point.

    Columns that begin alike (`yhat`, `yhat_lo_80`) are rounded alike, each series as it needs.
    """
    import numpy as np

    numbers = [name for name in frame.columns if frame[name].dtype.kind == "f"]
    groups: dict[str, list[str]] = {}
    for name in numbers:
        groups.setdefault(str(name).partition("_lo_")[0].partition("_hi_")[0], []).append(name)
    keys = [name for name in ("unique_id", "channel") if name in frame.columns]
    made = frame.copy()
    for columns in groups.values():
        for _, rows in frame.groupby(keys, sort=False) if keys else [("", frame)]:
            values = rows[columns].to_numpy()
            known = values[np.isfinite(values)]
            spread = float(np.ptp(known)) if len(known) else 0.0
            spread = spread or float(np.abs(known).max(initial=0.0))
            if spread > 0:
                decimals = max(0, 3 - math.floor(math.log10(spread)))
                made.loc[rows.index, columns] = np.round(values, decimals)
    return made
