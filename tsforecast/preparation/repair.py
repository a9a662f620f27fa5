"""Repairs that need no grid: impossible values, missing stamps, order, duplicate stamps. Each change is recorded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from tsforecast.data.ledger import Ledger
from tsforecast.data.panel import IntArray
from tsforecast.errors import DataError, UsageError
from tsforecast.preparation.rows import BoolArray, Rows, Values

LARGEST = 1e300
DUPLICATE_RULES = ("mean", "first", "last", "error")
_NAT = np.iinfo(np.int64).min


def drop_without_stamp(rows: Rows, ledger: Ledger) -> Rows:
    """Leave out rows whose stamp is missing (rule ``no stamp``)."""
    missing = rows.stamps == _NAT
    if rows.is_index or not missing.any():
        return rows
    ledger.record("no stamp", line=rows.lines[missing], unique_id=rows.names(missing), column="")
    return rows.take(~missing)


def drop_impossible(rows: Rows, ledger: Ledger) -> Rows:
    """Make infinite values and those beyond 1e300 missing (rule ``impossible``)."""
    if not rows.values.size or (
        np.fmax.reduce(rows.values, axis=None) <= LARGEST and np.fmin.reduce(rows.values, axis=None) >= -LARGEST
    ):
        return rows
    row, column = np.nonzero(np.abs(rows.values) > LARGEST)
    _record_cells(ledger, "impossible", rows, row, column, new=None)
    values = rows.values.copy()
    values[row, column] = np.nan
    return replace(rows, values=values)


def sort(rows: Rows, ledger: Ledger) -> Rows:
    """Order by series and stamp, equal stamps in source order.

    Grouping interleaved series is no change. A row that comes after a later stamp of its own series is one entry
    (rule ``sort``); a series that runs backwards throughout is one entry (rule ``reverse``).
    """
    if len(rows.ids) > 1 and (np.diff(rows.codes) < 0).any():
        small = np.uint16 if len(rows.ids) <= np.iinfo(np.uint16).max else np.int32
        rows = rows.take(np.argsort(rows.codes.astype(small), kind="stable"))
    falls = np.zeros(len(rows), dtype=bool)
    falls[1:] = (rows.stamps[1:] < rows.stamps[:-1]) & ~rows.begins()[1:]
    if not falls.any():
        return rows
    n = len(rows.ids)
    rises = np.zeros(len(rows), dtype=bool)
    rises[1:] = (rows.stamps[1:] > rows.stamps[:-1]) & ~rows.begins()[1:]
    n_falls = np.bincount(rows.codes[falls], minlength=n)
    reverse = (n_falls > 1) & (np.bincount(rows.codes[rises], minlength=n) == 0)
    for code in np.flatnonzero(reverse):
        ledger.record("reverse", unique_id=rows.ids[code], column="ds")
    highest = pd.Series(rows.stamps).groupby(rows.codes).cummax().to_numpy()
    late = (rows.stamps < highest) & ~reverse[rows.codes]
    ledger.record("sort", line=rows.lines[late], unique_id=rows.names(late), column="ds", ds=rows.ds(late))
    return rows.take(np.lexsort((rows.stamps, rows.codes)))


def merge_duplicates(rows: Rows, keep: str, ledger: Ledger) -> Rows:
    """Make stamps unique within each series; the rows must be sorted.

    Of rows with one stamp the first stays (with `keep` ``last`` and different values, the last); each row that goes
    is one entry (rule ``duplicate``). Where they differ, the value is their mean, the first or the last in source
    order, and each changed value is one entry (rule ``duplicate mean`` and so on). Missing values never conflict.

    Args:
        keep: ``mean``, ``first``, ``last`` or ``error``.

    Raises:
        DataError: Where rows conflict and `keep` is ``error``.
    """
    if keep not in DUPLICATE_RULES:
        raise UsageError(f"duplicates must be one of {', '.join(DUPLICATE_RULES)}, received '{keep}'")
    repeats = np.zeros(len(rows), dtype=bool)
    repeats[1:] = (rows.stamps[1:] == rows.stamps[:-1]) & ~rows.begins()[1:]
    if not repeats.any():
        return rows
    involved = repeats.copy()
    involved[:-1] |= repeats[1:]
    groups = rows.take(involved)
    starts = np.flatnonzero(~repeats[involved])
    group = np.cumsum(~repeats[involved]) - 1
    merged, conflict = _merge(groups.values, starts, group, keep)
    if keep == "error" and conflict.any():
        i = int(np.flatnonzero(conflict)[0])
        raise DataError(
            f"{int(conflict.sum())} stamps are there twice with different values, first {groups.ds()[starts[i]]}"
            f" in lines {groups.lines[starts[i]]} and {groups.lines[starts[i] + 1]}",
            "--duplicates mean, first or last says which to use",
        )
    ends = np.append(starts[1:], len(groups)) - 1
    survivor = np.where(conflict, ends, starts) if keep == "last" else starts
    dropped = np.ones(len(groups), dtype=bool)
    dropped[survivor] = False
    ledger.record(
        "duplicate", line=groups.lines[dropped], unique_id=groups.names(dropped), column="", ds=groups.ds(dropped)
    )
    kept = groups.take(survivor)
    changed = ~_same(kept.values, merged)
    row, column = np.nonzero(changed)
    _record_cells(ledger, f"duplicate {keep}", kept, row, column, new=merged[row, column])
    return _replace_groups(rows, involved, repeats, replace(kept, values=merged))


def _replace_groups(rows: Rows, involved: BoolArray, repeats: BoolArray, kept: Rows) -> Rows:
    result = rows.take(~repeats)
    at = (involved & ~repeats)[~repeats]
    values, lines = result.values.copy(), result.lines.copy()
    values[at], lines[at] = kept.values, kept.lines
    return replace(result, values=values, lines=lines)


def _merge(values: Values, starts: IntArray, group: IntArray, keep: str) -> tuple[Values, BoolArray]:
    """One row a group `(group, channel)`, and whether its rows conflicted `(group,)`."""
    low = np.fmin.reduceat(values, starts, axis=0)
    high = np.fmax.reduceat(values, starts, axis=0)
    conflict = np.asarray((low < high).any(axis=1))
    merged = low.copy()
    if keep in ("first", "last"):
        for j in range(values.shape[1]):
            # The first (last) value that is not missing: written in an order in which it is written last.
            seen = np.flatnonzero(~np.isnan(values[:, j]))
            seen = seen[::-1] if keep == "first" else seen
            merged[group[seen], j] = values[seen, j]
    elif keep == "mean":
        differs = low < high
        count = np.add.reduceat((~np.isnan(values)).astype("float64"), starts, axis=0)
        total = np.add.reduceat(np.nan_to_num(values), starts, axis=0)
        merged[differs] = total[differs] / count[differs]
    return merged, conflict


def _same(a: Values, b: Values) -> BoolArray:
    return np.asarray((a == b) | (np.isnan(a) & np.isnan(b)))


def _record_cells(
    ledger: Ledger, rule: str, rows: Rows, row: IntArray, column: IntArray, new: Values | float | None
) -> None:
    ledger.record(
        rule,
        line=rows.lines[row],
        unique_id=rows.names(row),
        column=np.asarray(rows.channels, dtype=object)[column],
        ds=rows.ds(row),
        old=rows.values[row, column],
        new=new,
    )
