"""What became of each series: said, written where asked for, and the end of a run that left some out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tsforecast.cli.console import Console
from tsforecast.cli.reports.lines import entry
from tsforecast.errors import PartialSuccessError

if TYPE_CHECKING:
    from tsforecast.data.status import SeriesStatus

MOST_SAID = 8


def status_lines(status: Sequence[SeriesStatus]) -> Iterator[str]:
    """A line for each series that was left out or is doubtful, up to eight of each."""
    for state in ("left out", "doubtful"):
        own = [row for row in status if row.state == state]
        for i, row in enumerate(own[:MOST_SAID]):
            yield entry(state if i == 0 else "", f"{row.name}: {row.reason}")
        if len(own) > MOST_SAID:
            yield entry("", f"and {len(own) - MOST_SAID:,} more; --status FILE lists them all")


def write_status(status: Sequence[SeriesStatus], path: str | None, console: Console) -> None:
    """One JSON object a line for each series, into the report and the file asked for, if any; "-" is stdout."""
    console.record(status=[row.facts() for row in status])
    if path is None:
        return
    from tsforecast.io.files import write_whole

    lines = "".join(json.dumps(row.facts(), ensure_ascii=False, allow_nan=False) + "\n" for row in status)
    if path == "-":
        sys.stdout.write(lines)
    else:
        write_whole(path, lines.encode(), "--status")


def end_of(status: Sequence[SeriesStatus]) -> None:
    """End a run that has written what it could.

    Raises:
        PartialSuccessError: A series was left out.
    """
    left_out = [row for row in status if row.state == "left out"]
    if left_out:
        named = ", ".join(row.name for row in left_out[:3]) + (" …" if len(left_out) > 3 else "")
        raise PartialSuccessError(
            f"{len(left_out):,} of {len(status):,} series {'was' if len(left_out) == 1 else 'were'} left out: {named}",
            "the report says why, and --status FILE lists every series",
        )
