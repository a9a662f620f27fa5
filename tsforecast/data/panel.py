"""The two containers of series: `Table`, as read, and `Panel`, regular, which everything later relies on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsforecast.config import ReadConfig
from tsforecast.data.arrays import BoolArray, FloatArray, IntArray
from tsforecast.data.beside import Beside, beside
from tsforecast.data.frequency import Frequency
from tsforecast.data.ledger import Ledger
from tsforecast.data.series import Series
from tsforecast.errors import DataError

__all__ = [
    "BoolArray",
    "FloatArray",
    "Freq",
    "IntArray",
    "Panel",
    "Schema",
    "Table",
    "stamps_after",
    "stamps_from",
]

Freq = str | int


@dataclass(frozen=True)
class Schema:
    """What the user calls things: mapped once on reading, mapped back on writing.

    Attributes:
        time: Name of the time column (``ds`` where the input had none).
        id: Name of the series column of a long file, or None.
        zone: IANA zone or fixed offset in which stamps are written; None for zone-less stamps.
        joint: True where the channels of a series are coordinates of one state.
    """

    time: str = "ds"
    id: str | None = None
    zone: str | None = None
    joint: bool = False


@dataclass
class Table:
    """A file as it was read: source order, duplicates, irregular stamps and missing values still in it.

    Attributes:
        frame: `unique_id` (str), `ds` (datetime64[us], UTC without zone, or int64), then one float64 column
            a channel, named as the user named it. Missing is NaN. `(row, 2 + channel)`.
        lines: Source line of each row, 1-based `(row,)`.
        schema: The user's names and zone.
        ledger: What reading itself had to change (text made missing, footers left out, ...).
        facts: What was detected: encoding, delimiter, header lines, time format, columns ignored and why.
            Plain JSON values only.
        reading: The settings that it was read with, so that newer data are read alike.
        roles: See `Panel.roles`; "" of a column that has one of its own choosing: future where it is known ahead.
        sources: See `Panel.sources`.
    """

    frame: pd.DataFrame
    lines: IntArray
    schema: Schema = field(default_factory=Schema)
    ledger: Ledger = field(default_factory=Ledger)
    facts: dict[str, Any] = field(default_factory=dict)
    reading: ReadConfig = field(default_factory=ReadConfig)
    roles: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def channels(self) -> list[str]:
        return [str(c) for c in self.frame.columns[2:]]


@dataclass(frozen=True)
class Panel:
    """Series on a regular grid: the only container of series downstream of `prepare`.

    Guarantees, checked once in `Panel.checked`: `frame` is sorted by (`unique_id`, `ds`), has no duplicate stamps,
    every step is exactly `freq` (gaps are rows of NaN), channels are float64 and never infinite.
    A single series has the id "" (empty).

    Attributes:
        frame: Columns `unique_id, ds, <channels>` `(row, 2 + channel)`.
        freq: Pandas frequency alias ("h", "MS", "15min"), or an integer step where `ds` is an integer index.
        schema: The user's names and zone, for the way out.
        roles: What a column is to a model: "target" (where not named), "past" (known until now), "future" (known
            ahead) or "static" (one value a series).
        sources: The user's column behind a column of another name: of a category, each level is a column of 0 and 1.
        fill: How the gaps of its series are filled, for `Series.fill`; None leaves them.
    """

    frame: pd.DataFrame
    freq: Freq
    schema: Schema = field(default_factory=Schema)
    roles: Mapping[str, str] = field(default_factory=dict)
    fill: Callable[[Series], FloatArray] | None = None
    sources: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        id_col: str | None = None,
        time_col: str | None = None,
        freq: Freq | None = None,
        roles: Mapping[str, str] | None = None,
    ) -> Self:
        """A long frame as a panel; rows that are absent inside a series become rows of NaN.

        Args:
            frame: A column a channel, numbers throughout; in any order of rows.
            id_col: Column that names the series; None for "unique_id" where it is there, else for a single series.
            time_col: Column of stamps or whole numbers; None for "ds", the index of stamps, or the first column of
                stamps.
            freq: Step; None to take the commonest, of which all others must be multiples.
            roles: By column, "target", "past", "future" or "static"; columns not named are targets.

        Raises:
            DataError: Where a column is missing or no number, a stamp is missing, double or off the grid.
        """
        from tsforecast.data.frames import panel_from

        rows, frequency, names = panel_from(frame, id_col, time_col, freq, roles or {})
        return cls(rows, frequency.alias, Schema(str(names["time"]), names["id"], names["zone"]), dict(roles or {}))

    def to_frame(self) -> pd.DataFrame:
        """The panel under the user's names: the id column where there is one, the time column in its zone, channels."""
        from tsforecast.data.frames import frame_of

        return frame_of(self.frame, self.schema.time, self.schema.id, self.schema.zone)

    @classmethod
    def checked(cls, frame: pd.DataFrame, freq: Freq, schema: Schema | None = None) -> Panel:
        """Build a panel and verify every guarantee.

        Raises:
            DataError: Where one does not hold, naming the series.
        """
        panel = cls(frame.reset_index(drop=True), freq, schema or Schema())
        if list(frame.columns[:2]) != ["unique_id", "ds"] or frame.shape[1] < 3:
            raise DataError(f"a panel must have columns unique_id, ds and a channel, received {list(frame.columns)}")
        if len(frame) == 0:
            raise DataError("there are no rows")
        if not np.isfinite(panel.values[~np.isnan(panel.values)]).all():
            raise DataError("a panel must not hold infinite values")
        for uid, rows in panel:
            stamps = rows["ds"]
            expected = stamps_from(stamps.iloc[0], len(stamps), freq)
            if not np.array_equal(stamps.to_numpy(), expected):
                raise DataError(f"series '{uid}' is not on a regular grid of {freq}")
        return panel

    @cached_property
    def channels(self) -> list[str]:
        return [str(c) for c in self.frame.columns[2:]]

    @property
    def frequency(self) -> Frequency:
        """The step, as an object that knows its calendar."""
        return Frequency.of(self.freq)

    def columns(self, role: str) -> list[str]:
        """Names of the columns of a role."""
        return [c for c in self.channels if self.roles.get(c, "target") == role]

    @cached_property
    def values(self) -> FloatArray:
        """All channels, float64 `(row, channel)`."""
        return self.frame.iloc[:, 2:].to_numpy(dtype="float64")

    @cached_property
    def indptr(self) -> IntArray:
        """Row offsets of the series `(n_series + 1,)`: series i is rows `indptr[i]:indptr[i + 1]`."""
        if len(self.frame) == 0:
            return np.zeros(1, dtype="int64")
        codes, _ = pd.factorize(self.frame["unique_id"])
        starts = np.flatnonzero(np.diff(codes)) + 1
        return np.concatenate([[0], starts, [len(codes)]]).astype("int64")

    @cached_property
    def ids(self) -> list[str]:
        return [str(uid) for uid in self.frame["unique_id"].to_numpy()[self.indptr[:-1]]]

    @property
    def n_series(self) -> int:
        return len(self.indptr) - 1

    def __len__(self) -> int:
        return len(self.frame)

    def __iter__(self) -> Iterator[tuple[str, pd.DataFrame]]:
        for uid, low, high in zip(self.ids, self.indptr[:-1], self.indptr[1:], strict=True):
            yield uid, self.frame.iloc[low:high]

    def series(self) -> list[Series]:
        """One a target of each series (one a series where joint), edges trimmed, empty ones left out; made once."""
        return self._series

    @cached_property
    def _series(self) -> list[Series]:
        targets = [j for j, c in enumerate(self.channels) if self.roles.get(c, "target") == "target"]
        groups = [tuple(targets)] if self.schema.joint else [(j,) for j in targets]
        known = {name: j for j, name in enumerate(self.channels) if self.roles.get(name) in ("past", "future", "")}
        stamps = self.frame["ds"].to_numpy()
        found = []
        for uid, low, high in zip(self.ids, self.indptr[:-1], self.indptr[1:], strict=True):
            for group in groups:
                values = self.values[low:high, group]
                seen = np.flatnonzero(~np.isnan(values).all(axis=1))
                if len(seen):
                    first, stop = int(seen[0]), int(seen[-1]) + 1
                    names = tuple(self.channels[j] for j in group)
                    at = stamps[low + first : low + stop]
                    rows = slice(low + first, high)
                    known_beside = self._beside(stamps[rows], self.values[rows], known) if known else None
                    found.append(Series(uid, names, values[first:stop], first, at, fill=self.fill, beside=known_beside))
        return found

    def _beside(self, stamps: npt.NDArray[Any], values: FloatArray, known: Mapping[str, int]) -> Beside:
        """The columns that are known beside the targets, of one series, to its last row."""
        columns = {name: (self.sources.get(name, name), self.roles[name] == "future") for name in known}
        return beside(stamps, values[:, list(known.values())], columns, self.freq, self.schema.zone)

    def with_values(self, values: FloatArray) -> Panel:
        """The same grid with other values `(row, channel)`."""
        frame = self.frame[["unique_id", "ds"]].copy()
        for j, channel in enumerate(self.channels):
            frame[channel] = values[:, j]
        return replace(self, frame=frame)

    def without(self, names: Collection[str]) -> Panel:
        """The same rows without these columns."""
        kept = {name: role for name, role in self.roles.items() if name not in names}
        return replace(self, frame=self.frame.drop(columns=list(names)), roles=kept) if names else self

    def take_rows(self, keep: npt.NDArray[np.bool_]) -> Panel:
        """The rows where `keep` `(row,)` is true; the caller keeps each series contiguous in time."""
        return replace(self, frame=self.frame[keep].reset_index(drop=True))

    def drop_last(self, n: int) -> Panel:
        """Every series without its last `n` rows; series of `n` rows or fewer vanish."""
        keep = np.ones(len(self), dtype=bool)
        for low, high in zip(self.indptr[:-1], self.indptr[1:], strict=True):
            keep[max(low, high - n) : high] = False
        return self.take_rows(keep)

    def tail(self, n: int) -> Panel:
        """The last `n` rows of every series."""
        keep = np.zeros(len(self), dtype=bool)
        for low, high in zip(self.indptr[:-1], self.indptr[1:], strict=True):
            keep[max(low, high - n) : high] = True
        return self.take_rows(keep)


def stamps_from(start: Any, periods: int, freq: Freq) -> npt.NDArray[Any]:
    """`periods` stamps beginning at `start` (included), one `freq` apart `(periods,)`."""
    return Frequency.of(freq).stamps(start, periods)


def stamps_after(cutoff: Any, periods: int, freq: Freq) -> npt.NDArray[Any]:
    """The `periods` stamps that follow `cutoff` (not included), one `freq` apart `(periods,)`."""
    return Frequency.of(freq).after(cutoff, periods)
