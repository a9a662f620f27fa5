"""What the calendar says of stamps: weekdays, seasons of the year, ends of months, holidays, events of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tsforecast.data.arrays import FloatArray
from tsforecast.data.event import Event
from tsforecast.data.frequency import DAY, WEEK, Frequency
from tsforecast.errors import MissingDependencyError, UsageError

Days = npt.NDArray[np.datetime64]
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_YEAR = 365.2425
#: Waves over the year; a season of the year is learnt from so many days at least.
_WAVES, FEWEST_DAYS = 2, 550


def calendar_columns(wall: Days, freq: str | int, n_days: float) -> tuple[list[str], FloatArray]:
    """Names, and what the calendar says of each stamp `(row, column)`; no column where the step has no calendar.

    Args:
        wall: Stamps as clocks show them `(row,)`.
        freq: Their step.
        n_days: Days that the rows to learn from span.
    """
    frequency = Frequency.of(freq)
    names: list[str] = []
    parts: list[FloatArray] = []
    if frequency.unit == "index" or frequency.unit == "months":
        return names, np.empty((len(wall), 0))
    days = wall.astype("datetime64[D]")
    if frequency.unit == "business days" or frequency.step <= DAY:
        weekday = (days.astype("int64") + 3) % 7
        names += list(_WEEKDAYS)
        parts += [(weekday == k).astype("float64") for k in range(len(_WEEKDAYS))]
        names += ["first day of the month", "last day of the month"]
        months = days.astype("datetime64[M]")
        parts += [
            (days == months.astype("datetime64[D]")).astype("float64"),
            (months != (days + 1).astype("datetime64[M]")).astype("float64"),
        ]
    if n_days >= FEWEST_DAYS and (frequency.unit != "time" or frequency.step <= WEEK):
        of_year = 2 * np.pi * (wall.astype("datetime64[us]").astype("int64") / DAY) / _YEAR
        for wave in range(1, _WAVES + 1):
            names += [f"year, cosine {wave}", f"year, sine {wave}"]
            parts += [np.cos(wave * of_year), np.sin(wave * of_year)]
    return names, np.column_stack(parts) if parts else np.empty((len(wall), 0))


def holiday_columns(wall: Days, freq: str | int, region: str) -> tuple[list[str], FloatArray]:
    """Names, and for each stamp whether its day is a holiday there, and the days beside it `(row, column)`.

    Steps longer than a day have the number of holidays in them.

    Args:
        wall: Stamps as clocks show them `(row,)`.
        freq: Their step.
        region: A country, perhaps with a part of it: "JP", "DE-BY".

    Raises:
        UsageError: There are no holidays of this name, or rows without a calendar.
        MissingDependencyError: The package `holidays` is not installed.
    """
    frequency = Frequency.of(freq)
    if frequency.unit == "index":
        raise UsageError(
            "rows without dates have no holidays", "leave out --holidays, or name the time with --time-col"
        )
    days = wall.astype("datetime64[D]")
    free = _holidays(region, days)
    if frequency.unit == "months" or (frequency.unit == "time" and frequency.step > DAY):
        after = frequency.after(wall[-1], 1).astype("datetime64[D]")
        edges = np.concatenate([days, after])
        counts = np.searchsorted(free, edges[1:]) - np.searchsorted(free, edges[:-1])
        return [f"{region}: holidays in the step"], counts[:, None].astype("float64")
    weekday = (days.astype("int64") + 3) % 7
    named = {
        f"{region}: holiday": np.isin(days, free),
        f"{region}: holiday from Monday to Friday": np.isin(days, free) & (weekday < 5),
        f"{region}: day before a holiday": np.isin(days + 1, free),
        f"{region}: day after a holiday": np.isin(days - 1, free),
    }
    return list(named), np.column_stack(list(named.values())).astype("float64")


def event_columns(wall: Days, events: Sequence[Event], name: str) -> FloatArray:
    """Whether an event of this name goes on at each stamp `(row, 1)`."""
    on = np.zeros(len(wall), dtype=bool)
    for event in events:
        if event.name == name:
            on |= (wall >= event.start) & (wall <= event.end)
    return on[:, None].astype("float64")


def _holidays(region: str, days: Days) -> Days:
    """The holidays of a region in the years of some days, sorted."""
    try:
        import holidays
    except ImportError:
        raise MissingDependencyError("holidays", "holidays", "--holidays") from None
    country, _, part = region.partition("-")
    years = range(int(str(days.min())[:4]) - 1, int(str(days.max())[:4]) + 2)
    try:
        found: Any = holidays.country_holidays(country.upper(), subdiv=part.upper() or None, years=years)
    except NotImplementedError as error:
        raise UsageError(
            f"there are no holidays of '{region}' ({error})", "--holidays US or --holidays DE-BY"
        ) from None
    return np.sort(np.array([str(day) for day in found], dtype="datetime64[D]"))
