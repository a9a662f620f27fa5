"""Which columns are series of numbers, and why the others are not."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.errors import DataError
from tsforecast.io.cells.numbers import TRUTHS, Marks, parse_numbers
from tsforecast.io.cells.quantities import read_quantities
from tsforecast.io.sheet import Column
from tsforecast.io.time.stamp_patterns import looks_like_clock, looks_like_stamp
from tsforecast.io.time.yearless import is_yearless

_CODE_NAME = re.compile(
    r"品質|均質|等質|現象なし|(?:\b|_)(?:quality|qc|qa|flags?|qualifier)(?:\b|_)|\bstatus\b", re.IGNORECASE
)
_ROW_NAME = re.compile(
    r"^\W*(unnamed.*|index|idx|no|nr|num|number|id|row|row_?(names?|no|nr|num|number|id)|column_1|"
    r"rec|record|record_?(no|nr|num|number|id)|recnum|rn|seq|sequence|seq_?(no|nr|num)|line|line_?(no|nr|num)|)\W*$",
    re.IGNORECASE,
)
_ID_NAME = re.compile(
    r"(?:^|[_\W])(?:id|uid|no|nr|number|code|serial|account|meter|table|seq|index|idx|record)\.?$", re.IGNORECASE
)
#: Why a column without a value is left out.
EMPTY = "empty"
#: What columns are called that have no name.
UNNAMED = re.compile(r"\W*(column_\d+|unnamed.*)?\W*", re.IGNORECASE)
#: Words that say "no value here, and why": what stands beside them is a measurement.
_WHY_MISSING = re.compile(
    r"n\.?[dqrc]\.?|nodata|bdl|bql|[bl]?lod|loq|<\s*(lod|loq|dl|mdl)|below.*|above.*|not?[ _-].*|err(or)?\W?.*|"
    r"fail(ed|ure)?|fault|bad|invalid|off(line)?|closed|unavailable|unknown|missing.*|calib.*|maint.*|over|under|"
    r"out of (range|service)|no[ _]?data|i/o timeout|comm fail|pt created|shutdown|logged",
    re.IGNORECASE,
)
#: Why a column of times that is not the time is left out.
TIMES = "times, not the time column"
#: Why a column of dates is no time.
YEARLESS = "dates without a year"
_DAY_NAME = re.compile(r"day|date|datum|tag|jour|fecha|giorno|data\b", re.IGNORECASE)
_DAY_AND_MONTH = re.compile(r"(0[1-9]|[12]\d|3[01])\.(0[1-9]|[12]\d|3[01])")
#: A column of codes has at most this many different whole numbers.
_MAX_CODES = 12
#: Above this share of text, a column is text ...
_MAX_TEXT = 0.5
#: ... unless the text only says why a value is missing, and at least so many numbers stand beside it.
_FEW_NUMBERS = 3
#: A constant column of so many rows is no target, where another column changes.
_LONG = 10
#: Share of the steps of a column of row numbers that are 1.
_COUNTED = 0.9


@dataclass
class Channel:
    """A column of numbers.

    Attributes:
        name: The user's name.
        values: float64 `(row,)`, NaN where missing or text.
        odd: Rows that held text, and the text.
        said: What was done to read the column, empty where it holds plain numbers.
        unit: What stood in its cells beside the numbers, empty where nothing did.
    """

    name: str
    values: FloatArray
    odd: dict[int, str]
    said: str = ""
    unit: str = ""


def find_channels(
    columns: list[Column],
    wanted: tuple[str, ...],
    taken: dict[str, str],
    marks: Marks,
    missing: tuple[str, ...],
    series: IntArray | None = None,
    *,
    joint: bool = False,
    again: Mapping[str, str] | None = None,
) -> tuple[list[Channel], dict[str, str]]:
    """The numeric columns of a table, and why each other column is left out.

    Args:
        columns: All columns.
        wanted: Names or globs of the columns asked for; empty takes every column that is a series of numbers.
        taken: Columns that serve another purpose, and which.
        marks: How numbers are written.
        missing: Further tokens or numbers that say "no value".
        series: Code of the series of each row `(row,)`, None where there is one.
        joint: The channels are coordinates of one state, for which one without a value is no coordinate.
        again: Columns that only say the time again, and what of it: no targets unless they are asked for.

    Raises:
        DataError: Where an asked column is absent or not numeric, or no channel is found.
    """
    chosen = matching(wanted, [c.name for c in columns if c.name not in taken or c.name in wanted])
    channels: list[Channel] = []
    codes: list[Channel] = []
    ignored: dict[str, str] = {}
    for column in columns:
        if wanted and column.name not in chosen:
            ignored[column.name] = taken.get(column.name, "not asked for")
            continue
        if column.name in taken and column.name not in chosen:
            ignored[column.name] = taken[column.name]
            continue
        found = as_channel(column, marks, missing, asked=column.name in wanted)
        if isinstance(found, str) and column.name in wanted:
            raise DataError(f"column '{column.name}' is not numeric: {found}", "name another with --target-col")
        if isinstance(found, Channel) and not wanted and is_code(found):
            codes.append(found)
            found = "quality codes"
        if isinstance(found, Channel):
            channels.append(found)
        else:
            ignored[column.name] = found
    channels = _with_silent(channels, [c.name for c in columns] if series is None and not joint else [], ignored)
    if not wanted:
        leading = {c.name for c in columns[: next((k for k, c in enumerate(columns) if c.name in taken), 0) + 1]}
        reasons = {c.name: (again or {}).get(c.name) or no_target(c, series, first=c.name in leading) for c in channels}
        varying = {_family(name) for name, reason in reasons.items() if not reason}
        for channel in list(channels):
            reason = reasons[channel.name]
            if reason and varying and not (reason.startswith("constant") and _family(channel.name) in varying):
                channels.remove(channel)
                ignored[channel.name] = reason
    if not channels:
        channels = codes  # A status is what a file of nothing else is about.
        ignored = {name: reason for name, reason in ignored.items() if name not in {c.name for c in codes}}
    if not channels:
        listed = "; ".join(f"{name}: {reason}" for name, reason in list(ignored.items())[:5])
        raise DataError(f"there is no numeric column to forecast ({listed})", "name one with --target-col")
    return channels, {name: reason for name, reason in ignored.items() if name not in taken}


def _with_silent(channels: list[Channel], names: list[str], ignored: dict[str, str]) -> list[Channel]:
    """Also the columns without a value that are named like the others: sensors that never said a word.

    They are series without a value, and named among those left out. Other columns without a value are none: real
    exports have many (tests/io/test_field_files.py, tests/io/test_reading_real.py).
    """
    families = {_family(c.name) for c in channels}
    silent = [name for name in names if ignored.get(name) == EMPTY and _family(name) in families]
    for name in silent:
        del ignored[name]
        channels = [*channels, Channel(name, np.full(len(channels[0].values), np.nan), {})]
    return sorted(channels, key=lambda channel: names.index(channel.name)) if silent else channels


def matching(wanted: tuple[str, ...], names: list[str], option: str = "") -> set[str]:
    """The columns that names or globs mean.

    Raises:
        DataError: One means none; `option` says where it was given.
    """
    chosen: set[str] = set()
    for pattern in wanted:
        found = [pattern] if pattern in names else fnmatch.filter(names, pattern)
        if not found:
            where = f" ({option})" if option else ""
            raise DataError(f"there is no column '{pattern}'{where}", f"columns: {', '.join(names[:20])}")
        chosen.update(found)
    return chosen


def as_channel(column: Column, marks: Marks, missing: tuple[str, ...], *, asked: bool) -> Channel | str:
    """The column as numbers, or why it is none."""
    tokens = frozenset(token.strip().lower() for token in missing)
    if column.stamps is not None:
        return TIMES
    if not asked and column.texts and _DAY_NAME.search(column.name) and all(map(_is_day_and_month, column.texts)):
        return YEARLESS
    if column.texts is not None:
        values, bad = parse_numbers(column.texts, marks, tokens)
    else:
        values = np.zeros(0) if column.numbers is None else column.numbers
        bad = np.zeros(len(values), dtype=bool)
    said, unit = "", ""
    if bad.any() and column.texts is not None:
        quantities = read_quantities(column.texts, marks, tokens)
        if quantities is not None:
            values, bad, said, unit = quantities.values, quantities.bad, quantities.said, quantities.unit
    odd = {int(i): column.texts[i] for i in np.flatnonzero(bad)} if column.texts is not None else {}
    if odd and {text.lower() for text in odd.values()} <= TRUTHS.keys():
        if not asked:
            return "truth values"
        for i, text in odd.items():
            values[i] = TRUTHS[text.lower()]
        odd, bad = {}, np.zeros(len(values), dtype=bool)
    present = len(values) - int(np.isnan(values).sum())
    if not present and not odd:
        return EMPTY
    if len(odd) > _MAX_TEXT * (present + len(odd)):
        excuses = present >= _FEW_NUMBERS and all(map(_WHY_MISSING.fullmatch, set(odd.values())))
        if not (asked and present) and not excuses:
            return _kind_of_text(list(odd.values()), present)
    return Channel(column.name, _without(values, missing), odd, said, unit)


def _is_day_and_month(text: str) -> bool:
    """Whether a number could be a day and a month with a dot between, or is missing."""
    found = _DAY_AND_MONTH.fullmatch(text.strip())
    return found is not None and min(int(found[1]), int(found[2])) in range(1, 13)


def _kind_of_text(texts: list[str], present: int) -> str:
    sample = texts[:: max(1, len(texts) // 100)]
    if sum(looks_like_stamp(text) or looks_like_clock(text) for text in sample) > 0.5 * len(sample):
        return TIMES
    if sum(map(is_yearless, sample)) > 0.5 * len(sample):
        return YEARLESS
    if present:
        return f"text in {len(texts)} cells, numbers in {present}"
    return "constant text" if len(set(texts)) == 1 else "text"


def is_code(channel: Channel) -> bool:
    """A few whole numbers under a name that says quality or flag."""
    if not _CODE_NAME.search(channel.name):
        return False
    known = np.unique(channel.values[np.isfinite(channel.values)])
    return len(known) <= _MAX_CODES and bool((known == np.round(known)).all())


def no_target(channel: Channel, series: IntArray | None, *, first: bool) -> str:
    """Why a column of numbers is nothing to forecast beside others, empty where it may be.

    Args:
        channel: The column.
        series: Code of the series of each row `(row,)`, None where there is one.
        first: It stands at the left of the time: there a plain count needs no name to be one.
    """
    values = channel.values[np.isfinite(channel.values)]
    if not len(values):
        return ""
    telling = len(values) >= _LONG or _ID_NAME.search(channel.name.strip()) is not None
    if (values == values[0]).all():
        return f"constant ({values[0]:.15g})" if telling else ""
    if telling and series is not None and _is_constant_by(channel.values, series):
        return "constant in each series"
    if len(values) < 2 or (values != np.round(values)).any():
        return ""
    steps = np.diff(values)
    counting = max((steps == 1).mean(), (steps == -1).mean())
    if (_ROW_NAME.match(channel.name) or _ID_NAME.search(channel.name.strip())) and counting >= _COUNTED:
        return "row numbers"
    return "row numbers" if first and len(values) >= _LONG and counting == 1 and min(values) in (0, 1) else ""


def _family(name: str) -> str:
    """What columns of a wide table have in common ("shop 1" and "shop 2", "a" and "b"): constant ones count."""
    return re.sub(r"\d+|(?<![^\W_])[^\W\d_](?![^\W_])", "#", name)


def _is_constant_by(values: FloatArray, series: IntArray) -> bool:
    """Whether a column has one value in each series, as a number of the series has."""
    good = np.isfinite(values)
    values, series = values[good], series[good]
    if (series < 0).any() or len(np.unique(series)) > 0.5 * len(series):
        return False
    ones = np.empty(int(series.max()) + 1)
    ones[series] = values
    return bool((ones[series] == values).all())


def _without(values: FloatArray, missing: tuple[str, ...]) -> FloatArray:
    """The values, NaN where they equal one of the numbers that say "no value"."""
    for token in missing:
        try:
            number = float(token)
        except ValueError:
            continue
        values = np.where(values == number, np.nan, values)
    return values
