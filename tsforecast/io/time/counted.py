"""Numbers that count time: compact dates, epochs, years, Excel's serial dates, an index."""

from __future__ import annotations

import re

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.io.cells.numbers import Marks, is_number, parse_numbers
from tsforecast.io.sheet import Column
from tsforecast.io.time.axis import TIME_NAME, TimeAxis
from tsforecast.io.time.decimal_year import decimal_year_axis
from tsforecast.io.time.stamp_patterns import StampArray, civil_days

_INDEX_NAME = re.compile(
    r"^\W*(unnamed.*|index|idx|no|nr|num|number|n|i|k|id|row|step|steps|t|time|ts|ds|timestep|time_?idx|column_1|"
    r"x|x_?value|sec|secs|seconds?|elapsed.*|samples?|sample_?(?:no|nr|num|number)|)\W*$",
    re.IGNORECASE,
)
_SERIAL_NAME = re.compile(r"date|time|datum|day|serial|stamp|日", re.IGNORECASE)
_YEAR_NAME = re.compile(r"year|jahr|ann[eé]|年|date|time|period", re.IGNORECASE)
_COMPACT = {len(f): f for f in ("YYYYMM", "YYYYMMDD", "YYYYMMDDHH", "YYYYMMDDHHmm", "YYYYMMDDHHmmSS")}
#: A regular decimal step may be off by this share of itself (rounded output of a simulation).
_STEP_TOLERANCE = 0.05
#: Fewer decimals than this under no name are no time, however regular.
_FEW = 10


def numbers_of(column: Column, marks: Marks) -> FloatArray | None:
    """A column's numbers, NaN where missing, or None where it is no column of numbers; a footer is forgiven."""
    if column.numbers is not None:
        return column.numbers
    if column.texts is None:
        return None
    head = [t for t in column.texts[:50] if t]
    if sum(map(is_number, head)) <= 0.5 * len(head):
        return None
    values, bad = parse_numbers(column.texts, marks)
    return values if bad.sum() <= 0.02 * len(values) + 3 and np.isfinite(values).any() else None


def count_axis(columns: list[Column], marks: Marks, *, repeats: bool) -> TimeAxis | None:
    """The first column of numbers that holds instants, else the first that is an index."""
    if len(columns) < 2:
        return None  # One column of numbers is the series itself.
    index = None
    for k, column in enumerate(columns):
        axis = count_time(column, marks, sure=False, first=k == 0, repeats=repeats)
        if axis is not None and not axis.is_index:
            return axis
        index = index or axis
    return index


def count_time(
    column: Column, marks: Marks, *, sure: bool, first: bool = True, repeats: bool = False
) -> TimeAxis | None:
    """A column of numbers read as time, or None.

    Args:
        column: The column.
        marks: How numbers are written.
        sure: The user named it as the time: its name need not say so.
        first: It is the first column: where time is, if no name says so.
        repeats: There are several series, so that time starts over.
    """
    values = numbers_of(column, marks)
    if values is None:
        return None
    known = values[np.isfinite(values)]
    if len(known) < max(2, 0.9 * len(values)):
        return None
    steps = np.diff(known)
    rising = bool((steps >= 0).mean() >= 0.95) and bool(steps.any())
    named = sure or TIME_NAME.search(column.name) is not None
    counts = named or (repeats and _INDEX_NAME.match(column.name) is not None)
    if not counts and not rising:
        return None
    return (
        _instants(column, values, known, trusted=named or (first and rising), sure=sure)
        or _years(column, values, known, sure=sure, first=first)
        or (decimal_year_axis(column, values, known, sure=sure) if not repeats else None)
        or _index(column, values, known, sure=sure or (counts and repeats), first=first)
    )


def _instants(column: Column, values: FloatArray, known: FloatArray, *, trusted: bool, sure: bool) -> TimeAxis | None:
    """Compact dates, epochs and serial dates."""
    if not trusted:
        return None
    names = (column.name,)
    compact = _compact(values, known)
    if compact is not None:
        return TimeAxis(compact[0], names, compact[1])
    epoch = _epoch(column, values, known)
    if epoch is not None:
        return TimeAxis(epoch[0], names, epoch[1], np.zeros(len(values), dtype="int64"))
    serial = known.min() >= 10_000 and known.max() <= 80_000 and bool((np.diff(known) >= 0).all())
    if serial and (_SERIAL_NAME.search(column.name) or (sure and bool((known != np.round(known)).any()))):
        return TimeAxis(_serial(values), names, "Excel serial date")
    return None


def _years(column: Column, values: FloatArray, known: FloatArray, *, sure: bool, first: bool) -> TimeAxis | None:
    """Whole numbers between 1500 and 2200, under a name that says so or one a row."""
    if not _whole(known) or known.min() < 1500 or known.max() > 2200:
        return None
    if not (sure or _YEAR_NAME.search(column.name) or (first and (np.diff(known) == 1).all())):
        return None
    good = np.isfinite(values)
    ds = (np.where(good, values, 1970).astype("int64") - 1970).astype("datetime64[Y]").astype("datetime64[us]")
    ds[~good] = np.datetime64("NaT")
    return TimeAxis(ds, (column.name,), "YYYY")


