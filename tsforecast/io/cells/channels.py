"""Which columns are series of numbers, and why the others are not."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.errors import DataError
from tsforecast.io.cells.numbers import TRUTHS, Marks, parse_numbers
from tsforecast.io.grid import Column
from tsforecast.io.time.stamp_patterns import looks_like_stamp

_CODE_NAME = re.compile(
    r"品質|均質|等質|現象なし|(?:\b|_)(?:quality|qc|qa|flags?|qualifier)(?:\b|_)|\bstatus\b", re.IGNORECASE
)
_ROW_NAME = re.compile(r"^\W*(unnamed.*|index|idx|no|nr|num|number|id|row|rownames?|column_1|)\W*$", re.IGNORECASE)
#: A column of codes has at most this many different whole numbers.
_MAX_CODES = 12
#: Above this share of text, a column is text.
_MAX_TEXT = 0.5


@dataclass
class Channel:
    """A column of numbers.

    Attributes:
        name: The user's name.
        values: float64 `(row,)`, NaN where missing or text.
        odd: Rows that held text, and the text.
    """

    name: str
    values: FloatArray
    odd: dict[int, str]


def find_channels(
    columns: list[Column], wanted: tuple[str, ...], taken: dict[str, str], marks: Marks, missing: tuple[str, ...]
) -> tuple[list[Channel], dict[str, str]]:
    """The numeric columns of a table, and why each other column is left out.

    Args:
        columns: All columns.
        wanted: Names or globs of the columns asked for; empty takes every column that is a series of numbers.
        taken: Columns that serve another purpose, and which.
        marks: How numbers are written.
        missing: Further tokens or numbers that say "no value".

    Raises:
        DataError: Where an asked column is absent or not numeric, or no channel is found.
    """
    chosen = _match(wanted, [c.name for c in columns if c.name not in taken or c.name in wanted])
    channels: list[Channel] = []
    ignored: dict[str, str] = {}
    for column in columns:
        if wanted and column.name not in chosen:
            ignored[column.name] = taken.get(column.name, "not asked for")
            continue
        if column.name in taken and column.name not in chosen:
            ignored[column.name] = taken[column.name]
            continue
        found = _channel(column, marks, missing, asked=column.name in wanted)
        if isinstance(found, str) and column.name in wanted:
            raise DataError(f"column '{column.name}' is not numeric: {found}", "name another with --target-col")
        if isinstance(found, Channel) and not wanted and _is_code(found):
            found = "quality codes"
        if isinstance(found, Channel):
            channels.append(found)
        else:
            ignored[column.name] = found
    if not wanted and len(channels) > 1:
        for channel in [c for c in channels if _counts_rows(c)]:
            channels.remove(channel)
            ignored[channel.name] = "row numbers"
    if not channels:
        listed = "; ".join(f"{name}: {reason}" for name, reason in list(ignored.items())[:5])
        raise DataError(f"there is no numeric column to forecast ({listed})", "name one with --target-col")
    return channels, {name: reason for name, reason in ignored.items() if name not in taken}


def _match(wanted: tuple[str, ...], names: list[str]) -> set[str]:
    chosen: set[str] = set()
    for pattern in wanted:
        found = [pattern] if pattern in names else fnmatch.filter(names, pattern)
        if not found:
            raise DataError(f"there is no column '{pattern}'", f"columns: {', '.join(names[:20])}")
        chosen.update(found)
    return chosen


def _channel(column: Column, marks: Marks, missing: tuple[str, ...], *, asked: bool) -> Channel | str:
    """The column as numbers, or why it is none."""
    if column.stamps is not None:
        return "times, not the time column"
    if column.texts is not None:
        tokens = frozenset(token.strip().lower() for token in missing)
        values, bad = parse_numbers(column.texts, marks, tokens)
    else:
        values = np.zeros(0) if column.numbers is None else column.numbers
        bad = np.zeros(len(values), dtype=bool)
    odd = {int(i): column.texts[i] for i in np.flatnonzero(bad)} if column.texts is not None else {}
    if odd and {text.lower() for text in odd.values()} <= TRUTHS.keys():
        if not asked:
            return "truth values"
        for i, text in odd.items():
            values[i] = TRUTHS[text.lower()]
        odd, bad = {}, np.zeros(len(values), dtype=bool)
    present = len(values) - int(np.isnan(values).sum())
    if not present and not odd:
        return "empty"
    if len(odd) > _MAX_TEXT * (present + len(odd)):
        return _kind_of_text(list(odd.values()))
    return Channel(column.name, _without(values, missing), odd)


def _kind_of_text(texts: list[str]) -> str:
    sample = texts[:: max(1, len(texts) // 100)]
    if sum(map(looks_like_stamp, sample)) > 0.5 * len(sample):
        return "times, not the time column"
    return "constant text" if len(set(texts)) == 1 else "text"


def _is_code(channel: Channel) -> bool:
    """A few whole numbers under a name that says quality or flag."""
    if not _CODE_NAME.search(channel.name):
        return False
    known = np.unique(channel.values[np.isfinite(channel.values)])
    return len(known) <= _MAX_CODES and bool((known == np.round(known)).all())


def _counts_rows(channel: Channel) -> bool:
    """Whether a column numbers the rows, by name and content."""
    values = channel.values
    return _ROW_NAME.match(channel.name) is not None and len(values) > 2 and bool((values[1:] == values[:-1] + 1).all())


def _without(values: FloatArray, missing: tuple[str, ...]) -> FloatArray:
    """The values, NaN where they equal one of the numbers that say "no value"."""
    for token in missing:
        try:
            number = float(token)
        except ValueError:
            continue
        values = np.where(values == number, np.nan, values)
    return values
