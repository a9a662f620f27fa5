"""Which columns tell the time, and what they say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np
import pandas as pd

from tsforecast.data.panel import FloatArray
from tsforecast.errors import DataError
from tsforecast.io.cells.numbers import Marks, is_missing
from tsforecast.io.sheet import Column, Sheet
from tsforecast.io.time.axis import TIME_NAME, TimeAxis
from tsforecast.io.time.counted import count_axis, count_time, numbers_of
from tsforecast.io.time.stamp_patterns import DeltaArray, StampArray, civil_days, looks_like_clock, looks_like_stamp
from tsforecast.io.time.stamps import parse_clock, parse_stamps
from tsforecast.io.time.yearless import is_yearless, with_year

#: Part of a stamp: names of its column, range, microseconds of one unit (0 for the parts of a date).
_PARTS: dict[str, tuple[frozenset[str], float, float, int]] = {
    "year": (frozenset({"year", "yr", "y", "yyyy", "jahr", "année", "annee", "年"}), 1, 9999, 0),
    "month": (frozenset({"month", "mo", "mon", "m", "mm", "monat", "mois", "月"}), 1, 12, 0),
    "day": (frozenset({"day", "d", "dd", "dom", "mday", "tag", "jour", "日"}), 1, 31, 0),
    "hour": (frozenset({"hour", "hours", "hr", "h", "hh", "stunde", "heure", "時"}), 0, 24, 3_600_000_000),
    "minute": (frozenset({"minute", "minutes", "min", "mi", "mn", "分"}), 0, 59, 60_000_000),
    "second": (frozenset({"second", "seconds", "sec", "s", "ss", "秒"}), 0, 60, 1_000_000),
}
_SAMPLE = 60
#: Rows from which on two columns without names may be years and months.
_FEW_MONTHS = 6


def find_time(
    grid: Sheet, asked: str | None, dayfirst: bool | None, taken: set[str], marks: Marks, *, repeats: bool = False
) -> TimeAxis:
    """The time axis of a table: stamps by content, names breaking ties, then numbers that count time, else row numbers.

    Args:
        grid: The columns.
        asked: The user's ``--time-col``; a date and a time of day, or parts of a date, joined by "+" or ","; "none"
            where the rows are just in order.
        dayfirst: The user's ``--dayfirst`` or ``--monthfirst``.
        taken: Columns that serve another purpose (the id, the targets).
        marks: How numbers are written.
        repeats: There are several series, so that time starts over.

    Raises:
        DataError: Where the asked column is absent or is no time, or day and month cannot be told apart.
    """
    if asked == "none" and all(c.name != "none" for c in grid.columns):
        return TimeAxis(np.arange(len(grid), dtype="int64"), (), "row numbers")
    if asked is not None:
        return _asked_axis(grid, asked, dayfirst, marks)
    free = [c for c in grid.columns if c.name not in taken]
    axis = _stamp_axis(free, dayfirst, marks) or _parts_axis(free, marks) or _dated_years(free, dayfirst, marks)
    axis = axis or count_axis(free, marks, repeats=repeats)
    return axis or TimeAxis(np.arange(len(grid), dtype="int64"), (), "row numbers")


def _asked_axis(grid: Sheet, asked: str, dayfirst: bool | None, marks: Marks) -> TimeAxis:
    by_name = {c.name: c for c in grid.columns}
    names = [asked] if asked in by_name else [n.strip() for n in re.split(r"[+,]", asked)]
    absent = [n for n in names if n not in by_name]
    if absent:
        raise DataError(f"there is no column '{absent[0]}'", f"columns: {', '.join(list(by_name)[:20])}")
    chosen = [by_name[n] for n in names]
    axis = _stamp_axis(chosen, dayfirst, marks)
    if axis is None:
        axis = count_time(chosen[0], marks, sure=True) if len(chosen) == 1 else _parts_axis(chosen, marks)
    if axis is None:
        texts = chosen[0].texts or []
        k = next((i for i, t in enumerate(texts) if not is_missing(t) and not looks_like_stamp(t)), 0)
        where = f": line {grid.lines[k]} says '{texts[k][:40]}'" if texts else ""
        if texts and is_yearless(texts[k]):
            hint = f"--time-col {names[0]}+COLUMN with a column that has the year, or --time-col none: rows in order"
            raise DataError(f"the dates of column '{names[0]}' have no year{where}", hint)
        raise DataError(f"column '{names[0]}' is no time{where}", "name another with --time-col")
    return axis


def _mostly(texts: list[str], test: Callable[[str], bool]) -> bool:
    """Whether a sample of the present cells mostly passes a test."""
    present = [t for t in texts[:: max(1, len(texts) // (4 * _SAMPLE))] if not is_missing(t)]
    if len(present) < 5:
        present = [t for t in texts if not is_missing(t)]
    sample = present[:: max(1, len(present) // _SAMPLE)]
    return bool(sample) and sum(map(test, sample)) > 0.5 * len(sample)


def _stamp_axis(columns: list[Column], dayfirst: bool | None, marks: Marks) -> TimeAxis | None:
    """The best column of written stamps, joined with a column of times of day where it holds dates alone.

    Best is: present in most rows, most distinct, named like a time, leftmost.
    """
    found = [k for k, c in enumerate(columns) if holds_stamps(c)]
    if len(found) > 1:
        # "12.05.30" is a date and a time of day: beside a column that can only be dates it is the latter.
        found = [k for k in found if not _mostly(columns[k].texts or [], looks_like_clock)] or found
        found.sort(
            key=lambda k: (*_shares(columns[k]), TIME_NAME.search(columns[k].name) is not None, -k), reverse=True
        )
    for k in found:
        axis = _read_stamps(columns[k], dayfirst)
        if axis is not None:
            return _with_clock(axis, columns, k, marks)
    return None


def holds_stamps(column: Column) -> bool:
    """Whether a column is of stamps, written or typed."""
    return column.stamps is not None or (column.texts is not None and _mostly(column.texts, looks_like_stamp))


def _shares(column: Column) -> tuple[float, float]:
    """Roughly which share of a column's rows holds stamps, and different ones."""
    if column.stamps is not None:
        known = pd.Series(column.stamps[~np.isnat(column.stamps)])
        return round(len(known) / len(column.stamps), 2), round(known.nunique() / len(column.stamps), 1)
    counts = Counter(column.texts)
    missing = [text for text in counts if is_missing(text)]
    n = max(1, counts.total())
    return round(1 - sum(counts[text] for text in missing) / n, 2), round((len(counts) - len(missing)) / n, 1)


