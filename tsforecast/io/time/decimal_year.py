"""Numbers that are years and a share of one ("1958.2027"), as stamps."""

from __future__ import annotations

import re

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.io.sheet import Column
from tsforecast.io.time.axis import TimeAxis

_NAME = re.compile(r"year|jahr|ann[eé]|年|date|time|decimal|period", re.IGNORECASE)
# A month stated by its middle day is not always at its half: February's is early.
_WITHIN_A_MONTH = 0.2
_ROUNDED = 0.05


def decimal_year_axis(column: Column, values: FloatArray, known: FloatArray, *, sure: bool) -> TimeAxis | None:
    """Decimal years of months, quarters, years or days as stamps at their start; None where they are none of these.

    Args:
        column: Whose name must speak of time, unless `sure`.
        values: Its numbers `(row,)`, NaN where missing.
        known: Those that are not.
        sure: The user named it as the time.
    """
    if known.min() < 1700 or known.max() > 2200 or (known == np.round(known)).all() or len(known) < 3:
        return None
    if not (sure or _NAME.search(column.name)) or not (np.diff(known) > 0).all():
        return None
    for per_year, unit in ((1, "year"), (4, "quarter"), (12, "month")):
        counted = _counted(known, per_year)
        if counted is not None:
            months = (counted - 1970 * per_year) * (12 // per_year)
            return _axis(column, values, months.astype("datetime64[M]").astype("datetime64[us]"), unit)
    years = np.floor(known).astype("int64")
    start = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    length = ((years - 1969).astype("datetime64[Y]").astype("datetime64[D]") - start).astype("int64")
    into = (known - years) * length
    days = np.asarray(np.round(into - _phase(into)) - (_phase(into) < -_ROUNDED), dtype="int64")
    ds = start + days.astype("timedelta64[D]")
    apart = np.diff(ds.astype("int64"))
    if (apart == 1).mean() < 0.9 or (apart < 1).any():
        return None
    return _axis(column, values, ds.astype("datetime64[us]"), "day")


def _counted(known: FloatArray, per_year: int) -> np.ndarray | None:
    """The number of each period since year 0, where every value stands at about the same place of its own period."""
    scaled = known * per_year
    angle = _phase(scaled)
    counted = np.round(scaled - angle)
    steps = np.diff(counted)
    if np.abs(scaled - angle - counted).max() > _WITHIN_A_MONTH or (steps < 1).any() or (steps == 1).mean() < 0.5:
        return None
    # `counted` is the nearest boundary: what stands before it is of the period before, but for what was rounded
    return np.asarray(counted - (angle < -_ROUNDED), dtype="int64")


def _phase(counts: FloatArray) -> float:
    """Where in their periods numbers of periods stand on average, from -0.5 (half before a boundary) to 0.5."""
    return float(np.angle(np.exp(2j * np.pi * counts).mean()) / (2 * np.pi))


def _axis(column: Column, values: FloatArray, stamps: np.ndarray, unit: str) -> TimeAxis:
    good = np.isfinite(values)
    ds = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    ds[good] = stamps
    first, at = values[good][0], str(stamps[0])[:10]
    note = f"column '{column.name}' is read as decimal years, one value a {unit}: {first:.10g} is {at}"
    return TimeAxis(ds, (column.name,), "decimal year", notes=(note,))