def _index(column: Column, values: FloatArray, known: FloatArray, *, sure: bool, first: bool) -> TimeAxis | None:
    """Whole numbers as they are; a regular decimal (a simulation's t) counted in steps."""
    steps = np.diff(known)
    counted = first and _whole(known) and bool((steps == 1).all())
    if len(known) < len(values) or not (sure or counted or _INDEX_NAME.match(column.name)):
        return None
    if not sure and not (steps > 0).all():
        return None
    if _whole(known) and np.abs(known).max() < 2**53:
        return TimeAxis(values.astype("int64"), (column.name,), "integer index")
    step = float(np.median(steps))
    if step <= 0 or (not sure and column.name == "column_1" and len(known) < _FEW):
        return None
    count = (known - known.min()) / step
    if np.abs(count - np.round(count)).max() > _STEP_TOLERANCE:
        return None
    note = f"column '{column.name}' advances by {step:.6g}: its steps are counted 0, 1, 2, ..."
    return TimeAxis(np.round(count).astype("int64"), (column.name,), f"steps of {step:.6g}", notes=(note,))


def _whole(known: FloatArray) -> bool:
    return bool((known == np.round(known)).all())


def _compact(values: FloatArray, known: FloatArray) -> tuple[StampArray, str] | None:
    """Whole numbers written YYYYMM, YYYYMMDD, YYYYMMDDHH, YYYYMMDDHHmm or YYYYMMDDHHmmSS."""
    length = len(str(int(known[0])))
    if length not in _COMPACT or not _whole(known) or known.min() < 10 ** (length - 1) or known.max() >= 10**length:
        return None
    rest = np.where(np.isfinite(values), values, 0).astype("int64")
    fields: dict[str, IntArray] = {"DD": np.ones(len(rest), dtype="int64")}
    for start in range(length - 2, 2, -2):
        rest, fields[_COMPACT[length][start : start + 2]] = np.divmod(rest, 100)
    good = np.isfinite(values) & (rest >= 1500) & (rest <= 2200)
    clock = np.zeros(len(values), dtype="int64")
    for part, seconds, limit in (("HH", 3600, 24), ("mm", 60, 59), ("SS", 1, 59)):
        if part in fields:
            clock += fields[part] * seconds
            good &= fields[part] <= limit
    dates = civil_days(rest, fields["MM"], fields["DD"])
    good &= ~np.isnat(dates)
    if good.sum() < 0.98 * len(known):
        return None
    ds = dates.astype("datetime64[us]") + (clock * 1_000_000).astype("timedelta64[us]")
    ds[~good] = np.datetime64("NaT")
    return ds, _COMPACT[length]


def _epoch(column: Column, values: FloatArray, known: FloatArray) -> tuple[StampArray, str] | None:
    """Seconds, milli-, micro- or nanoseconds since 1970.

    Between 1990 and 2090 the size of the numbers tells the unit. From 1900 on they are instants too where no smaller
    unit could be meant: beyond the seconds of 2090 for the finer units, in steps of minutes from 1973 on for seconds.
    """
    units = (("s", 1), ("ms", 1_000), ("us", 1_000_000), ("ns", 1_000_000_000))
    recent = [u for u in units if 631e6 * u[1] <= known.min() and known.max() <= 3786e6 * u[1]]
    for name, scale in recent or [u for u in units if _is_early(known, u[1])]:
        good = np.isfinite(values)
        ds = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
        digits = [column.texts[i] for i in np.flatnonzero(good)] if column.texts is not None else []
        if digits and scale > 1_000_000 and all(d.isdecimal() for d in digits):
            # Beyond 2**53 a float is no longer exact.
            micros = np.array(digits, dtype="int64") // 1_000
        else:
            micros = np.round(known * (1_000_000 / scale)).astype("int64")
        ds[good] = micros.astype("datetime64[us]")
        return ds, f"epoch {name}"
    return None


def _is_early(known: FloatArray, scale: int) -> bool:
    """Whether numbers are instants from 1900 to 2090, counted in this unit."""
    if not _whole(known) or known.min() < -2209e6 * scale or known.max() > 3786e6 * scale:
        return False
    largest = float(np.abs(known).max())
    if scale == 1:
        return bool(known.min() >= 94e6 and (known % 60 == 0).all())
    return largest > 3786e6 * scale / 1_000 and bool((known % (scale // 1000) == 0).all() and (known % 1000 == 0).all())


def _serial(values: FloatArray) -> StampArray:
    """Excel's days since 1899-12-30, to the millisecond that Excel keeps."""
    good = np.isfinite(values)
    ds = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    millis = np.round(values[good] * 86_400_000).astype("int64")
    ds[good] = np.datetime64("1899-12-30", "us") + (millis * 1000).astype("timedelta64[us]")
    return ds
