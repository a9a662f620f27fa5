"""What each column of a file could be: the target, something beside it, or nothing; with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.beside import wall_times
from tsforecast.data.panel import Table

#: A candidate for the target moves between more values than this.
_FEW = 2


@dataclass(frozen=True)
class Proposal:
    """What one column could be.

    Attributes:
        column: Its name.
        role: "time", "id", "target", "flag", "category", "calendar", "static", "constant",
            "record number" or "left out".
        reason: Why, in words.
    """

    column: str
    role: str
    reason: str


def proposals(table: Table) -> list[Proposal]:
    """What each column could be, in the order of the file; those that were left out, for the reason they were."""
    found = {p.column: p for p in (*_found(table), *_left_out(table))}
    order = [str(name) for name in table.facts.get("columns", [])]
    return [found.pop(name) for name in order if name in found] + list(found.values())


def _found(table: Table) -> Iterator[Proposal]:
    """The time, the ids and the columns of numbers."""
    times = table.facts.get("time_column") or []
    for name in [times] if isinstance(times, str) else times:
        yield Proposal(name, "time", "stamps")
    if table.schema.id is not None:
        yield Proposal(table.schema.id, "id", f"names {table.frame['unique_id'].nunique():,} series")
    targets = 0
    for name in table.channels:
        values = table.frame[name].to_numpy()
        seen = np.unique(values[np.isfinite(values)])
        if len(seen) < _FEW:
            yield Proposal(name, "constant", f"every value is {seen[0]:g}" if len(seen) else "no value")
        elif np.isin(seen, (0.0, 1.0)).all():
            yield Proposal(name, "flag", "0 and 1 only; --future-col or --past-col uses it")
        elif part := _clock(table, values):
            yield Proposal(name, "calendar", f"{part} of the stamp; --calendar on says the same")
        else:
            first = "numbers that move" if not targets else "numbers that move; or beside another with --past-col"
            targets += 1
            yield Proposal(name, "target", first)


def _left_out(table: Table) -> Iterator[Proposal]:
    """What reading left out."""
    for name, reason in table.facts.get("ignored", {}).items():
        if reason.startswith("constant in each"):
            yield Proposal(name, "static", "one value a series; --static-col")
        elif reason.startswith("constant"):
            yield Proposal(name, "constant", reason)
        elif reason == "row numbers":
            yield Proposal(name, "record number", "counts the rows")
        elif reason == "truth values":
            yield Proposal(name, "flag", "truth values; --future-col or --past-col uses it")
        elif reason == "quality codes":
            yield Proposal(name, "flag", "codes of quality")
        elif reason == "text":
            yield Proposal(name, "category", "text; --future-col or --past-col uses it where its words are few")
        elif reason.endswith(" of the time"):
            yield Proposal(name, "calendar", f"{reason}; --calendar on says the same")
        elif reason != "not asked for":
            yield Proposal(name, "left out", reason)


def _clock(table: Table, values: FloatArray) -> str:
    """The part of the stamps that a column repeats; empty where it is none."""
    stamps = table.frame["ds"].to_numpy()
    if stamps.dtype.kind != "M" or len(stamps) < 3 or not np.isfinite(values).all():
        return ""
    wall = wall_times(stamps, table.schema.zone)
    days, months = wall.astype("datetime64[D]"), wall.astype("datetime64[M]")
    weekday = (days.astype("int64") + 3) % 7
    parts = {
        "the hour": [(wall - days) // np.timedelta64(1, "h")],
        "the weekday": [weekday, weekday + 1, (weekday + 1) % 7, (weekday + 1) % 7 + 1],
        "the day of the month": [(days - months.astype("datetime64[D]")).astype("int64") + 1],
        "the month": [months.astype("int64") % 12 + 1],
        "the year": [wall.astype("datetime64[Y]").astype("int64") + 1970],
    }
    return next((part for part, ways in parts.items() if any(np.array_equal(way, values) for way in ways)), "")
