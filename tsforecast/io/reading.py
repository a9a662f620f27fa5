"""A file of any kind as a `Table`: the columns told apart, the user's names kept, every change on record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsforecast.config import ReadConfig
from tsforecast.data.panel import IntArray, Schema, Table
from tsforecast.errors import DataError, UsageError
from tsforecast.io.cells.channels import EMPTY, TIMES, UNNAMED, YEARLESS, Channel, find_channels
from tsforecast.io.cells.decimal_marks import find_marks
from tsforecast.io.cells.numbers import Marks
from tsforecast.io.cells.roles import find_beside, named_roles
from tsforecast.io.cells.suspects import find_suspects
from tsforecast.io.formats import read_grid
from tsforecast.io.ids import find_ids, id_texts, refuse_long
from tsforecast.io.sheet import BoolArray, Column, Sheet
from tsforecast.io.source import load
from tsforecast.io.structured import read_frame
from tsforecast.io.time.axis import TimeAxis
from tsforecast.io.time.clock_changes import clock_change_hint
from tsforecast.io.time.finding import find_time
from tsforecast.io.time.restated import restated
from tsforecast.io.time.stamp_patterns import StampArray
from tsforecast.io.time.unread import unread_times
from tsforecast.io.time.zones import offset_name, to_utc, to_wall, zone_in_names, zone_of
from tsforecast.io.turned import turn

#: Columns left out that a note lists.
_LISTED = 8
ObjectArray = npt.NDArray[np.object_]


def read(source: str | Path, config: ReadConfig | None = None, *, beside: bool = False) -> Table:
    """Read a table of series from a path, or from stdin where `source` is "-".

    Columns, dialect, encoding and time are found by content unless `config` says otherwise; `Table.facts` says what
    was found. The series of a long file are named by `config.id_col`, or by a column called "unique_id". Rows keep
    the order of the file. Stamps with a zone become UTC, except where all are one time of day: daily and coarser
    grids keep their wall time, and `facts["zone"]` alone names the zone. With `beside`, the columns that are no target
    are read, too, where the targets are named.

    Raises:
        NotReadableError: Where the input cannot be opened or decoded.
        DataError: Where it holds no usable table.
        UsageError: Where an option names what is not there.
        MissingDependencyError: Where the format needs an optional package.
    """
    config = config or ReadConfig()
    if config.decimal not in (None, ".", ","):
        raise UsageError(f"the decimal mark is . or , - received '{config.decimal}'")
    with np.errstate(over="ignore", invalid="ignore"):  # Absurd values are kept for the repair to see.
        return interpret(read_grid(load(source, config.max_size), config), config, beside=beside)


def read_beside(source: str | Path | pd.DataFrame, config: ReadConfig, like: Schema) -> Table:
    """A table without targets: columns at stamps of which some lie ahead, with the time and ids of other data.

    Raises:
        NotReadableError, DataError, UsageError: As of `read`.
    """
    grid = read_frame(source) if isinstance(source, pd.DataFrame) else read_grid(load(source, config.max_size), config)
    names = [c.name for c in grid.columns]
    time_col = config.time_col or (like.time if like.time in names else None)
    id_col = next((name for name in (config.id_col, like.id) if name in names), "none")
    config = replace(config, time_col=time_col, id_col=id_col)
    with np.errstate(over="ignore", invalid="ignore"):
        return interpret(grid, config, targets=False)


def from_frame(frame: pd.DataFrame, config: ReadConfig | None = None, *, beside: bool = False) -> Table:
    """A pandas DataFrame, understood as `read` understands a file; "lines" are its rows, from 1.

    Raises:
        DataError: Where it holds no usable table.
        UsageError: Where an option names what is not there.
    """
    grid = read_frame(frame)
    grid.facts |= {"format": "frame", "source": "a frame", "compression": None, "encoding": None}
    with np.errstate(over="ignore", invalid="ignore"):
        return interpret(grid, config or ReadConfig(), beside=beside)


def interpret(grid: Sheet, config: ReadConfig, *, targets: bool = True, beside: bool = False) -> Table:
    """The columns of a file, told apart; see `read`, `from_frame` and `read_beside`."""
    if grid.facts.get("blank_rows"):
        grid.notes.append(f"{grid.facts['blank_rows']} blank rows left out")
    turned_by = turn(grid, config)
    grid.facts.setdefault("columns", [c.name for c in grid.columns])
    reading, config = config, replace(config, id_col=turned_by or config.id_col)
    marks = _marks(grid, config)
    id_column = find_ids(grid, config)
    id_names = _id_names(grid, id_column)
    ids = None if id_column is None else np.array(id_texts(id_column), dtype=object)
    reserved = set(config.target_col) | id_names
    if targets:
        named = named_roles(config, [c.name for c in grid.columns if c.name not in id_names])
        reserved |= set(named)
    axis = find_time(grid, config.time_col, config.dayfirst, reserved, marks, repeats=id_column is not None)
    axis = _counted_by_series(axis, ids)
    taken = dict.fromkeys(axis.columns, "time") | dict.fromkeys(id_names, "series id")
    codes = None if ids is None else pd.factorize(ids)[0]
    if not targets:
        named = {c.name: "future" for c in grid.columns if c.name not in taken}
    channels: list[Channel] = []
    ignored = {c.name: "not asked for" for c in grid.columns if c.name not in {*taken, *named}}
    again, taken = restated(grid.columns, axis, marks), taken | dict.fromkeys(named, "beside")
    if targets:
        channels, ignored = find_channels(
            grid.columns, config.target_col, taken, marks, config.na_value, codes, joint=config.joint, again=again
        )
    if targets and id_column is None and config.id_col is None:
        refuse_long(grid, axis, channels, marks)
    implied = [name for name, why in ignored.items() if why == "not asked for"] if beside else []
    columns = find_beside(grid.columns, named, implied, marks, config.na_value, codes, few=not targets)
    for channel in columns.channels:
        ignored.pop(columns.sources.get(channel.name, channel.name), None)
    ignored |= columns.ignored
    channels = [*channels, *columns.channels]
    _say_of(channels, grid)
    _say_ignored(ignored, grid)
    unread = {"text", TIMES, YEARLESS} if axis.is_index else {"text", YEARLESS}
    grid.notes += unread_times([c for c in grid.columns if ignored.get(c.name) in unread], axis)
    keep = _rows_with_stamp(grid, axis)
    ds, zone, shown = _settle_zone(axis, ids, config, grid)
    grid.columns = []
    schema = Schema(_time_name(axis), id_column.name if id_column else None, zone, config.joint)
    _record_text(grid, channels, keep, ids, ds)
    facts = grid.facts | {
        "decimal": marks.decimal,
        "n_rows": int(keep.sum()),
        "time_column": list(axis.columns) if len(axis.columns) > 1 else next(iter(axis.columns), None),
        "time_format": axis.format,
        "dayfirst": axis.dayfirst,
        "zone": shown,
        "integer_index": axis.is_index,
        "channels": [c.name for c in channels],
        "ignored": ignored,
        "suspects": find_suspects([c.name for c in channels], [c.values[keep] for c in channels]),
        "notes": [*grid.notes, *axis.notes],
    }
    absent: dict[str, Any] = {"encoding": None, "delimiter": None, "header_lines": [], "preamble_lines": []}
    frame, facts = _frame(ids, ds, channels, keep), absent | facts
    return Table(frame, grid.lines[keep], schema, grid.ledger, facts, reading, columns.roles, columns.sources)


def _marks(grid: Sheet, config: ReadConfig) -> Marks:
    if config.decimal is not None:
        return Marks.of_decimal(config.decimal)
    return find_marks([c.texts for c in grid.columns if c.texts is not None], str(grid.facts.get("delimiter") or ""))


def _counted_by_series(axis: TimeAxis, ids: ObjectArray | None) -> TimeAxis:
    """The time; where it is the number of the row, that within each series."""
    if ids is None or axis.columns or not axis.is_index:
        return axis
    counted = pd.Series(ids).groupby(ids, sort=False).cumcount().to_numpy()
    return replace(axis, ds=np.asarray(counted, dtype=np.int64))


def _id_names(grid: Sheet, column: Column | None) -> set[str]:
    """The columns that went into the ids."""
    if column is None:
        return set()
    names = {c.name for c in grid.columns}
    return {column.name} if column.name in names else set(column.name.split("+")) & names


def _say_of(channels: list[Channel], grid: Sheet) -> None:
    """What was done to read the columns, their units, and another name where theirs means something else."""
    for channel in channels:
        if channel.said:
            grid.notes.append(f"column '{channel.name}': {channel.said}")
        if channel.name in ("unique_id", "ds"):
            channel.name = _free_name(channel.name, grid)
            grid.notes.append(f"a column of values is called '{channel.name}' here: its own name means something else")
        if channel.unit:
            grid.facts.setdefault("units", {})[channel.name] = channel.unit


def _say_ignored(ignored: dict[str, str], grid: Sheet) -> None:
    """A note on the columns that are not forecast, and why."""
    unsaid = {name for name, reason in ignored.items() if reason == EMPTY and UNNAMED.fullmatch(name)}
    told = {name: reason for name, reason in ignored.items() if reason != "not asked for" and name not in unsaid}
    if told:
        listed = [f"'{name}' ({reason})" for name, reason in list(told.items())[:_LISTED]]
        more = f" and {len(told) - _LISTED} more" if len(told) > _LISTED else ""
        grid.notes.append(f"columns left out: {', '.join(listed)}{more}")


def _free_name(name: str, grid: Sheet) -> str:
    taken = {c.name for c in grid.columns}
    while name in taken:
        name = f"{name}_"
    return name


def _rows_with_stamp(grid: Sheet, axis: TimeAxis) -> BoolArray:
    """Which rows have a stamp `(row,)`; the others are left out, on record, footers apart from the rest."""
    if axis.is_index:
        return np.ones(len(grid), dtype=bool)
    keep = ~np.isnat(cast("StampArray", axis.ds))
    if not keep.any():
        raise DataError(f"no row has a readable time in {', '.join(axis.columns)}", "name the time with --time-col")
    lost = np.flatnonzero(~keep)
    last = np.flatnonzero(keep)[-1]
    texts = [c.texts for c in grid.columns if c.texts is not None]
    for rule, rows in (("row-without-stamp", lost[lost < last]), ("footer-left-out", lost[lost > last])):
        if len(rows):
            old = [",".join(t[i] for t in texts) for i in rows]
            grid.ledger.record(rule, line=grid.lines[rows], old=old)
            grid.notes.append(f"{len(rows)} rows: {rule.replace('-', ' ')}, first in line {grid.lines[rows[0]]}")
    return np.asarray(keep)


def _settle_zone(
    axis: TimeAxis, ids: ObjectArray | None, config: ReadConfig, grid: Sheet
) -> tuple[StampArray | IntArray, str | None, str | None]:
    """Stamps for the frame, the zone to write them in, and the zone to show.

    Wall times of a daily or coarser grid stay wall times: a day is not always 24 hours long.
    """
    zone = config.zone
    if axis.is_index:
        return axis.ds, None, None
    stamps = cast("StampArray", axis.ds)
    codes = np.zeros(len(grid), dtype="int64") if ids is None else pd.factorize(ids)[0]
    if axis.offsets is None and zone is None:
        zone = zone_in_names(axis.columns)
        if zone is None:
            hint = clock_change_hint(stamps, codes, grid.lines)
            grid.notes += [hint] if hint else []
            return stamps, None, None
        grid.notes.append(f"times are of the zone that the header names: {zone}")
    if axis.offsets is not None:
        zone = zone or axis.zone or _zone_of_offsets(axis.offsets[~np.isnat(stamps)], grid)
        wall = to_wall(stamps, zone)
        return (wall, None, zone) if _is_daily(wall) else (stamps, zone, zone)
    zone = str(zone)
    zone_of(zone)
    if _is_daily(stamps):
        return stamps, None, zone
    ds, skipped = to_utc(stamps, zone, codes, config.ambiguous, config.nonexistent, grid.lines)
    if skipped.any():
        grid.ledger.record(
            "nonexistent-shifted",
            line=grid.lines[skipped],
            unique_id="" if ids is None else ids[skipped],
            ds=_entries(ds[skipped]),
            old=[str(w) for w in stamps[skipped]],
            new=[str(w) for w in to_wall(ds[skipped], zone)],
        )
        grid.notes.append(f"{int(skipped.sum())} stamps do not exist in {zone}: moved past the change of clocks")
    return ds, zone, zone


def _zone_of_offsets(offsets: IntArray, grid: Sheet) -> str:
    """The one offset of all stamps; UTC, said, where there are several."""
    distinct = np.unique(offsets)
    if len(distinct) == 1:
        return offset_name(int(distinct[0]))
    listed = ", ".join(offset_name(int(o)) for o in distinct[:4])
    grid.notes.append(f"stamps carry several offsets ({listed}): written in UTC unless --zone names one")
    return "UTC"


def _is_daily(wall: StampArray) -> bool:
    """Whether all wall times are one time of day, on more than one day."""
    known = wall[~np.isnat(wall)].astype("int64")
    return len(known) > 1 and bool((known % 86_400_000_000 == known[0] % 86_400_000_000).all() and np.ptp(known) > 0)


def _frame(
    ids: ObjectArray | None, ds: StampArray | IntArray, channels: list[Channel], keep: BoolArray
) -> pd.DataFrame:
    n = int(keep.sum())
    unique_id = pd.Series("", index=pd.RangeIndex(n), dtype="str") if ids is None else pd.Series(ids[keep], dtype="str")
    columns: dict[str, Any] = {"unique_id": unique_id, "ds": ds[keep]}
    return pd.DataFrame(columns | {c.name: c.values[keep] for c in channels}, copy=False)


def _record_text(
    grid: Sheet, channels: list[Channel], keep: BoolArray, ids: ObjectArray | None, ds: StampArray | IntArray
) -> None:
    """Ledger entries for the text that stood in columns of numbers."""
    for channel in channels:
        rows = np.array([i for i in channel.odd if keep[i]], dtype="int64")
        if not len(rows):
            continue
        grid.ledger.record(
            "text-to-missing",
            line=grid.lines[rows],
            unique_id="" if ids is None else ids[rows],
            column=channel.name,
            ds=_entries(ds[rows]),
            old=[channel.odd[int(i)] for i in rows],
            new=np.full(len(rows), np.nan),
        )
        line, text = int(grid.lines[rows[0]]), channel.odd[int(rows[0])][:40]
        grid.notes.append(f"column '{channel.name}': {len(rows)} cells are text, first in line {line} ('{text}')")


def _entries(ds: StampArray | IntArray) -> list[Any]:
    """Stamps as the ledger keeps them: pandas timestamps or whole numbers."""
    return pd.Series(ds).astype(object).tolist()


def _time_name(axis: TimeAxis) -> str:
    """The name of the time on the way out."""
    if len(axis.columns) == 1:
        return axis.columns[0]
    return "datetime" if axis.columns else "step"
