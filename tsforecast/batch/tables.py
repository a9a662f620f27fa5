"""From a piece to the table of its series; what was read last is kept: the next piece is often of the same file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tsforecast.batch.pieces import Piece
from tsforecast.batch.remote import Remote, is_url
from tsforecast.config import ReadConfig
from tsforecast.data.ledger import Ledger
from tsforecast.data.panel import IntArray, Table
from tsforecast.errors import DataError


@dataclass
class Reader:
    """Reads the tables of pieces.

    Attributes:
        config: How to read.
    """

    config: ReadConfig
    _key: tuple[str, str] = ("", "")
    _table: Table | None = None

    def table(self, piece: Piece) -> Table:
        """The rows of the series of a piece, in the order of the file.

        Raises:
            TsforecastError: The file cannot be read, or holds no usable table.
        """
        if piece.rows is not None:
            return _stretch(piece, self.config)
        if self._key != (piece.source, piece.sha256) or self._table is None:
            self._table = None  # before the next is read
            self._key, self._table = (piece.source, piece.sha256), _read(piece.source, self.config)
        return _share(self._table, piece.part, piece.parts)


def _read(name: str, config: ReadConfig) -> Table:
    from tsforecast import io

    if not is_url(name):
        return io.read(name, config)
    with Remote.fetched(name) as path:
        return io.read(path, config)


def _stretch(piece: Piece, config: ReadConfig) -> Table:
    """Some rows of a Parquet file, as if they were a file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from tsforecast import io

    low, high = piece.rows or (0, 0)
    file = pq.ParquetFile(piece.source, memory_map=True)
    groups: list[int] = []
    first = row = 0
    for i in range(file.num_row_groups):
        size = file.metadata.row_group(i).num_rows
        if row < high and row + size > low:
            first = row if not groups else first
            groups.append(i)
        row += size
    whole = pa.Table.from_batches(file.iter_batches(row_groups=groups, batch_size=1 << 16), file.schema_arrow)
    table = io.from_frame(whole.slice(low - first, high - low).to_pandas(), config)
    return replace(table, lines=table.lines + low)


def _share(table: Table, part: int, parts: int) -> Table:
    if parts == 1:
        return table
    codes, ids = pd.factorize(table.frame["unique_id"])
    low, high = len(ids) * part // parts, len(ids) * (part + 1) // parts
    return rows_of(table, np.flatnonzero((codes >= low) & (codes < high)))


def some(table: Table, most: int) -> Table:
    """So many of its series at most, evenly spread."""
    codes, ids = pd.factorize(table.frame["unique_id"])
    if len(ids) <= most:
        return table
    kept = np.unique(np.linspace(0, len(ids) - 1, most).astype("int64"))
    return rows_of(table, np.flatnonzero(np.isin(codes, kept)))


def rows_of(table: Table, rows: IntArray) -> Table:
    """Some rows of a table, with the entries of the ledger that are of their series."""
    frame = table.frame.iloc[rows].reset_index(drop=True)
    return replace(
        table, frame=frame, lines=table.lines[rows], ledger=_entries(table.ledger, frame["unique_id"].unique())
    )


def _entries(ledger: Ledger, ids: Any) -> Ledger:
    if not len(ledger):
        return ledger
    own = Ledger()
    kept = ledger.frame
    kept = kept[kept["unique_id"].isin(set(ids))]
    for rule, entries in kept.groupby("rule", sort=False):
        own.record(str(rule), **{name: entries[name].to_numpy() for name in entries.columns if name != "rule"})
    return own


def single(table: Table) -> Iterator[Table]:
    """Each series by itself, and each column of it, unless columns are coordinates of one state.

    Raises:
        DataError: There is no row.
    """
    codes, ids = pd.factorize(table.frame["unique_id"])
    if not len(ids):
        raise DataError("there are no rows")
    order = np.argsort(codes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        own = rows_of(table, rows)
        channels: Sequence[list[str]] = [table.channels] if table.schema.joint else [[c] for c in table.channels]
        for names in channels:
            yield own if names == table.channels else replace(own, frame=own.frame[["unique_id", "ds", *names]])
