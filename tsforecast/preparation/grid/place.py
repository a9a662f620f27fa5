"""Putting rows on a regular grid: snapping, inserting the missing rows, aggregating."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tsforecast.data.ledger import Ledger
from tsforecast.data.panel import IntArray
from tsforecast.errors import DataError, UsageError
from tsforecast.preparation.grid.grids import Grid
from tsforecast.preparation.grid.infer import Sampling
from tsforecast.preparation.repair import merge_duplicates
from tsforecast.preparation.rows import BoolArray, Rows, Values

MAX_EMPTY_RATIO = 50
MAX_GIVEN_ROWS = 100_000_000
AGGREGATES = ("mean", "sum", "min", "max", "first", "last", "median", "count", "ohlc")


def snap(rows: Rows, found: Sampling, keep: str, ledger: Ledger) -> tuple[Rows, IntArray]:
    """Move stamps to the nearest cell of the grid (rule ``snap``) and merge rows that meet there.

    Returns:
        The rows with exact, unique stamps, and the cell of each.
    """
    if not found.off_grid.any():
        return rows, found.cells
    moved = move(rows, found.grid.stamps(found.cells, rows.codes), ledger)
    merged = merge_duplicates(moved, keep, ledger)
    return merged, found.grid.cells(merged.stamps, merged.codes)


def move(rows: Rows, stamps: IntArray, ledger: Ledger) -> Rows:
    """The rows with other stamps `(row,)`; each change is one entry (rule ``snap``)."""
    moved = replace(rows, stamps=stamps)
    off = stamps != rows.stamps
    ledger.record(
        "snap",
        line=rows.lines[off],
        unique_id=rows.names(off),
        column="ds",
        ds=moved.ds(off),
        old=rows.ds(off),
        new=moved.ds(off),
    )
    return moved


def stray_stamps(rows: Rows, cells: IntArray) -> dict[int, str]:
    """Series that would be nearly all gap, and why; none where all would be, or there is one series."""
    begins = rows.begins()
    codes, counts = np.unique(rows.codes, return_counts=True)
    lengths = cells[np.append(begins[1:], True)] - cells[begins] + 1
    odd = np.flatnonzero(lengths > MAX_EMPTY_RATIO * counts + 10_000)
    if len(odd) == len(codes):
        return {}
    starts = np.append(np.flatnonzero(begins), len(rows))
    found = {}
    for k in odd:
        at = starts[k] + 1 + int(np.argmax(np.diff(cells[starts[k] : starts[k + 1]])))
        found[int(codes[k])] = (
            f"{counts[k]:,} rows would need {lengths[k]:,} on a regular grid; the longest gap is before line"
            f" {rows.lines[at]} ({rows.ds()[at]})"
        )
    return found


def complete(
    rows: Rows, cells: IntArray, grid: Grid, ledger: Ledger, max_rows: int = MAX_GIVEN_ROWS, rule: str = "gap"
) -> Rows:
    """Insert a row of missing values for every empty cell between the first and last of a series.

    Raises:
        DataError: Where more than `max_rows` rows would result.
    """
    begins = rows.begins()
    ends = np.append(begins[1:], True)
    if (np.diff(cells)[~begins[1:]] == 1).all():
        return rows
    first, lengths = cells[begins], cells[ends] - cells[begins] + 1
    total = int(lengths.sum())
    if total > max_rows:
        longest = int(np.argmax(np.where(begins[1:], 0, np.diff(cells))))
        raise DataError(
            f"a regular grid of {grid.freq} would need {total:,} rows for {len(rows):,} observed ones;"
            f" the longest gap is before line {rows.lines[longest + 1]} ({rows.ds()[longest + 1]})",
            "correct that stamp, or choose a wider step with --freq",
        )
    offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    target = offsets[rows.codes] + cells - first[rows.codes]
    codes = np.repeat(np.arange(len(rows.ids), dtype="int32"), lengths)
    stamps = grid.stamps(np.arange(total) - np.repeat(offsets - first, lengths), codes)
    values = np.full((total, len(rows.channels)), np.nan)
    values[target] = rows.values
    lines = np.full(total, -1, dtype="int64")
    lines[target] = rows.lines
    result = replace(rows, codes=codes, stamps=stamps, values=values, lines=lines)
    inserted = np.ones(total, dtype=bool)
    inserted[target] = False
    ledger.record(rule, unique_id=result.names(inserted), column="", ds=result.ds(inserted))
    return result


def parse_agg(agg: str, channels: tuple[str, ...]) -> dict[str, str]:
    """The aggregate of each channel, from ``mean`` or ``mean,rain=sum,price=ohlc``.

    Raises:
        UsageError: Where an aggregate or a column is unknown.
    """
    chosen = dict.fromkeys(channels, "mean")
    for part in agg.split(","):
        column, _, name = part.strip().rpartition("=")
        if name not in AGGREGATES:
            raise UsageError(f"--agg must be one of {', '.join(AGGREGATES)}, received '{name}'")
        if column and column not in channels:
            raise UsageError(f"--agg names the column '{column}', but there are {', '.join(channels)}")
        chosen.update({column: name} if column else dict.fromkeys(channels, name))
    return chosen


def aggregate(rows: Rows, grid: Grid, agg: str, ledger: Ledger) -> tuple[Rows, IntArray]:
    """One row for each cell of the grid that holds a stamp; missing values are left out of each aggregate.

    An aggregate of no values is missing (only a ``count`` is 0). Every resulting value is one entry
    (rule ``resample mean`` and so on) whose `old` is the number of values it was made of.

    Returns:
        The rows (``ohlc`` turns channel `x` into `x_open, x_high, x_low, x_close`), and the cell of each.
    """
    cells = grid.bins(rows.stamps)
    changes = rows.begins()
    changes[1:] |= cells[1:] != cells[:-1]
    starts = np.flatnonzero(changes)
    cells, codes = cells[starts], rows.codes[starts]
    counts = np.add.reduceat(~np.isnan(rows.values), starts, axis=0, dtype="int64")
    chosen = parse_agg(agg, rows.channels)
    columns: dict[str, Values] = {}
    sources: list[tuple[str, int]] = []
    for j, channel in enumerate(rows.channels):
        made = _aggregates(channel, chosen[channel], rows.values[:, j], starts, counts[:, j], changes)
        columns |= made
        sources += [(chosen[channel], j)] * len(made)
    values = np.column_stack(list(columns.values()))
    lines = np.full(len(starts), -1, dtype="int64")
    stamps = grid.stamps(cells, codes)
    result = replace(rows, channels=tuple(columns), codes=codes, stamps=stamps, values=values, lines=lines)
    for k, (name, j) in enumerate(sources):
        seen = ~np.isnan(values[:, k])
        ledger.record(
            f"resample {name}",
            unique_id=result.names(seen),
            column=result.channels[k],
            ds=result.ds(seen),
            old=counts[seen, j],
            new=values[seen, k],
        )
    empty = np.isnan(values).all(axis=1)
    ledger.record("gap", unique_id=result.names(empty), column="", ds=result.ds(empty))
    return result, cells


def count_nothing(rows: Rows, agg: str, channels: tuple[str, ...], ledger: Ledger) -> Rows:
    """Where a channel was counted, the count in an absent row is 0 (rule ``resample count``).

    Args:
        channels: The channels before aggregating, which `agg` speaks of.
    """
    counted = {channel for channel, name in parse_agg(agg, channels).items() if name == "count"}
    values = rows.values.copy()
    for j in (j for j, channel in enumerate(rows.channels) if channel in counted):
        absent = np.isnan(values[:, j])
        values[absent, j] = 0.0
        ds = rows.ds(absent)
        ledger.record(
            "resample count",
            unique_id=rows.names(absent),
            column=rows.channels[j],
            ds=ds,
            old=np.zeros(len(ds)),
            new=0.0,
        )
    return replace(rows, values=values)


def _aggregates(
    channel: str, name: str, x: Values, starts: IntArray, count: IntArray, changes: BoolArray
) -> dict[str, Values]:
    if name == "ohlc":
        parts = (("open", "first"), ("high", "max"), ("low", "min"), ("close", "last"))
        return {f"{channel}_{p}": _aggregate(by, x, starts, count, changes) for p, by in parts}
    return {channel: _aggregate(name, x, starts, count, changes)}


def _aggregate(name: str, x: Values, starts: IntArray, count: IntArray, changes: BoolArray) -> Values:
    """Aggregate of the values that are not missing in each run that begins at `starts` `(run,)`."""
    if name == "count":
        return count.astype("float64")
    if name in ("min", "max"):
        return np.asarray((np.fmin if name == "min" else np.fmax).reduceat(x, starts))
    if name in ("sum", "mean"):
        total = np.add.reduceat(np.where(np.isnan(x), 0.0, x), starts)
        divisor = count if name == "mean" else np.ones_like(count)
        return np.where(count > 0, total / np.maximum(divisor, 1), np.nan)
    seen = ~np.isnan(x)
    result = np.full(len(starts), np.nan)
    some = count > 0
    ends = np.cumsum(count[some])
    begins = ends - count[some]
    values = x[seen]
    if name == "median":
        run = (np.cumsum(changes) - 1)[seen]
        values = values[np.lexsort((values, run))]
        result[some] = (values[begins + (count[some] - 1) // 2] + values[begins + count[some] // 2]) / 2
    else:
        result[some] = values[begins] if name == "first" else values[ends - 1]
    return result