def _read_stamps(column: Column, dayfirst: bool | None) -> TimeAxis | None:
    if column.stamps is not None:
        offsets = np.zeros(len(column.stamps), dtype="int64") if column.zone else None
        name = "YYYY-MM-DD HH:MM" if _has_clock(column.stamps) else "YYYY-MM-DD"
        return TimeAxis(column.stamps, (column.name,), name, offsets, column.zone)
    parsed = parse_stamps(column.texts or [], dayfirst, f"column '{column.name}'")
    if parsed is None:
        return None
    return TimeAxis(parsed.stamps, (column.name,), parsed.format, parsed.offsets, None, parsed.dayfirst, parsed.notes)


def _with_clock(axis: TimeAxis, columns: list[Column], k: int, marks: Marks) -> TimeAxis:
    """Dates joined with the time of day in another column, if there is one."""
    dates = cast("StampArray", axis.ds)
    if axis.offsets is not None or _has_clock(dates):
        return axis
    known = dates[~np.isnat(dates)]
    others = [c for c in columns if c is not columns[k]]
    others.sort(key=lambda c: (TIME_NAME.search(c.name) is None, abs(columns.index(c) - k)))
    for column in others:
        beside = abs(columns.index(column) - k) == 1 or TIME_NAME.search(column.name)
        if beside and column.texts is not None and _mostly(column.texts, looks_like_clock):
            clock = parse_clock(column.texts)
            if clock is not None:
                return _joined(axis, dates + clock, [column.name], "HH:MM")
    parts = _find_parts(others, marks)
    if "hour" in parts and len(np.unique(known)) < len(known):
        names = [n for n in ("hour", "minute", "second") if n in parts]
        return _joined(axis, dates + _clock_of(parts), [parts[n][0] for n in names], "/".join(names))
    return axis


def _has_clock(stamps: StampArray) -> bool:
    """Whether any stamp is not midnight; the first thousand nearly always tell."""
    for part in (stamps[:1000], stamps):
        known = part[~np.isnat(part)]
        if (known.astype("int64") % 86_400_000_000).any():
            return True
    return False


