"""Regular grids: from a stamp to the number of its cell, and back. All arithmetic is on arrays of integers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tsforecast.data.frequency import DAY, Frequency, day_in_month, month_of
from tsforecast.data.panel import Freq, IntArray
from tsforecast.errors import UsageError


class Grid(Protocol):
    """Cells are numbered; consecutive cells are one `freq` apart. Stamps are microseconds since 1970 (or an index)."""

    @property
    def freq(self) -> Freq: ...

    def cells(self, stamps: IntArray, codes: Any, /) -> IntArray:
        """The cell whose stamp is nearest `(row,)`, for data that is regular but for slips."""
        ...

    def bins(self, stamps: IntArray) -> IntArray:
        """The cell whose span holds the stamp `(row,)`, for aggregating."""
        ...

    def stamps(self, cells: IntArray, codes: Any, /) -> IntArray:
        """The stamp of each cell `(row,)`."""
        ...


@dataclass(frozen=True)
class FixedGrid:
    """Steps of constant length: seconds, hours, days, weeks, an integer index.

    Attributes:
        freq: Alias, or the integer step of an index.
        step: Microseconds (or index units).
        phase: Stamp of cell 0 of each series `(series,)`, or one for all.
        lead: How long before its stamp the span of a cell begins: 0 except for weeks, which are named by their end.
    """

    freq: Freq
    step: int
    phase: IntArray
    lead: int = 0

    def cells(self, stamps: IntArray, codes: Any, /) -> IntArray:
        return (stamps - self._phase_of(codes) + self.step // 2) // self.step

    def bins(self, stamps: IntArray) -> IntArray:
        return (stamps - int(self.phase[0]) + self.lead) // self.step

    def stamps(self, cells: IntArray, codes: Any, /) -> IntArray:
        return cells * self.step + self._phase_of(codes)

    def _phase_of(self, codes: Any) -> IntArray | int:
        return int(self.phase[0]) if len(self.phase) == 1 else self.phase[codes]


@dataclass(frozen=True)
class MonthGrid:
    """Steps of whole months: months, quarters, years, at their first or last (business) day.

    Attributes:
        freq: Alias ("MS", "QE-DEC", "MS-15", ...).
        n: Months a step.
        anchor: Month of a stamp, counted from January 1970, modulo `n`.
        day: ``start``, ``end``, ``business start``, ``business end`` or a day of the month.
        time: Time of day of the stamps, microseconds.
    """

    freq: Freq
    n: int
    anchor: int
    day: str | int
    time: int = 0

    def bins(self, stamps: IntArray) -> IntArray:
        months = month_of(stamps) - self.anchor
        if isinstance(self.day, int):
            return (months - (day_in_month(months + self.anchor, self.day) > stamps // DAY)) // self.n
        return months // self.n if self.day.endswith("start") else -(-months // self.n)

    def cells(self, stamps: IntArray, codes: Any, /) -> IntArray:
        if not isinstance(self.day, int):
            return self.bins(stamps)
        before = self.bins(stamps)
        late = stamps - self.stamps(before, codes) > self.stamps(before + 1, codes) - stamps
        return np.asarray(before + late)

    def stamps(self, cells: IntArray, _codes: Any, /) -> IntArray:
        return day_in_month(cells * self.n + self.anchor, self.day) * DAY + self.time


@dataclass(frozen=True)
class BusinessGrid:
    """Monday to Friday; a weekend stamp belongs to the Friday before."""

    freq: Freq = "B"
    time: int = 0

    def bins(self, stamps: IntArray) -> IntArray:
        days = (stamps // DAY).astype("datetime64[D]")
        weekdays = np.busday_offset(days, 0, roll="backward")
        return np.busday_count(np.datetime64("1970-01-01"), weekdays).astype("int64")

    def cells(self, stamps: IntArray, _codes: Any, /) -> IntArray:
        return self.bins(stamps)

    def stamps(self, cells: IntArray, _codes: Any, /) -> IntArray:
        days = np.busday_offset(np.datetime64("1970-01-01"), cells, roll="forward")
        return days.astype("int64") * DAY + self.time


def grid_of(freq: str, is_index: bool) -> Grid:
    """The grid of a frequency the user gave; spans begin at midnight, on the weekday, or in the month it names.

    Raises:
        UsageError: Where the alias is unknown or has no constant or monthly step.
    """
    if is_index:
        if not re.fullmatch(r"[1-9]\d*", freq.strip()):
            raise UsageError(f"the index is of integers, so --freq must be a whole number, received '{freq}'")
        return FixedGrid(int(freq), int(freq), np.zeros(1, dtype="int64"))
    found = Frequency.of(freq)
    if found.unit == "business days":
        if found.step > 1:
            raise UsageError(f"the frequency '{freq}' is not supported", "B is one business day")
        return BusinessGrid()
    if found.unit == "months":
        return MonthGrid(str(found), found.step, found.anchor, found.edge)
    phase = np.array([found.anchor], dtype="int64")
    return FixedGrid(str(found), found.step, phase, lead=found.step - DAY if found.is_weekly else 0)
