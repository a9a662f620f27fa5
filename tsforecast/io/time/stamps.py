"""A column of text to instants, decided over the whole column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from tsforecast.data.panel import IntArray
from tsforecast.errors import DataError
from tsforecast.io.cells.numbers import is_missing
from tsforecast.io.time.stamp_patterns import (
    CLOCK,
    DAY_MONTH,
    MONTH_YEAR,
    PATTERNS,
    SHORT_ZONES,
    DeltaArray,
    Matches,
    StampArray,
    clocks_of,
    compiled,
    dates_of,
    interval_start,
    offsets_of,
    tidy,
)

#: A column holds stamps where more than this share of its present cells can be read.
_ENOUGH = 0.5
#: Day-first and month-first cells may contradict each other in at most this share of the telling ones.
_SLIPS = 0.02
#: Stamps are regular where one step covers this share of them.
_REGULAR = 0.9
#: Below this share of days that have rows, stamps within the day are not what the other reading makes of them.
_HOLES = 0.2
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?|")


@dataclass(frozen=True)
class Parsed:
    """A column of text read as stamps.

    Attributes:
        stamps: datetime64[us] `(row,)`: UTC where `offsets` is given, else wall time. NaT where missing or unreadable.
        format: The pattern met, readable.
        dayfirst: How D/M/Y was read; None where it did not arise.
        offsets: Minutes east of UTC `(row,)` where the stamps carry a zone, else None.
        notes: What a person should know about the choice.
    """

    stamps: StampArray
    format: str
    dayfirst: bool | None = None
    offsets: IntArray | None = None
    notes: tuple[str, ...] = ()


def parse_stamps(texts: list[str], dayfirst: bool | None = None, where: str = "") -> Parsed | None:
    """Read a column of text as stamps, or None where it is not one.

    The pattern that fits most of the column is its format; cells of another, unambiguous pattern are read too.

    Args:
        texts: Cells `(row,)`.
        dayfirst: How to read 1/2/2020; None decides over the whole column.
        where: How messages call the column.

    Raises:
        DataError: Where day and month cannot be told apart, or contradict each other.
    """
    iso = _parse_iso(texts)
    if iso is not None:
        return iso
    codes, distinct = pd.factorize(np.array(texts, dtype=object))
    cells = [tidy(c) for c in distinct]
    by_pattern = _match(cells)
    intervals = [c for c in distinct if interval_start(c.strip())]
    matched = np.zeros(len(cells), dtype=bool)
    for rows, _ in by_pattern.values():
        matched[rows] = True
    present = np.array([not is_missing(c) for c in cells])[codes]
    if not matched[codes].sum() > _ENOUGH * present.sum():
        return None
    if next(iter(by_pattern)) == MONTH_YEAR and _names_days(*by_pattern[MONTH_YEAR], codes):
        return None
    order: bool | None = None
    notes: list[str] = []
    if intervals:
        notes.append(f"{where}: stamps are intervals ('{intervals[0][:60]}'): their start is taken")
    if DAY_MONTH in by_pattern:
        order, note = _day_first(*by_pattern[DAY_MONTH], codes, dayfirst, where)
        notes += [note] if note else []
    stamps = np.full(len(cells), np.datetime64("NaT"), dtype="datetime64[us]")
    offsets = np.zeros(len(cells), dtype="int64")
    zoned = shorts = False
    seen: list[int | None] = []
    for rows, matches in by_pattern.values():
        stamps[rows] = dates_of(matches, bool(order)).astype("datetime64[us]") + clocks_of(matches)
        found = offsets_of(matches)
        seen += found
        shorts = shorts or any((m.groupdict().get("z") or "") in SHORT_ZONES for m in matches)
        zoned = zoned or any(o is not None for o in found)
        offsets[rows] = [o or 0 for o in found]
    if any(len((m.groupdict().get("f") or "").rstrip("0")) > 6 for _, matches in by_pattern.values() for m in matches):
        notes.append(f"{where}: stamps are finer than a microsecond and were cut")
    if zoned and shorts and sum(o is not None for o in seen) <= _ENOUGH * len(seen):
        # Only the hour that autumn repeats is told apart by short names: the rest is wall time, and so is this.
        offsets[:], zoned = 0, False
    stamps = stamps - (offsets * 60_000_000).astype("timedelta64[us]")
    name = next(iter(by_pattern))
    if name == DAY_MONTH:
        name = "DD/MM/YYYY" if order else "MM/DD/YYYY"
    timed = any(m.groupdict().get("h") for _, matches in by_pattern.values() for m in matches[:100])
    name = f"{name} HH:MM" if timed and "HH" not in name else name
    return Parsed(stamps[codes], name, order, offsets[codes] if zoned else None, tuple(notes))


def parse_clock(texts: list[str]) -> DeltaArray | None:
    """Read a column as times of day, timedelta64[us] `(row,)`, NaT where unreadable; None where it is not one."""
    codes, cells = pd.factorize(np.array(texts, dtype=object))
    found = [(i, m) for i, c in enumerate(cells) if (m := compiled(CLOCK).fullmatch(tidy(c)))]
    clock = np.full(len(cells), np.timedelta64("NaT"), dtype="timedelta64[us]")
    if found:
        clock[[i for i, _ in found]] = clocks_of([m for _, m in found])
    present = np.array([not is_missing(c) for c in cells])[codes]
    result = clock[codes]
    return result if (~np.isnat(result)).sum() > _ENOUGH * present.sum() else None


def _parse_iso(texts: list[str]) -> Parsed | None:
    """The common case in one stroke: every cell is ISO 8601 without zone, or empty."""
    match = _ISO.fullmatch
    if not all(map(match, texts)) or not any(texts):
        return None
    try:
        stamps = np.array(texts, dtype="datetime64[us]")
    except ValueError:
        return None
    timed = max(map(len, texts)) > 10
    return Parsed(stamps, "YYYY-MM-DD HH:MM" if timed else "YYYY-MM-DD")


def _match(cells: list[str]) -> dict[str, tuple[IntArray, Matches]]:
    """Indices and matches by pattern, the most frequent pattern first; D/M/Y only where it is that one."""
    sample = [c for c in cells[:: max(1, len(cells) // 200)] if not is_missing(c)]
    hits = {name: sum(compiled(p).fullmatch(c) is not None for c in sample) for name, p in PATTERNS.items()}
    main = max(hits, key=lambda name: hits[name])
    if not hits[main]:
        return {}
    ranked = [main, *(name for name in PATTERNS if name not in (main, DAY_MONTH))]
    found: dict[str, tuple[list[int], Matches]] = {}
    for i, cell in enumerate(cells):
        if is_missing(cell):
            continue
        for name in ranked:
            match = compiled(PATTERNS[name]).fullmatch(cell)
            if match:
                rows, matches = found.setdefault(name, ([], []))
                rows.append(i)
                matches.append(match)
                break
    return {name: (np.array(found[name][0], dtype="int64"), found[name][1]) for name in ranked if name in found}


def _names_days(rows: IntArray, matches: Matches, codes: IntArray) -> bool:
    """Whether "May 30" is a day of May and not May of 2030: from row to row it is the number that changes."""
    if any(len(m["Y"]) > 2 for m in matches):
        return False
    pairs = {int(row): (m["mon"].lower(), int(m["Y"])) for row, m in zip(rows, matches, strict=True)}
    known = [pairs[c] for c in codes.tolist() if c in pairs]
    steps = [(a[0] != b[0], a[1] != b[1]) for a, b in pairwise(known) if a != b]
    return sum(number and not month for month, number in steps) > 0.5 * len(steps)


def _day_first(rows: IntArray, matches: Matches, codes: IntArray, asked: bool | None, where: str) -> tuple[bool, str]:
    """Whether 1/2/2020 is the first of February, decided over the whole column, and a note if it was not evident."""
    if asked is not None:
        return asked, ""
    first = np.array([int(m["a"]) for m in matches])
    second = np.array([int(m["b"]) for m in matches])
    for_day, for_month = int((first > 12).sum()), int((second > 12).sum())
    if min(for_day, for_month) > _SLIPS * (for_day + for_month):
        day, month = matches[int(np.argmax(first > 12))][0], matches[int(np.argmax(second > 12))][0]
        raise DataError(
            f"{where} mixes day-first dates ({day}) with month-first dates ({month})",
            "--dayfirst or --monthfirst reads the others as missing",
        )
    if for_day or for_month or bool((first == second).all()):
        return for_day > for_month, ""
    if matches[0]["sep"] == ".":
        return True, f"{where}: dates with dots are read as DD.MM.YYYY (--monthfirst if not)"
    regular, days = {}, {}
    for dayfirst in (True, False):
        stamps = np.full(int(codes.max()) + 1, np.datetime64("NaT"), dtype="datetime64[us]")
        stamps[rows] = dates_of(matches, dayfirst).astype("datetime64[us]") + clocks_of(matches)
        regular[dayfirst] = _regularity(stamps[codes])
        days[dayfirst] = len(np.unique(stamps[codes].astype("datetime64[D]"))) / max(1, _span(stamps[codes]))
    best, other = max(regular.values()), min(regular.values())
    if best >= _REGULAR and (other < _REGULAR or best == 1 > other):
        told = "DD/MM" if regular[True] == best else "MM/DD"
        return regular[True] == best, f"{where}: read as {told}, the only reading that gives regular stamps"
    timed = len({m[0].partition(" ")[2] for m in matches[:1000]}) > 1
    if other >= _REGULAR and timed and max(days.values()) >= _REGULAR and min(days.values()) < _HOLES:
        told = "DD/MM" if days[True] > days[False] else "MM/DD"
        return days[True] > days[False], f"{where}: read as {told}, the only reading without weeks between the days"
    raise DataError(
        f"{where} may be DD/MM or MM/DD: {matches[0][0]} and all others fit both", "--dayfirst or --monthfirst"
    )


def _span(stamps: StampArray) -> int:
    """Days from the first to the last stamp."""
    known = stamps[~np.isnat(stamps)].astype("datetime64[D]").astype("int64")
    return int(np.ptp(known)) + 1 if len(known) else 0


def _regularity(stamps: StampArray) -> float:
    """Share of the steps that are the commonest one, in time or in whole months; 0 where stamps go back and forth."""
    known = stamps[~np.isnat(stamps)]
    steps = np.diff(known).astype("int64")
    if len(known) < 3 or ((steps < 0).any() and (steps > 0).any()):
        return 0.0
    months = known.astype("datetime64[M]")
    monthly = len(np.unique((known - months.astype("datetime64[us]")).astype("int64"))) == 1
    best = 0.0
    for candidates in (steps, np.diff(months.astype("int64"))) if monthly else (steps,):
        _, counts = np.unique(candidates[candidates != 0], return_counts=True)
        best = max(best, float(counts.max() / counts.sum()) if len(counts) else 0.0)
    return best