def _joined(axis: TimeAxis, ds: StampArray, names: list[str], written: str) -> TimeAxis:
    return replace(axis, ds=ds, columns=(*axis.columns, *names), format=f"{axis.format} + {written}")


def _find_parts(columns: list[Column], marks: Marks) -> dict[str, tuple[str, FloatArray]]:
    """Columns that are a year, month, ... by name and range: part to name and values."""
    found: dict[str, tuple[str, FloatArray]] = {}
    used: set[str] = set()
    for part, (names, low, high, _) in _PARTS.items():
        for column in columns:
            if column.name.strip().lower() not in names or column.name in used:
                continue
            values = numbers_of(column, marks)
            if values is not None and (np.isnan(values) | ((values >= low) & (values <= high))).all():
                found[part] = (column.name, values)
                used.add(column.name)
                break
    return found or _unnamed_months(columns, marks)


def _dated_years(columns: list[Column], dayfirst: bool | None, marks: Marks) -> TimeAxis | None:
    """A column of years beside one of dates without a year."""
    year = _find_parts(columns, marks).get("year")
    column = next((c for c in columns if c.texts is not None and _mostly(c.texts, is_yearless)), None)
    if year is None or column is None or column.texts is None:
        return None
    name, years = year
    texts = [with_year(t, int(y)) if y == y and t else "" for t, y in zip(column.texts, years.tolist(), strict=True)]
    parsed = parse_stamps(texts, dayfirst, f"columns '{name}' and '{column.name}'")
    if parsed is None:
        return None
    return TimeAxis(parsed.stamps, (name, column.name), parsed.format, None, None, parsed.dayfirst, parsed.notes)


def _unnamed_months(columns: list[Column], marks: Marks) -> dict[str, tuple[str, FloatArray]]:
    """The first two columns where they have no name but count years and the months within them."""
    if [c.name for c in columns[:2]] != ["column_1", "column_2"]:
        return {}
    years, months = (numbers_of(c, marks) for c in columns[:2])
    if years is None or months is None or np.isnan(years).any() or np.isnan(months).any() or len(years) < _FEW_MONTHS:
        return {}
    counted = np.diff(years * 12 + months)
    inside = years.min() >= 1500 and years.max() <= 2200 and months.min() >= 1 and months.max() <= 12
    whole = bool((years == np.round(years)).all() and (months == np.round(months)).all())
    if not (inside and whole and (counted == 1).all()):
        return {}
    return {"year": (columns[0].name, years), "month": (columns[1].name, months)}


def _clock_of(parts: dict[str, tuple[str, FloatArray]]) -> DeltaArray:
    """Time of day from columns of hours, minutes and seconds, NaT where one is missing `(row,)`."""
    numbers = [(values, _PARTS[part][3]) for part, (_, values) in parts.items() if _PARTS[part][3]]
    total: FloatArray = np.sum([values * micros for values, micros in numbers], axis=0)
    clock: DeltaArray = np.round(np.nan_to_num(total)).astype("int64").astype("timedelta64[us]")
    clock[np.isnan(total)] = np.timedelta64("NaT")
    return clock


def _parts_axis(columns: list[Column], marks: Marks) -> TimeAxis | None:
    """Year and month columns, with day, hour, minute and second as far as they go without a break."""
    parts = _find_parts(columns, marks)
    order = list(_PARTS)
    depth = next((k for k, part in enumerate(order) if part not in parts), len(order))
    if depth < 2:
        return None
    parts = {part: parts[part] for part in order[:depth]}
    missing = np.any([np.isnan(values) for _, values in parts.values()], axis=0)
    whole = {part: np.nan_to_num(parts[part][1], nan=1.0).astype("int64") for part in order[: min(depth, 3)]}
    years = whole["year"]
    years = np.where(years >= 100, years, years + np.where(years >= 69, 1900, 2000))
    ds = civil_days(years, whole["month"], whole.get("day", np.ones_like(years))).astype("datetime64[us]")
    if depth > 3:
        ds = ds + _clock_of(parts)
    ds[missing] = np.datetime64("NaT")
    return TimeAxis(ds, tuple(name for name, _ in parts.values()), "/".join(parts))
