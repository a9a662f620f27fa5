"""`Frequency`: the step of a series, its calendar, its words and the seasons it implies; nobody else parses one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsforecast.errors import UsageError

IntArray = npt.NDArray[np.int64]
Unit = Literal["index", "time", "business days", "months"]

MICROSECOND, MILLISECOND, SECOND = 1, 1_000, 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
WEEK = 7 * DAY
UNITS = ((DAY, "D"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s"), (MILLISECOND, "ms"), (MICROSECOND, "us"))
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
EDGES = ("start", "end", "business start", "business end")
DAY_SECONDS = 86_400
YEAR_SECONDS = 365.25 * DAY_SECONDS
_OLD_NAMES = {"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "M": "ME", "Q": "QE", "Y": "YE", "A": "YE"}
# Steps in a minute, an hour, a day, a week or a year, by unit; a multiple of the unit divides them.
_SEASONS = (
    (SECOND, (60, 3600, 86_400)),
    (MINUTE, (60, 1440, 10_080)),
    (HOUR, (24, 168, 8766)),
    (DAY, (7, 365)),
)
_DURATIONS = (("day", 86_400.0), ("hour", 3600.0), ("minute", 60.0), ("second", 1.0), ("millisecond", 1e-3))
_WORDS = {DAY: "daily", HOUR: "hourly", MINUTE: "every minute", SECOND: "every second"}


@dataclass(frozen=True)
class Frequency:
    """One step of a regular series; made by `Frequency.of`.

    Attributes:
        alias: As pandas writes it ("15min", "W-SUN", "MS"), an integer for an integer index, or a monthly alias with
            a day of the month, which pandas has not ("MS-15", "QS-JAN-15"; the last day where a month is shorter).
        unit: What a step is counted in.
        step: Index units, microseconds, business days or months in a step.
        anchor: Microseconds since 1970 of a stamp of a weekly step; month of a monthly one, 0 for January.
        edge: Day in the month: one of `EDGES`, or a number from 2 to 30; "" where a step is not of months.
    """

    alias: str | int
    unit: Unit
    step: int
    anchor: int = 0
    edge: str | int = ""

    @staticmethod
    def of(alias: str | int | Frequency) -> Frequency:
        """The frequency that an alias or an integer step names.

        Raises:
            UsageError: Where it is unknown, or has no constant or monthly step.
        """
        return alias if isinstance(alias, Frequency) else _parsed(alias)

    def __str__(self) -> str:
        return str(self.alias)

    @property
    def months(self) -> int:
        """Months in a step, 0 where it is not counted in them."""
        return self.step if self.unit == "months" else 0

    @property
    def seconds(self) -> float:
        """Seconds in a step: on average for months and business days, 0 for an index."""
        if self.unit == "time":
            return self.step / SECOND
        if self.unit == "months":
            return self.step * YEAR_SECONDS / 12
        return self.step * 86_400 * 7 / 5 if self.unit == "business days" else 0.0

    @property
    def is_weekly(self) -> bool:
        """True where steps are whole weeks, each named by its weekday."""
        return self.unit == "time" and isinstance(self.alias, str) and "W" in self.alias

    @cached_property
    def seasons(self) -> tuple[int, ...]:
        """Steps of the seasons that the calendar implies, shortest first."""
        if self.unit == "business days":
            found: tuple[float, ...] = (5 / self.step, 261 / self.step)
        elif self.unit == "months":
            found = (12 / self.step,)
        elif self.unit == "index":
            found = ()
        elif self.step % WEEK == 0:
            found = (52 / (self.step // WEEK),)
        else:
            base = [(unit, steps) for unit, steps in _SEASONS if self.step % unit == 0]
            found = tuple(n * base[-1][0] / self.step for n in base[-1][1]) if base else ()
        return tuple(int(n) for n in found if n == int(n) and n > 1)

    @cached_property
    def words(self) -> str:
        """For people: "30 min", "weekly, on Sundays", "monthly, on the 15th"."""
        if self.unit == "index":
            return "every row" if self.step == 1 else f"every {self.step:,}"
        if self.unit == "business days":
            return "business days"
        if self.unit == "months":
            return f"{self._rhythm()}, on {self._day()}"
        if self.is_weekly:
            day = pd.Timestamp(self.anchor, unit="us").day_name()
            return f"weekly, on {day}s" if self.step == WEEK else f"every {self.step // WEEK} weeks, on {day}s"
        if self.step in _WORDS:
            return _WORDS[self.step]
        unit, name = next((unit, name) for unit, name in UNITS if self.step % unit == 0)
        return f"{self.step // unit} {'days' if name == 'D' else name}"

    def _rhythm(self) -> str:
        known = {1: "monthly", 3: "quarterly", 12: "yearly"}
        return known.get(self.step) or (f"every {self.step} months" if self.step % 12 else f"{self.step // 12}-yearly")

    def _day(self) -> str:
        month = f" of {pd.Timestamp(2000, self.anchor + 1, 1).month_name()}" if self._span == 12 else ""
        if isinstance(self.edge, int):
            ending = "th" if 10 < self.edge < 20 else {1: "st", 2: "nd", 3: "rd"}.get(self.edge % 10, "th")
            return f"the {self.edge}{ending}{month}"
        return f"the {'first' if self.edge.endswith('start') else 'last'}{' business' * ('b' in self.edge)} day{month}"

    def duration(self, steps: float) -> str:
        """So many steps in words ("1 day", "9 months"), to three digits; empty where a step has no length in time."""
        steps = float(f"{steps:.3g}") if steps < 1000 else round(steps)
        if self.months:
            months = steps * self.months
            return _counted(months / 12, "year") if months >= 24 or months == 12 else _counted(months, "month")
        seconds = steps * self.seconds if self.unit == "time" else 0.0
        if seconds <= 0:
            return ""
        if seconds >= 2 * YEAR_SECONDS:
            return _counted(seconds / YEAR_SECONDS, "year")
        unit, length = next(((unit, length) for unit, length in _DURATIONS if seconds >= 0.99 * length), _DURATIONS[-1])
        return _counted(seconds / length, unit)

    def unit_of_time(self) -> tuple[float, str] | None:
        """How long a step is in a unit that holds several, and that unit; None where it has no length in time."""
        if self.months:
            return self.months / 12, "year"
        if self.unit != "time":
            return None
        if self.seconds >= 86_400:
            return self.seconds / YEAR_SECONDS, "year"
        unit, length = min((u for u in _DURATIONS if u[1] > self.seconds), key=lambda u: u[1])
        return self.seconds / length, unit

    def stamps(self, start: Any, periods: int) -> npt.NDArray[Any]:
        """`periods` stamps one step apart, the first at `start`, or next after it where none is there `(periods,)`."""
        count = np.arange(periods, dtype="int64")
        if self.unit == "index":
            return count * self.step + int(start)
        at = microseconds(start)
        if self.unit == "time":
            first = at + (self.anchor // DAY - at // DAY) % 7 * DAY if self.is_weekly else at
            return as_stamps(first + count * self.step)
        day, time = divmod(at, DAY)
        if self.unit == "business days":
            days = np.busday_offset(np.datetime64(day, "D"), count * self.step, roll="forward").astype("int64")
        else:
            first = self._month_at_or_after(day)
            days = day_in_month(first + count * self.step, self.edge)
        return as_stamps(days * DAY + time)

    def after(self, stamp: Any, periods: int) -> npt.NDArray[Any]:
        """The `periods` stamps that follow `stamp` (not included), one step apart `(periods,)`."""
        return self.stamps(stamp, periods + 1)[1:]

    def between(self, first: Any, last: Any) -> int:
        """Steps from one stamp to another, both on its grid; whole steps where they are not, negative backwards."""
        if self.unit == "index":
            return (int(last) - int(first)) // self.step
        low, high = microseconds(first), microseconds(last)
        if self.unit == "time":
            return (high - low) // self.step
        if self.unit == "business days":
            days = np.array([low // DAY, high // DAY]).astype("datetime64[D]")
            return int(np.busday_count(days[0], days[1])) // self.step
        return (self._month_at_or_after(high // DAY) - self._month_at_or_after(low // DAY)) // self.step

    def _month_at_or_after(self, day: int) -> int:
        """Months since 1970 of the first stamp on or after a day, in months that the alias names."""
        month = int(np.datetime64(day, "D").astype("datetime64[M]").astype("int64"))
        month += int(day_in_month(np.array([month]), self.edge)[0] < day)
        return month + (self.anchor - month) % self._span

    @property
    def _span(self) -> int:
        """Months that the alias speaks of: a month, a quarter or a year."""
        named = re.match(r"\d*B?([MQY])", str(self.alias))
        return {"M": 1, "Q": 3, "Y": 12}[named[1]] if named else 1


def as_stamps(microseconds: IntArray) -> npt.NDArray[Any]:
    """Microseconds since 1970 as datetime64[us]."""
    return microseconds.astype("int64").view("datetime64[us]")


def alias_of(step: int, first: int) -> str:
    """The pandas alias of a constant step; weeks are anchored at the weekday of the stamp `first`."""
    if step % WEEK == 0:
        count = "" if step == WEEK else str(step // WEEK)
        return f"{count}W-{WEEKDAYS[(first // DAY + 3) % 7]}"
    unit, name = next((unit, name) for unit, name in UNITS if step % unit == 0)
    return name if step == unit else f"{step // unit}{name}"


def monthly_alias(months: int, anchor: int, edge: str | int) -> str:
    """The alias of a step of whole months, whose stamps lie in month `anchor` (0 for January) modulo `months`."""
    business = "B" if str(edge).startswith("business") else ""
    side = "E" if str(edge).endswith("end") else "S"
    if months % 12 == 0:
        count, name = months // 12, f"{business}Y{side}-{MONTHS[anchor % 12]}"
    elif months % 3 == 0:
        # Quarters are named by their first month as a start, by the year's last as an end.
        count, name = months // 3, f"{business}Q{side}-{MONTHS[anchor % 3 + (0 if side == 'S' else 9)]}"
    else:
        count, name = months, f"{business}M{side}"
    day = f"-{edge}" if isinstance(edge, int) else ""
    return f"{'' if count == 1 else count}{name}{day}"


def month_of(stamps: IntArray) -> IntArray:
    """Months since January 1970 `(row,)`."""
    return (stamps // DAY).astype("datetime64[D]").astype("datetime64[M]").astype("int64")


def day_in_month(months: IntArray, edge: str | int) -> IntArray:
    """The day of each month that `edge` names, the last where a month is shorter, in days since 1970 `(row,)`."""
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    last = (months + 1).astype("datetime64[M]").astype("datetime64[D]") - 1
    if isinstance(edge, int):
        return np.asarray(np.minimum(first + (edge - 1), last).astype("int64"))
    chosen = first if edge.endswith("start") else last
    if edge.startswith("business"):
        chosen = np.busday_offset(chosen, 0, roll="forward" if edge.endswith("start") else "backward")
    return chosen.astype("int64")


@lru_cache(maxsize=256)
def _parsed(alias: str | int) -> Frequency:
    if not isinstance(alias, str):
        if isinstance(alias, bool) or alias < 1:
            raise UsageError(f"the step of an integer index must be a whole number above 0, received {alias!r}")
        return Frequency(int(alias), "index", int(alias))
    monthly = re.fullmatch(r"(\d*[MQY]S(?:-[A-Z]{3})?)-(\d{1,2})", alias)
    if monthly:
        whole, day = _parsed(monthly[1]), int(monthly[2])
        if not 1 < day < 31:
            raise UsageError(f"the day of '{alias}' must be from 2 to 30", "MS is the first day, ME the last")
        return Frequency(f"{whole.alias}-{day}", "months", whole.step, whole.anchor, day)
    offset = _offset(alias)
    kind, n = type(offset).__name__, int(offset.n)
    if kind == "Week":
        # Thursday 1 January 1970 is day 0, so Monday 5 January is day 4.
        anchor = (4 + (3 if offset.weekday is None else int(offset.weekday))) * DAY
        return Frequency(alias_of(n * WEEK, anchor), "time", n * WEEK, anchor)
    if kind == "BusinessDay":
        return Frequency("B" if n == 1 else f"{n}B", "business days", n)
    step = DAY * n if kind == "Day" else _length_of(offset)
    if step:
        name = f"{step // DAY}D" if step % WEEK == 0 else alias_of(step, 0)
        return Frequency(name, "time", step)
    return _monthly(offset, kind, n, alias)


def _monthly(offset: Any, kind: str, n: int, alias: str) -> Frequency:
    match = re.fullmatch(r"(B?)(Month|Quarter|Year|BusinessMonth)(Begin|End)", kind)
    if not match:
        raise UsageError(
            f"the frequency '{alias}' is not supported", "give a constant step, B, W-…, MS, ME, QS, QE, YS, YE, MS-15"
        )
    business, span, side = match.groups()
    edge = ("business " if business or span.startswith("Business") else "") + ("start" if side == "Begin" else "end")
    length = {"Month": 1, "BusinessMonth": 1, "Quarter": 3, "Year": 12}[span]
    month = {"Quarter": getattr(offset, "startingMonth", 1), "Year": getattr(offset, "month", 1)}.get(span, 1) - 1
    return Frequency(str(offset.freqstr), "months", n * length, month % length, edge)


def _length_of(offset: Any) -> int:
    """Microseconds of a constant offset, 0 where it has none."""
    try:
        nanoseconds = int(pd.Timedelta(offset).as_unit("ns").value)
    except (ValueError, TypeError):
        return 0
    if nanoseconds % 1000:
        raise UsageError("steps finer than a microsecond are not supported", "use an integer index")
    return nanoseconds // 1000


def _offset(alias: str) -> Any:
    try:
        offset: Any = pd.tseries.frequencies.to_offset(alias)
    except ValueError as error:
        match = re.fullmatch(r"(\d*)([A-Z])(-[A-Z]{3})?", alias)
        new = match and _OLD_NAMES.get(match[2])
        hint = f"use '{match[1]}{new}{match[3] or ''}'" if match and new else "such as 15min, h, D, W-SUN, MS, QS or YS"
        raise UsageError(f"'{alias}' is not a frequency", hint) from error
    if offset.n <= 0:
        raise UsageError(f"the frequency must be a positive step, received '{alias}'")
    return offset


def microseconds(stamp: Any) -> int:
    """Microseconds since 1970 of one stamp of any kind that pandas reads."""
    return int(pd.Timestamp(stamp).to_datetime64().astype("datetime64[us]").astype("int64"))


def _counted(number: float, unit: str) -> str:
    text = f"{number:,.3g}" if number < 1000 else f"{number:,.0f}"
    return f"{text} {unit}{'' if text == '1' else 's'}"
