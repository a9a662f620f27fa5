"""A file of any kind as a `Table`: the columns told apart, the user's names kept, every change on record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsforecast.config import ReadConfig
from tsforecast.errors import DataError
from tsforecast.io.cells import Column, Grid, Marks, find_marks
from tsforecast.io.channels import Channel, find_channels, find_suspects
from tsforecast.io.formats import read_grid
from tsforecast.io.source import load
from tsforecast.io.stamps import StampArray
from tsforecast.io.timeaxis import TimeAxis, find_time
from tsforecast.io.zones import offset_name, to_utc, to_wall, zone_of
from tsforecast.panel import IntArray, Schema, Table


def read(source: str | Path, config: ReadConfig | None = None) -> Table:
    """Read a table of series from a path, or from stdin where `source` is "-".

    Columns, dialect, encoding and time are found by content unless `config` says otherwise; `Table.facts` says what
    was found. Rows keep the order of the file. Stamps with a zone become UTC, except where they are all one time of
    day at least a day apart: daily and coarser grids keep their wall time, and `facts["zone"]` alone names the zone.

    Raises:
        NotReadableError: Where the input cannot be opened or decoded.
        DataError: Where it holds no usable table.
        UsageError: Where an option names what is not there.
        MissingDependencyError: Where the format needs an optional package.
    """
    config = config or ReadConfig()
    loaded = load(source)
    grid = read_grid(loaded, config)
    grid.facts |= {"source": loaded.name, "compression": loaded.compression}
    return _interpret(grid, config)


def _interpret(grid: Grid, config: ReadConfig) -> Table:
    marks = _marks(grid, config)
    id_column = _id_column(grid, config.id_col)
    named = {id_column.name} if id_column else set()
    axis = find_time(grid, config.time_col, config.dayfirst, named | set(config.target_cols), marks)
    taken = {name: "time" for name in axis.columns} | {name: "series id" for name in named}
    keep = _rows_with_stamp(grid, axis)
    channels, ignored = find_channels(grid, config.target_cols, taken, marks, config.na_values)
    ids = _ids(id_column, len(grid))
    if id_column is None:
        _refuse_long(grid, axis, ignored, channels)
    ds, zone, shown = _in_utc(axis, ids, config, grid)
    frame = _frame(ids, ds, channels, keep)
    schema = Schema(_time_name(axis), id_column.name if id_column else None, zone, config.joint)
    table = Table(frame, grid.lines[keep] if not keep.all() else grid.lines, schema, grid.ledger)
    _record_text(table, channels, keep, ids, ds, grid.lines)
    for name in taken:
        ignored.pop(name, None)
    grid.notes.extend(axis.notes)
    table.facts = grid.facts | {
        "decimal": marks.decimal,
        "n_rows": len(frame),
        "time_column": _time_fact(axis),
        "time_format": axis.format,
        "dayfirst": axis.dayfirst,
        "zone": shown,
        "integer_index": axis.is_index,
        "channels": table.channels,
        "ignored": ignored,
        "suspects": find_suspects(channels),
        "notes": grid.notes,
    }
    for key in ("encoding", "delimiter", "compression"):
        table.facts.setdefault(key, None)
    for key in ("header_lines", "preamble_lines"):
        table.facts.setdefault(key, [])
    return table


def _marks(grid: Grid, config: ReadConfig) -> Marks:
    if config.decimal is not None:
        return Marks(config.decimal, "." if config.decimal == "," else ",")
    return find_marks([c.texts for c in grid.columns if c.texts is not None], str(grid.facts.get("delimiter", "")))


def _id_column(grid: Grid, name: str | None) -> Column | None:
    if name is None:
        return None
    for column in grid.columns:
        if column.name == name:
            return column
    listed = ", ".join(c.name for c in grid.columns[:20])
    raise DataError(f"there is no column '{name}'", f"columns: {listed}")


def _ids(column: Column | None, n: int) -> npt.NDArray[Any]:
    """The id of each row as text `(row,)`."""
    if column is None:
        return np.full(n, "", dtype=object)
    if column.texts is not None:
        return np.array(column.texts, dtype=object)
    if column.numbers is not None:
        return np.array([f"{v:.15g}" if v == v else "" for v in column.numbers], dtype=object)
    return np.array([str(v) for v in column.stamps if column.stamps is not None], dtype=object)


def _rows_with_stamp(grid: Grid, axis: TimeAxis) -> npt.NDArray[np.bool_]:
    """Which rows have a stamp `(row,)`; the others are left out, on record, footers apart from the rest."""
    if axis.is_index:
        return np.ones(len(grid), dtype=bool)
    keep = ~np.isnat(axis.ds)
    if not keep.any():
        raise DataError(f"no row has a readable time in {', '.join(axis.columns)}", "name the time with --time-col")
    lost = np.flatnonzero(~keep)
    last = np.flatnonzero(keep)[-1]
    for rule, rows in (("row-without-stamp", lost[lost < last]), ("footer-left-out", lost[lost > last])):
        if len(rows):
            texts = [c.texts for c in grid.columns if c.texts is not None]
            old = [",".join(t[i] for t in texts) for i in rows]
            grid.ledger.record(rule, line=grid.lines[rows], old=old)
            grid.notes.append(f"{len(rows)} rows left out ({rule.replace('-', ' ')}), first in line {grid.lines[rows[0]]}")
    return np.asarray(keep)


def _in_utc(
    axis: TimeAxis, ids: npt.NDArray[Any], config: ReadConfig, grid: Grid
) -> tuple[StampArray | IntArray, str | None, str | None]:
    """Stamps for the frame, the zone to write them in, and the zone to show.

    Wall times of a daily or coarser grid stay wall times: a day is not always 24 hours long.
    """
    if axis.is_index:
        return axis.ds, None, None
    zone = config.zone
    if axis.offsets is None:
        if zone is None:
            return axis.ds, None, None
        zone_of(zone)
        if _is_daily(axis.ds):
            return axis.ds, None, zone
        codes = pd.factorize(ids)[0]
        ds, _, skipped = to_utc(axis.ds, zone, codes, config.ambiguous, config.nonexistent, grid.lines)
        if skipped.any():
            grid.ledger.record(
                "nonexistent-shifted",
                line=grid.lines[skipped],
                unique_id=ids[skipped],
                old=axis.ds[skipped].astype(str).astype(object),
                new=to_wall(ds[skipped], zone).astype(str).astype(object),
            )
            grid.notes.append(f"{int(skipped.sum())} stamps do not exist in {zone}: moved on by an hour")
        return ds, zone, zone
    if zone is None:
        zone = axis.zone or _zone_of_offsets(axis, grid)
    wall = to_wall(axis.ds, zone)
    return (wall, None, zone) if _is_daily(wall) else (axis.ds, zone, zone)


def _zone_of_offsets(axis: TimeAxis, grid: Grid) -> str:
    offsets = np.unique(axis.offsets[~np.isnat(axis.ds)]) if axis.offsets is not None else np.zeros(1, dtype="int64")
    if len(offsets) == 1:
        return offset_name(int(offsets[0]))
    listed = ", ".join(offset_name(int(o)) for o in offsets[:4])
    grid.notes.append(f"stamps carry several offsets ({listed}): written in UTC unless --zone names one")
    return "UTC"


def _is_daily(wall: StampArray) -> bool:
    """Whether all wall times are one time of day and steps are days."""
    known = wall[~np.isnat(wall)]
    clocks = known - known.astype("datetime64[D]")
    return len(known) > 1 and bool((clocks == clocks[0]).all())


def _refuse_long(grid: Grid, axis: TimeAxis, ignored: dict[str, str], channels: list[Channel]) -> None:
    """Stop where most stamps repeat and another column tells the repeats apart: that is a long file."""
    n = len(grid)
    if not axis.columns or n < 4:
        return
    stamps = pd.factorize(axis.ds)[0]
    if stamps.max() + 1 > 0.5 * n:
        return
    for column in grid.columns:
        if column.name in axis.columns or (column.texts is None and column.numbers is None):
            continue
        text = ignored.get(column.name, "") in ("text", "constant text")
        whole = column.name not in ignored and _is_whole(next(c for c in channels if c.name == column.name))
        if not text and not whole:
            continue
        cells = column.texts if column.texts is not None else column.numbers
        codes = pd.factorize(np.asarray(cells, dtype=object if column.texts is not None else float))[0]
        series = int(codes.max()) + 1
        pairs = len(np.unique(stamps.astype("int64") * (series + 1) + codes))
        if 1 < series <= 0.5 * n and pairs >= 0.98 * n:
            raise DataError(
                f"stamps repeat, once for each of the {series} values of '{column.name}': these are several series",
                f"--id-col {column.name if ' ' not in column.name else repr(column.name)}",
            )


def _is_whole(channel: Channel) -> bool:
    known = channel.values[np.isfinite(channel.values)]
    return len(known) == len(channel.values) and bool((known == np.round(known)).all())


def _frame(
    ids: npt.NDArray[Any], ds: StampArray | IntArray, channels: list[Channel], keep: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    every = bool(keep.all())
    columns: dict[str, Any] = {
        "unique_id": pd.Series(ids if every else ids[keep], dtype="str"),
        "ds": ds if every else ds[keep],
    }
    for channel in channels:
        columns[channel.name] = channel.values if every else channel.values[keep]
    return pd.DataFrame(columns, copy=False)


def _record_text(
    table: Table,
    channels: list[Channel],
    keep: npt.NDArray[np.bool_],
    ids: npt.NDArray[Any],
    ds: StampArray | IntArray,
    lines: IntArray,
) -> None:
    """Ledger entries for the text that stood in columns of numbers."""
    for channel in channels:
        rows = np.flatnonzero(channel.bad & keep)
        if len(rows) and channel.texts is not None:
            table.ledger.record(
                "text-to-missing",
                line=lines[rows],
                unique_id=ids[rows],
                column=channel.name,
                ds=pd.Series(ds[rows]).astype(object).to_numpy(),
                old=[channel.texts[i] for i in rows],
                new=np.full(len(rows), np.nan),
            )


def _time_name(axis: TimeAxis) -> str:
    if not axis.columns:
        return "step"
    return axis.columns[0] if len(axis.columns) == 1 else ("datetime" if len(axis.columns) > 1 else "ds")


def _time_fact(axis: TimeAxis) -> str | list[str] | None:
    if not axis.columns:
        return None
    return axis.columns[0] if len(axis.columns) == 1 else list(axis.columns)
