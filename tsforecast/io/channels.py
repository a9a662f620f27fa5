"""Which columns are series of numbers, which are not and why, and which of their values look like "no value"."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsforecast.errors import DataError
from tsforecast.io.cells import TRUTHS, BoolArray, Column, Grid, Marks, is_missing, parse_numbers
from tsforecast.io.stamps import looks_like_stamp
from tsforecast.panel import FloatArray

_CODE_NAME = re.compile(r"品質|均質|等質|現象なし|\b(quality|qc|flag|flags|qualifier|status|qa)\b|_(qc|flag|flags|qa)$", re.IGNORECASE)
#: Numbers that loggers and archives write for "no value".
_SENTINELS = frozenset(
    [-1.0, -9.0, -99.0, -99.9, -99.99, -100.0, -200.0, -777.0, -888.0, -999.0, -999.9, -999.99, -9999.0, -9999.9, -99999.0]
    + [-32768.0, -2147483648.0, 999.0, 999.9, 999.99, 9999.0, 9999.9, 99999.0, 999999.0, 32767.0, 65535.0, 2147483647.0]
    + [99.9, 99.99, 9.96921e36, 1e20, -1e20, 1e30, -1e30, -1e34, 1e36, -7999.0, 6999.0, 7777.0, 8888.0]
)


@dataclass
class Channel:
    """A column of numbers, with the cells that were text."""

    name: str
    values: FloatArray
    bad: BoolArray
    texts: list[str] | None


def find_channels(
    grid: Grid, wanted: tuple[str, ...], taken: dict[str, str], marks: Marks, missing: tuple[str, ...]
) -> tuple[list[Channel], dict[str, str]]:
    """The numeric columns of a table, and why each other column is left out.

    Args:
        grid: The columns.
        wanted: Names or globs of the columns asked for; empty takes every column that is a series of numbers.
        taken: Columns that serve another purpose, and which.
        marks: How numbers are written.
        missing: Further tokens or numbers that say "no value".

    Raises:
        DataError: Where an asked column is absent or not numeric, or no channel is found.
    """
    names = [c.name for c in grid.columns]
    chosen = _match(wanted, names) if wanted else None
    tokens = frozenset(token.strip().lower() for token in missing)
    channels: list[Channel] = []
    ignored: dict[str, str] = dict(taken)
    for column in grid.columns:
        if column.name in taken and not (chosen and column.name in chosen):
            continue
        if chosen is not None and column.name not in chosen:
            ignored[column.name] = "not asked for"
            continue
        explicit = chosen is not None and column.name in wanted
        channel, reason = _channel(column, marks, tokens, asked=explicit)
        if channel is not None and not chosen and _is_code(channel):
            channel, reason = None, "quality codes"
        if channel is not None:
            _apply_missing(channel.values, missing)
            channels.append(channel)
        elif explicit:
            raise DataError(f"column '{column.name}' is not numeric: {reason}", "name another with --target-col")
        else:
            ignored[column.name] = reason
    if not channels:
        listed = "; ".join(f"{name}: {reason}" for name, reason in list(ignored.items())[:5])
        raise DataError(f"there is no numeric column to forecast ({listed})", "name one with --target-col")
    return channels, ignored


def _match(wanted: tuple[str, ...], names: list[str]) -> list[str]:
    chosen: list[str] = []
    for pattern in wanted:
        found = [pattern] if pattern in names else fnmatch.filter(names, pattern)
        if not found:
            raise DataError(f"there is no column '{pattern}'", f"columns: {', '.join(names[:20])}")
        chosen += [name for name in found if name not in chosen]
    return chosen


def _channel(column: Column, marks: Marks, tokens: frozenset[str], asked: bool) -> tuple[Channel | None, str]:
    if column.numbers is not None:
        none = np.zeros(len(column.numbers), dtype=bool)
        if not asked and np.isnan(column.numbers).all() and len(none):
            return None, "empty"
        return Channel(column.name, column.numbers, none, None), ""
    if column.texts is None:
        return None, "times, not the time column"
    texts = column.texts
    values, bad = parse_numbers(texts, marks, tokens)
    present = int(bad.sum() + np.isfinite(values).sum() + np.isinf(values).sum())
    if present == 0:
        return None, "empty"
    if not bad.any():
        return Channel(column.name, values, bad, texts), ""
    others = {texts[i].strip().lower() for i in np.flatnonzero(bad)}
    if others <= TRUTHS.keys():
        if not asked:
            return None, "truth values"
        for i in np.flatnonzero(bad):
            values[i] = TRUTHS[texts[i].strip().lower()]
        return Channel(column.name, values, np.zeros(len(bad), dtype=bool), texts), ""
    if bad.sum() <= 0.5 * present:
        return Channel(column.name, values, bad, texts), ""
    shown = [texts[i] for i in np.flatnonzero(bad)[:200]]
    if sum(looks_like_stamp(t) for t in shown) > 0.5 * len(shown):
        return None, "times, not the time column"
    return None, "constant text" if len(others) == 1 else "text"


def _is_code(channel: Channel) -> bool:
    """A few whole numbers under a name that says quality or flag."""
    if not _CODE_NAME.search(channel.name):
        return False
    known = channel.values[np.isfinite(channel.values)]
    return bool((known == np.round(known)).all()) and len(np.unique(known)) <= 12


def _apply_missing(values: FloatArray, missing: tuple[str, ...]) -> None:
    for token in missing:
        try:
            values[values == float(token)] = np.nan
        except ValueError:
            continue


def find_suspects(channels: list[Channel]) -> list[dict[str, Any]]:
    """Values that are probably no measurement: a well-known sentinel, at the edge of a column and far from the rest.

    A value that is suspected in one column is suspected in others where it stands apart less clearly.
    """
    found: list[dict[str, Any]] = []
    firm: set[float] = set()
    open_cases: list[tuple[Channel, float, int, float]] = []
    for channel in channels:
        known = channel.values[np.isfinite(channel.values)]
        if len(known) < 10:
            continue
        for value in {float(known.min()), float(known.max())} & _SENTINELS:
            rest = known[known != value]
            count = len(known) - len(rest)
            if len(rest) < 3:
                continue
            spread = float(np.subtract(*np.percentile(rest, [95, 5]))) or float(np.ptp(rest)) or abs(float(rest[0])) or 1.0
            distance = float(np.abs(rest - value).min()) / spread
            opposite = value < 0 <= rest.min() or value > 0
            if (count >= 2 or abs(value) >= 999) and (distance > 1.0 or (distance > 0.3 and count >= 10 and opposite)):
                firm.add(value)
                found.append(_suspect(channel, value, count, distance))
            elif distance > 0.05:
                open_cases.append((channel, value, count, distance))
    found += [_suspect(*case) for case in open_cases if case[1] in firm]
    order = {channel.name: k for k, channel in enumerate(channels)}
    return sorted(found, key=lambda s: order[s["column"]])


def _suspect(channel: Channel, value: float, count: int, distance: float) -> dict[str, Any]:
    reason = f"{count} times, {distance:.1f} spreads away from all other values"
    return {"column": channel.name, "value": value, "count": count, "reason": reason}
