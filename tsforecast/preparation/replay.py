"""Ledgers as files, and replaying one: the same changes made again to the same table."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tsforecast.data.ledger import COLUMNS, Ledger
from tsforecast.data.panel import IntArray, Panel, Table
from tsforecast.errors import DataError, NotReadableError
from tsforecast.io.files import replacing
from tsforecast.preparation.grid.infer import infer
from tsforecast.preparation.marks import unmarked
from tsforecast.preparation.report import PrepareReport
from tsforecast.preparation.rows import Rows

_OHLC = ("open", "high", "low", "close")


def write_ledger(ledger: Ledger, path: str | Path) -> None:
    """Write one JSON object an entry: stamps as ISO 8601 in UTC, missing as null, infinite as text.

    Raises:
        NotReadableError: Where the file cannot be written.
    """
    with replacing(path, "--ledger") as stream:
        stream.writelines(line.encode() for line in _json_lines(ledger.frame))


def read_ledger(path: str | Path) -> Ledger:
    """Read what `write_ledger` wrote; entries may have been removed or edited by hand.

    Raises:
        NotReadableError: Where the file cannot be opened.
        DataError: Where a line is not an entry, naming it.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise NotReadableError(f"cannot read the ledger {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not a ledger: it is not UTF-8 text") from error
    entries = [_entry(line, path, number) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    frame = pd.DataFrame({name: pd.Series([e[name] for e in entries], dtype=object) for name in COLUMNS})
    frame["line"] = frame["line"].astype("int64")
    for name, where in (("ds", slice(None)), ("old", frame["rule"] == "snap"), ("new", frame["rule"] == "snap")):
        frame.loc[where, name] = _stamped(frame.loc[where, name], path)
    return Ledger([frame])


def _stamped(column: pd.Series, path: str | Path) -> pd.Series:
    """Text of ISO 8601 as stamps; integers and None as they are."""
    text = column.map(lambda value: isinstance(value, str)).astype(bool)
    stamps = column.copy()
    try:
        stamps[text] = pd.to_datetime(column[text], format="ISO8601").astype(object)
    except ValueError as error:
        raise DataError(f"{path} is not a ledger: a stamp is not a date ({error})") from error
    return stamps


def replay(table: Table, ledger: Ledger) -> Panel:
    """Make the changes of a ledger again: with the ledger `prepare` made from the same table, the same panel.

    Entries are told apart by what they name. A line without a column is a row left out; neither line nor column, a row
    put in; a column, a new value in that line or, without a line, at that stamp. Rule ``snap`` moves the stamp of a
    line. Rules ``resample …`` replace all rows.

    Raises:
        DataError: Where an entry names a series or stamp that is not there, or the result is not regular.
    """
    entries = ledger.frame
    line, column = entries["line"].to_numpy(), entries["column"].to_numpy()
    rule = entries["rule"].astype(str)
    resampled = rule.str.startswith("resample").to_numpy()
    table = unmarked(table, PrepareReport())
    rows = Rows.from_table(table)
    if resampled.any():
        rows = _emptied(rows, set(entries["column"][(rule == "resample ohlc").to_numpy()]))
    else:
        rows = rows.take(~np.isin(rows.lines, line[(column == "") & (line > 0)]))
        rows = _moved(rows, entries[(rule == "snap").to_numpy()])
    inserted = (line < 0) & ((column == "") | resampled)
    rows = _inserted(rows, entries[inserted])
    rows = _with_cells(rows, entries[np.isin(column, rows.channels)])
    chosen = entries["new"][(rule == "frequency").to_numpy()]
    freq = chosen.iloc[-1] if len(chosen) else infer(rows).freq
    panel = Panel.checked(rows.panel(freq, table.schema).frame, freq, table.schema)
    return replace(panel, roles=table.roles, sources=table.sources)


def _emptied(rows: Rows, ohlc: set[Any]) -> Rows:
    channels: list[str] = []
    for channel in rows.channels:
        parts = [f"{channel}_{part}" for part in _OHLC]
        channels += parts if parts[0] in ohlc else [channel]
    none = rows.take(np.zeros(0, dtype="int64"))
    return replace(none, channels=tuple(channels), values=np.empty((0, len(channels))))


def _moved(rows: Rows, entries: pd.DataFrame) -> Rows:
    if not len(entries):
        return rows
    at = _by_line(rows, entries["line"].to_numpy())
    stamps = rows.stamps.copy()
    stamps[at[at >= 0]] = _as_stamps(entries["new"], rows.is_index)[at >= 0]
    return replace(rows, stamps=stamps)


def _inserted(rows: Rows, entries: pd.DataFrame) -> Rows:
    """The rows and the new ones, empty, sorted."""
    new = entries[["unique_id", "ds"]].drop_duplicates()
    codes = _codes(rows, new["unique_id"]).astype("int32")
    stamps = _as_stamps(new["ds"], rows.is_index)
    joined = replace(
        rows,
        codes=np.concatenate([rows.codes, codes]),
        stamps=np.concatenate([rows.stamps, stamps]),
        values=np.concatenate([rows.values, np.full((len(new), len(rows.channels)), np.nan)]),
        lines=np.concatenate([rows.lines, np.full(len(new), -1)]),
    )
    return joined.take(np.lexsort((joined.stamps, joined.codes)))


def _with_cells(rows: Rows, entries: pd.DataFrame) -> Rows:
    line = entries["line"].to_numpy()
    at = _by_line(rows, line)
    distinct, times = np.unique(rows.lines, return_counts=True)
    # A line of a table that was turned holds several rows: there the series and the stamp tell which.
    unlined = (line < 0) | np.isin(line, distinct[times > 1])
    if unlined.any():
        there = pd.MultiIndex.from_arrays([rows.codes, rows.stamps])
        stamps = _as_stamps(entries["ds"][unlined], rows.is_index)
        at[unlined] = there.get_indexer(
            pd.MultiIndex.from_arrays([_codes(rows, entries["unique_id"][unlined]), stamps])
        )
        if (at[unlined] < 0).any():
            first = entries[unlined & (at < 0)].iloc[0]
            raise DataError(
                f"the ledger changes a value of '{first['column']}' at {first['ds']}, where there is no row"
            )
    values = rows.values.copy()
    new = pd.to_numeric(entries["new"], errors="coerce").to_numpy(dtype="float64")
    for j, channel in enumerate(rows.channels):
        mine = (entries["column"] == channel).to_numpy() & (at >= 0)
        values[at[mine], j] = new[mine]
    return replace(rows, values=values)


def _by_line(rows: Rows, lines: IntArray) -> IntArray:
    """Row of each source line, -1 where it is not there."""
    order = np.argsort(rows.lines, kind="stable")
    where = np.minimum(np.searchsorted(rows.lines[order], lines), max(len(rows) - 1, 0))
    found = order[where] if len(rows) else np.full(len(lines), -1)
    return np.where((lines > 0) & (rows.lines[found] == lines), found, -1) if len(rows) else found


def _codes(rows: Rows, ids: pd.Series) -> IntArray:
    codes = pd.Index(rows.ids).get_indexer(pd.Index(ids.astype(str)))
    if (codes < 0).any():
        raise DataError(
            f"the ledger names the series '{ids.iloc[int(np.argmin(codes))]}', which the table does not have"
        )
    return np.asarray(codes, dtype="int64")


def _as_stamps(ds: pd.Series, is_index: bool) -> IntArray:
    if is_index:
        return ds.to_numpy(dtype="int64")
    return pd.to_datetime(ds).to_numpy(dtype="datetime64[us]").view("int64")


def _json_lines(frame: pd.DataFrame) -> Iterator[str]:
    for values in zip(*(frame[name].tolist() for name in COLUMNS), strict=True):
        entry = {name: _plain(value) for name, value in zip(COLUMNS, values, strict=True)}
        yield json.dumps(entry, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    if value is pd.NaT:
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value


def _entry(line: str, path: str | Path, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
        if not isinstance(entry, dict) or set(COLUMNS) - set(entry) or not isinstance(entry["line"], int):
            raise ValueError
    except (ValueError, TypeError) as error:
        raise DataError(
            f"{path} is not a ledger: line {number} is not an entry", f"keys: {', '.join(COLUMNS)}"
        ) from error
    return entry
