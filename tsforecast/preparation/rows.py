"""The rows of a table as plain arrays, in which repair and resampling work without a loop over series."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsforecast.data.panel import Freq, IntArray, Panel, Schema, Table

BoolArray = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """A table turned into arrays; every step of the repair takes rows and returns rows.

    Attributes:
        ids: Ids of the series, sorted.
        channels: Names of the value columns.
        codes: Series of each row, an index into `ids` `(row,)`.
        stamps: Microseconds since 1970, or the integer index `(row,)`.
        values: float64 `(row, channel)`.
        lines: Source line of each row, -1 where the source has none `(row,)`.
        is_index: True where `stamps` is an integer index and not a time.
    """

    ids: tuple[str, ...]
    channels: tuple[str, ...]
    codes: npt.NDArray[np.int32]
    stamps: IntArray
    values: Values
    lines: IntArray
    is_index: bool

    @classmethod
    def from_table(cls, table: Table) -> Rows:
        """Arrays over the memory of the table where possible: never written to in place."""
        frame = table.frame
        codes, ids = _factorize(frame["unique_id"])
        is_index = not pd.api.types.is_datetime64_any_dtype(frame["ds"].dtype)
        stamps = frame["ds"].to_numpy() if is_index else frame["ds"].to_numpy(dtype="datetime64[us]")
        return cls(
            ids=ids,
            channels=tuple(str(c) for c in frame.columns[2:]),
            codes=codes,
            stamps=stamps.astype("int64", copy=False) if is_index else stamps.view("int64"),
            values=frame.iloc[:, 2:].to_numpy(dtype="float64"),
            lines=np.asarray(table.lines, dtype="int64"),
            is_index=is_index,
        )

    def __len__(self) -> int:
        return len(self.stamps)

    def take(self, which: IntArray | BoolArray) -> Rows:
        """The rows at the given positions, or where the mask is true."""
        return replace(
            self,
            codes=self.codes[which],
            stamps=self.stamps[which],
            values=self.values[which],
            lines=self.lines[which],
        )

    def without(self, codes: set[int]) -> Rows:
        """The rows of the other series, which are numbered anew."""
        gone = np.zeros(len(self.ids), dtype=bool)
        gone[list(codes)] = True
        keep = ~gone[self.codes]
        number = (np.cumsum(~gone) - 1).astype("int32")
        ids = tuple(uid for uid, out in zip(self.ids, gone, strict=True) if not out)
        kept = self.take(keep)
        return replace(kept, ids=ids, codes=number[kept.codes])

    def begins(self) -> BoolArray:
        """True at the first row of each series `(row,)`; the rows of a series must be contiguous."""
        first = np.ones(len(self), dtype=bool)
        np.not_equal(self.codes[1:], self.codes[:-1], out=first[1:])
        return first

    def steps(self) -> IntArray:
        """Differences of neighbouring stamps within a series `(row - n_series,)`."""
        steps = np.diff(self.stamps)
        return steps if len(self.ids) == 1 else steps[~self.begins()[1:]]

    def names(self, where: Any = slice(None)) -> npt.NDArray[np.object_]:
        """Ids of the selected rows."""
        names: npt.NDArray[np.object_] = np.asarray(self.ids, dtype=object)[self.codes[where]]
        return names

    def ds(self, where: Any = slice(None)) -> npt.NDArray[Any]:
        """Stamps of the selected rows as datetime64[us], or integers."""
        return as_ds(self.stamps[where], self.is_index)

    def panel(self, freq: Freq, schema: Schema) -> Panel:
        """The panel of these rows, which must be sorted and on the grid of `freq`."""
        ids = pd.Series(list(self.ids)).take(self.codes).reset_index(drop=True)
        frame = pd.DataFrame({"unique_id": ids, "ds": self.ds()})
        values = pd.DataFrame(self.values, columns=list(self.channels))
        return Panel(pd.concat([frame, values], axis=1), freq, schema)


def as_ds(stamps: IntArray, is_index: bool) -> npt.NDArray[Any]:
    """Integer stamps as the `ds` of a frame: datetime64[us], or themselves for an index."""
    return stamps if is_index else stamps.astype("int64").view("datetime64[us]")


def _factorize(unique_id: pd.Series) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
    codes, ids = pd.factorize(unique_id)
    if len(ids) <= 1:
        return np.zeros(len(unique_id), dtype="int32"), tuple(str(i) for i in ids)
    order = np.argsort(np.asarray(ids, dtype=str), kind="stable")
    rank = np.empty(len(order), dtype="int32")
    rank[order] = np.arange(len(order), dtype="int32")
    return rank[codes], tuple(str(ids[i]) for i in order)
