"""Regular grids: from a stamp to the number of its cell, and back. All arithmetic is on arrays of integers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from tsforecast.data.panel import Freq, IntArray
from tsforecast.errors import UsageError

MICROSECOND, MILLISECOND, SECOND = 1, 1_000, 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
WEEK = 7 * DAY
UNITS = ((DAY, "D"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s"), (MILLISECOND, "ms"), (MICROSECOND, "us"))
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_OLD_NAMES = {"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "M": "ME", "Q": "QE", "Y": "YE", "A": "YE"}


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
        freq: Alias ("MS", "QE-DEC", ...).
        n: Months a step.
        anchor: Month of a stamp, counted from January 1970, modulo `n`.
        day: ``start``, ``end``, ``business start`` or ``business end``.
        time: Time of day of the stamps, microseconds.
    """

    freq: Freq
    n: int
    anchor: int
    day: str
    time: int = 0

    def bins(self, stamps: IntArray) -> IntArray:
        months = month_of(stamps) - self.anchor
        return months // self.n if self.day.endswith("start") else -(-months // self.n)

    def cells(self, stamps: IntArray, _codes: Any, /) -> IntArray:
        return self.bins(stamps)

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


def month_of(stamps: IntArray) -> IntArray:
    """Months since January 1970 `(row,)`."""
    return (stamps // DAY).astype("datetime64[D]").astype("datetime64[M]").astype("int64")


def day_in_month(months: IntArray, day: str) -> IntArray:
    """The first or last (business) day of each month, in days since 1970 `(row,)`."""
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    last = (months + 1).astype("datetime64[M]").astype("datetime64[D]") - 1
    chosen = first if day.endswith("start") else last
    if day.startswith("business"):
        chosen = np.busday_offset(chosen, 0, roll="forward" if day.endswith("start") else "backward")
    return chosen.astype("int64")


def alias_of(step: int, first: int) -> str:
    """The pandas alias of a constant step; weeks are anchored at the weekday of the stamp `first`."""
    if step % WEEK == 0:
        count = "" if step == WEEK else str(step // WEEK)
        return f"{count}W-{WEEKDAYS[(first // DAY + 3) % 7]}"
    unit, name = next((unit, name) for unit, name in UNITS if step % unit == 0)
    return name if step == unit else f"{step // unit}{name}"


def grid_of(freq: str, is_index: bool) -> Grid:
    """The grid of a frequency the user gave; spans begin at midnight, on the weekday, or in the month it names.

    Raises:
        UsageError: Where the alias is unknown or has no constant or monthly step.
    """
    if is_index:
        if not re.fullmatch(r"[1-9]\d*", freq.strip()):
            raise UsageError(f"the index is of integers, so --freq must be a whole number, received '{freq}'")
        return FixedGrid(int(freq), int(freq), np.zeros(1, dtype="int64"))
    offset = _offset(freq)
    kind, n = type(offset).__name__, int(offset.n)
    if kind == "Week":
        # Thursday 1 January 1970 is day 0, so Monday 5 January is day 4.
        weekday = 3 if offset.weekday is None else int(offset.weekday)
        phase = np.array([(4 + weekday) * DAY], dtype="int64")
        return FixedGrid(alias_of(n * WEEK, int(phase[0])), n * WEEK, phase, lead=n * WEEK - DAY)
    if kind == "BusinessDay" and n == 1:
        return BusinessGrid()
    step = DAY * n if kind == "Day" else _microseconds(offset)
    if step:
        return FixedGrid(alias_of(step, 0), step, np.zeros(1, dtype="int64"))
    return _month_grid(offset, kind, n, freq)


def _month_grid(offset: Any, kind: str, n: int, freq: str) -> Grid:
    match = re.fullmatch(r"(B?)(Month|Quarter|Year|BusinessMonth)(Begin|End)", kind)
    if not match:
        raise UsageError(
            f"the frequency '{freq}' is not supported", "give a constant step, B, W-…, MS, ME, QS, QE, YS, YE"
        )
    business, span, side = match.groups()
    day = ("business " if business or span.startswith("Business") else "") + ("start" if side == "Begin" else "end")
    length = {"Month": 1, "BusinessMonth": 1, "Quarter": 3, "Year": 12}[span]
    month = {"Quarter": getattr(offset, "startingMonth", 1), "Year": getattr(offset, "month", 1)}.get(span, 1) - 1
    return MonthGrid(str(offset.freqstr), n * length, month % (n * length), day)


def _microseconds(offset: Any) -> int:
    """Length of a constant offset, 0 where it has none."""
    try:
        nanoseconds = int(pd.Timedelta(offset).value)
    except (ValueError, TypeError):
        return 0
    if nanoseconds % 1000:
        raise UsageError("steps finer than a microsecond are not supported", "use an integer index")
    return nanoseconds // 1000


def _offset(freq: str) -> Any:
    try:
        offset: Any = pd.tseries.frequencies.to_offset(freq)
    except ValueError as error:
        match = re.fullmatch(r"(\d*)([A-Z])(-[A-Z]{3})?", freq)
        new = match and _OLD_NAMES.get(match[2])
        hint = f"use '{match[1]}{new}{match[3] or ''}'" if match and new else "such as 15min, h, D, W-SUN, MS, QS or YS"
        raise UsageError(f"'{freq}' is not a frequency", hint) from error
    if offset.n <= 0:
        raise UsageError(f"the frequency must be a positive step, received '{freq}'")
    return offset
