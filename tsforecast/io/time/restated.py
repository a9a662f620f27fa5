"""Columns of numbers that only say the time again: decimal years, parts of the calendar."""

from __future__ import annotations

import re
from typing import cast

import numpy as np
import pandas as pd

from tsforecast.data.panel import FloatArray
from tsforecast.io.cells.numbers import Marks
from tsforecast.io.sheet import Column
from tsforecast.io.time.axis import TimeAxis
from tsforecast.io.time.counted import numbers_of
from tsforecast.io.time.stamp_patterns import StampArray

# A month is a twelfth of a year, stated by its start, middle or end.
_MONTH = 0.1
# Spread of the difference beside that of the times: what only happens to be near the year moves apart.
_APART = 0.1
_NAMES = {
    part: re.compile(rf"(?:^|[_\W])(?:{words})(?:$|[_\W])", re.IGNORECASE)
    for part, words in {
        "year": "year|yr|jahr|ann[eé]e|年",
        "quarter": "quarter|qtr|q|quartal",
        "month": "month|mon|monat|mois|月",
        "week": r"week|iso_?week|week_?(?:of_?year|no|nr|num(?:ber)?)|kw|woche",
        "day of the year": "doy|day_?of_?year|yday|julian(?:_?day)?",
        "day of the week": "dow|weekday|day_?of_?week|wday|week_?day|wochentag",
        "day": "day|dom|mday|day_?of_?month|tag|jour|日",
        "weekend": "is_?weekend|weekend",
        "hour": "hour|hr|stunde|heure|時",
        "minute": "minute|min",
    }.items()
}


def restated(columns: list[Column], axis: TimeAxis, marks: Marks) -> dict[str, str]:
    """Which columns say nothing but the time, and what of it, by name.

    A part of the calendar must bear its name and be right in every row; a decimal year only the second.
    """
    if axis.is_index:
        return {}
    ds = cast("StampArray", axis.ds)
    found = {}
    for column in columns:
        values = None if column.name in axis.columns or column.stamps is not None else numbers_of(column, marks)
        if values is None:
            continue
        known = np.isfinite(values) & ~np.isnat(ds)
        if known.sum() < 2:
            continue
        reason = _said_by(column.name, values[known], ds[known])
        if reason:
            found[column.name] = f"the {reason} of the time"
    return found


def _said_by(name: str, values: FloatArray, stamps: StampArray) -> str | None:
    if ((values >= 1500) & (values <= 2200)).all() and (values != np.round(values)).any():
        apart = values - decimal_years(stamps)
        return "decimal year" if np.abs(apart).max() <= _MONTH and np.ptp(apart) <= _APART * np.ptp(values) else None
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    index = pd.DatetimeIndex(stamps)
    for part, pattern in _NAMES.items():
        if pattern.search(spaced) and any((values == way).all() for way in _ways(part, index)):
            return part
    return None


def decimal_years(stamps: StampArray) -> FloatArray:
    """Years with the share of the year that has passed `(row,)`."""
    years = stamps.astype("datetime64[Y]")
    start, end = years.astype("datetime64[us]"), (years + 1).astype("datetime64[us]")
    share = (stamps - start).astype("float64") / (end - start).astype("float64")
    return np.asarray(years.astype("int64") + 1970 + share)


def _ways(part: str, index: pd.DatetimeIndex) -> list[FloatArray]:
    """How a part of the calendar is counted here and there."""
    monday, month = index.day_of_week.to_numpy(), index.month.to_numpy()
    weeks = index.isocalendar().week.to_numpy(dtype="float64")
    ways = {
        "year": [index.year.to_numpy(), index.year.to_numpy() % 100],
        "quarter": [(month - 1) // 3 + 1],
        "month": [month, month - 1],
        "week": [weeks, (index.day_of_year.to_numpy() - 1) // 7 + 1, (index.day_of_year.to_numpy() - 1) // 7],
        "day of the year": [index.day_of_year.to_numpy(), index.day_of_year.to_numpy() - 1],
        "day of the week": [monday, monday + 1, (monday + 1) % 7, (monday + 1) % 7 + 1],
        "day": [index.day.to_numpy(), monday, monday + 1, (monday + 1) % 7, (monday + 1) % 7 + 1],
        "weekend": [(monday >= 5).astype("float64")],
        "hour": [index.hour.to_numpy(), index.hour.to_numpy() + 1],
        "minute": [index.minute.to_numpy(), index.hour.to_numpy() * 60 + index.minute.to_numpy()],
    }
    return [np.asarray(way, dtype="float64") for way in ways[part]]
