"""Which columns tell the time, and what they say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tsforecast.errors import DataError
from tsforecast.io.cells import Column, Grid, Marks, is_missing, parse_numbers
from tsforecast.io.stamps import StampArray, civil_days, looks_like_clock, looks_like_stamp, parse_clock, parse_stamps
from tsforecast.panel import FloatArray, IntArray

_TIME_NAME = re.compile(
    r"^\W*(ds|ts|t|dt|at)\W*$|date|time|stamp|datum|zeit|fecha|hora|jour|heure|epoch|unix|period|month|year|week|day"
    r"|^(日時|日付|年月日|年月日時|時刻|年月|年度|観測日|観測時刻|計測日時)",
    re.IGNORECASE,
)
_INDEX_NAME = re.compile(
    r"^\W*(unnamed.*|index|idx|no|nr|num|number|n|i|k|id|row|step|steps|t|time|ts|ds|timestep|time_?idx|column_1|)\W*$",
    re.IGNORECASE,
)
_SERIAL_NAME = re.compile(r"date|time|datum|day|serial|stamp|日", re.IGNORECASE)
_PARTS = {
    "year": {"year", "yr", "y", "yyyy", "jahr", "année", "annee", "年"},
    "month": {"month", "mo", "mon", "m", "mm", "monat", "mois", "月"},
    "day": {"day", "d", "dd", "dom", "mday", "tag", "jour", "日"},
    "hour": {"hour", "hr", "h", "hh", "stunde", "heure", "hours", "時"},
    "minute": {"minute", "min", "mi", "mn", "minutes", "分"},
    "second": {"second", "sec", "s", "ss", "seconds", "秒"},
}
_SAMPLE = 60
_DAY = np.timedelta64(86_400_000_000, "us")


@dataclass
class TimeAxis:
    """The stamps of a table.

    Attributes:
        ds: datetime64[us] or int64 `(row,)`; NaT where unreadable.
        columns: Names of the columns used, none where there is no time.
        format: Readable.
        offsets: Minutes east of UTC `(row,)` where stamps carry a zone (`ds` is UTC then), else None (wall time).
        zone: Zone that the column itself names (typed columns), or None.
        dayfirst: How D/M/Y was read, None where it did not arise.
        notes: What a person should know.
    """

    ds: npt.NDArray[np.datetime64] | IntArray
    columns: tuple[str, ...]
    format: str
    offsets: IntArray | None = None
    zone: str | None = None
    dayfirst: bool | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_index(self) -> bool:
        return self.ds.dtype.kind == "i"


def find_time(grid: Grid, asked: str | None, dayfirst: bool | None, taken: set[str], marks: Marks) -> TimeAxis:
    """The time axis of a table: stamps by content, names breaking ties, then numbers that count time, else row numbers.

    Args:
        grid: The columns.
        asked: The user's ``--time-col``; several joined by "+" or "," (a date and a time of day).
        dayfirst: The user's ``--dayfirst`` or ``--monthfirst``.
        taken: Columns that serve another purpose (the id, chosen targets).
        marks: How numbers are written.

    Raises:
        DataError: Where the asked column is absent or is no time, or day and month cannot be told apart.
    """
    if asked is not None:
        return _asked_axis(grid, asked, dayfirst, marks)
    free = [c for c in grid.columns if c.name not in taken]
    finders: tuple[Callable[[], TimeAxis | None], ...] = (
        lambda: _stamp_axis(free, dayfirst, marks),
        lambda: _parts_axis(free, marks),
        lambda: _number_axis(free, marks),
    )
    for finder in finders:
        axis = finder()
        if axis is not None:
            return axis
    return TimeAxis(np.arange(len(grid), dtype="int64"), (), "row numbers")


def _asked_axis(grid: Grid, asked: str, dayfirst: bool | None, marks: Marks) -> TimeAxis:
    by_name = {c.name: c for c in grid.columns}
    names = [asked] if asked in by_name else [n.strip() for n in re.split(r"[+,]", asked)]
    absent = [n for n in names if n not in by_name]
    if absent:
        raise DataError(f"there is no column '{absent[0]}'", f"columns: {', '.join(list(by_name)[:20])}")
    chosen = [by_name[n] for n in names]
    axis = _stamp_axis(chosen, dayfirst, marks) if len(chosen) < 3 else None
    axis = axis or (_parts_axis(chosen, marks) if len(chosen) > 1 else _one_number_axis(chosen[0], marks, sure=True))
    if axis is None:
        texts = chosen[0].texts or [str(v) for v in (chosen[0].numbers if chosen[0].numbers is not None else [])]
        k = next((i for i, t in enumerate(texts) if not is_missing(t) and not looks_like_stamp(t)), 0)
        shown = texts[k][:40] if texts else ""
        raise DataError(
            f"column '{asked}' is no time: line {grid.lines[k]} says '{shown}'", "name another with --time-col"
        )
    return axis


def _sampled(texts: list[str]) -> list[str]:
    present = [t for t in texts[:: max(1, len(texts) // (4 * _SAMPLE))] if not is_missing(t)]
    if len(present) < 5:
        present = [t for t in texts if not is_missing(t)][:_SAMPLE]
    return present[:: max(1, len(present) // _SAMPLE)]


def _mostly(texts: list[str], test: Callable[[str], bool]) -> bool:
    sample = _sampled(texts)
    return bool(sample) and sum(map(test, sample)) > 0.5 * len(sample)


def _stamp_axis(columns: list[Column], dayfirst: bool | None, marks: Marks) -> TimeAxis | None:
    """The best column of written stamps, joined with a column of times of day where it holds dates alone."""
    ranked: list[tuple[tuple[float, ...], int]] = []
    for k, column in enumerate(columns):
        if column.stamps is not None:
            known = column.stamps[~np.isnat(column.stamps)]
            present, distinct = len(known), len(np.unique(known))
        elif column.texts is not None and _mostly(column.texts, looks_like_stamp):
            shown = [t for t in column.texts if not is_missing(t)]
            present, distinct = len(shown), len(set(shown))
        else:
            continue
        n = max(1, len(column.texts if column.texts is not None else column.stamps))  # type: ignore[arg-type]
        named = float(_TIME_NAME.search(column.name) is not None)
        ranked.append(((round(present / n, 2), round(distinct / n, 1), named, -k), k))
    for _, k in sorted(ranked, reverse=True):
        axis = _read_stamps(columns[k], dayfirst)
        if axis is not None:
            return _with_clock(axis, columns, k, marks)
    return None


def _read_stamps(column: Column, dayfirst: bool | None) -> TimeAxis | None:
    if column.stamps is not None:
        offsets = np.zeros(len(column.stamps), dtype="int64") if column.zone else None
        return TimeAxis(column.stamps, (column.name,), "typed", offsets, column.zone)
    parsed = parse_stamps(column.texts or [], dayfirst, f"column '{column.name}'")
    if parsed is None:
        return None
    return TimeAxis(parsed.stamps, (column.name,), parsed.format, parsed.offsets, None, parsed.dayfirst, parsed.notes)


def _with_clock(axis: TimeAxis, columns: list[Column], k: int, marks: Marks) -> TimeAxis:
    """Dates joined with the time of day in another column, if there is one."""
    known = axis.ds[~np.isnat(axis.ds)]
    if axis.offsets is not None or not np.array_equal(known, known.astype("datetime64[D]").astype(known.dtype)):
        return axis
    clocks = [j for j, c in enumerate(columns) if j != k and c.texts is not None and _mostly(c.texts, looks_like_clock)]
    clocks.sort(key=lambda j: (_TIME_NAME.search(columns[j].name) is None, abs(j - k)))
    for j in clocks:
        clock = parse_clock(columns[j].texts or [])
        if clock is not None and (abs(j - k) == 1 or _TIME_NAME.search(columns[j].name)):
            names = (*axis.columns, columns[j].name)
            return TimeAxis(axis.ds + clock, names, f"{axis.format} + HH:MM", None, None, axis.dayfirst, axis.notes)
    hours = _part_columns([c for j, c in enumerate(columns) if j != k], ("hour", "minute", "second"), marks)
    if "hour" in hours and len(np.unique(known)) < len(known):
        clock = sum((_part_delta(part, values) for part, (_, values) in hours.items()), np.timedelta64(0, "us"))
        names = (*axis.columns, *(name for name, _ in hours.values()))
        return TimeAxis(axis.ds + clock, names, f"{axis.format} + {'/'.join(hours)}", None, None, axis.dayfirst, axis.notes)
    return axis


def _numbers_of(column: Column, marks: Marks) -> FloatArray | None:
    """A column's numbers where (nearly) all present cells are numbers; a few footer cells are forgiven."""
    if column.numbers is not None:
        return column.numbers
    if column.texts is None:
        return None
    if not _mostly(column.texts, lambda t: t.replace(".", "").replace("-", "").isdecimal()):
        return None
    values, bad = parse_numbers(column.texts, marks)
    return values if bad.sum() <= 0.02 * len(values) + 3 and np.isfinite(values).any() else None


def _part_columns(columns: list[Column], wanted: tuple[str, ...], marks: Marks) -> dict[str, tuple[str, FloatArray]]:
    found: dict[str, tuple[str, FloatArray]] = {}
    ranges = {"year": (1, 9999), "month": (1, 12), "day": (1, 31), "hour": (0, 24), "minute": (0, 59), "second": (0, 60)}
    for part in wanted:
        for column in columns:
            if column.name.strip().lower() in _PARTS[part] and column.name not in {n for n, _ in found.values()}:
                values = _numbers_of(column, marks)
                low, high = ranges[part]
                if values is not None and ((values >= low) & (values <= high) | np.isnan(values)).all():
                    found[part] = (column.name, values)
                    break
    return found


def _part_delta(part: str, values: FloatArray) -> npt.NDArray[np.timedelta64]:
    micros = {"hour": 3_600_000_000, "minute": 60_000_000, "second": 1_000_000}[part]
    delta = np.round(np.nan_to_num(values) * micros).astype("int64").astype("timedelta64[us]")
    delta[np.isnan(values)] = np.timedelta64("NaT")
    return delta


def _parts_axis(columns: list[Column], marks: Marks) -> TimeAxis | None:
    """Year and month columns, with day, hour, minute and second where they exist."""
    parts = _part_columns(columns, ("year", "month", "day", "hour", "minute", "second"), marks)
    if "year" not in parts or "month" not in parts:
        return None
    present = ["year", "month"]
    for part in ("day", "hour", "minute", "second"):
        if part not in parts:
            break
        present.append(part)
    numbers = {p: parts[p][1] for p in present}
    missing = np.any([np.isnan(v) for v in numbers.values()], axis=0)
    whole = {p: np.nan_to_num(numbers[p], nan=1.0).astype("int64") for p in present[:3]}
    years = np.where(whole["year"] < 100, whole["year"] + np.where(whole["year"] >= 69, 1900, 2000), whole["year"])
    ones = np.ones(len(years), dtype="int64")
    ds = civil_days(years, whole["month"], whole.get("day", ones)).astype("datetime64[us]")
    for part in present[3:]:
        ds = ds + _part_delta(part, numbers[part])
    ds[missing] = np.datetime64("NaT")
    return TimeAxis(ds, tuple(parts[p][0] for p in present), "/".join(present))


def _number_axis(columns: list[Column], marks: Marks) -> TimeAxis | None:
    """A column of numbers that counts time: compact dates, epochs, years, serial dates, an index."""
    indices = []
    for k, column in enumerate(columns):
        axis = _one_number_axis(column, marks, sure=False, first=k == 0)
        if axis is not None and not axis.is_index:
            return axis
        if axis is not None:
            indices.append(axis)
    return indices[0] if indices else None


def _one_number_axis(column: Column, marks: Marks, sure: bool, first: bool = True) -> TimeAxis | None:
    values = _numbers_of(column, marks)
    if values is None or len(values) < 2:
        return None
    known = values[np.isfinite(values)]
    if len(known) < 0.9 * len(values):
        return None
    steps = np.diff(known)
    rising = bool((steps >= 0).mean() >= 0.95) if len(steps) else True
    named = sure or _TIME_NAME.search(column.name) is not None
    if not named and not (rising and steps.any()):
        return None
    whole = bool((known == np.round(known)).all())
    names = (column.name,)
    if whole and (named or first):
        compact = _compact(values, known)
        if compact is not None:
            return TimeAxis(compact[0], names, compact[1])
    epoch = _epoch(column, values, known)
    if epoch is not None and (named or (first and rising)):
        return TimeAxis(epoch[0], names, epoch[1], np.zeros(len(values), dtype="int64"))
    strictly = bool((steps > 0).all())
    if whole and known.min() >= 1500 and known.max() <= 2200:
        if sure or re.search("year|jahr|ann|年|date|time|period", column.name, re.I) or (first and (steps == 1).all()):
            years = np.nan_to_num(values, nan=1970).astype("int64")
            ds = ((years - 1970).astype("datetime64[Y]")).astype("datetime64[us]")
            ds[~np.isfinite(values)] = np.datetime64("NaT")
            return TimeAxis(ds, names, "YYYY")
    if _SERIAL_NAME.search(column.name) and known.min() >= 10_000 and known.max() <= 80_000 and (rising or sure):
        return TimeAxis(_serial(values), names, "Excel serial date")
    if _INDEX_NAME.match(column.name) or sure or (first and whole and (steps == 1).all()):
        return _index_axis(values, known, steps, names, whole, strictly or sure)
    return None


def _index_axis(
    values: FloatArray, known: FloatArray, steps: FloatArray, names: tuple[str, ...], whole: bool, strictly: bool
) -> TimeAxis | None:
    """Whole numbers as they are; regular decimals (a simulation's t) counted in steps."""
    if not strictly or len(known) < len(values):
        return None
    if whole and np.abs(known).max() < 2**53:
        return TimeAxis(values.astype("int64"), names, "integer index")
    step = float(np.median(steps)) if len(steps) else 0.0
    if step <= 0:
        return None
    count = (known - known[0]) / step
    if np.abs(count - np.round(count)).max() > 0.05:
        return None
    note = f"column '{names[0]}' advances by {step:.6g}: its steps are counted 0, 1, 2, ..."
    return TimeAxis(np.round(count).astype("int64"), names, f"steps of {step:.6g}", notes=(note,))


def _compact(values: FloatArray, known: FloatArray) -> tuple[StampArray, str] | None:
    """Whole numbers written YYYYMM, YYYYMMDD, YYYYMMDDHH, YYYYMMDDHHMM or YYYYMMDDHHMMSS."""
    formats = {len(f): f for f in ("YYYYMM", "YYYYMMDD", "YYYYMMDDHH", "YYYYMMDDHHmm", "YYYYMMDDHHmmSS")}
    length = len(str(int(known[0])))
    if length not in formats or known.min() < 10 ** (length - 1) or known.max() >= 10**length:
        return None
    rest = np.nan_to_num(values).astype("int64")
    fields: dict[str, IntArray] = {"DD": np.ones(len(rest), dtype="int64")}
    for start in range(length - 2, 2, -2):
        rest, fields[formats[length][start : start + 2]] = np.divmod(rest, 100)
    good = np.isfinite(values)
    clock = np.zeros(len(values), dtype="int64")
    for part, seconds, limit in (("HH", 3600, 24), ("mm", 60, 59), ("SS", 1, 59)):
        if part in fields:
            clock += fields[part] * seconds
            good &= fields[part] <= limit
    dates = civil_days(rest, fields["MM"], fields["DD"])
    good &= ~np.isnat(dates) & (rest >= 1500) & (rest <= 2200)
    if good.sum() < 0.98 * np.isfinite(values).sum():
        return None
    ds = dates.astype("datetime64[us]") + (clock * 1_000_000).astype("timedelta64[us]")
    ds[~good] = np.datetime64("NaT")
    return ds, formats[length]


def _epoch(column: Column, values: FloatArray, known: FloatArray) -> tuple[StampArray, str] | None:
    """Seconds, milli-, micro- or nanoseconds since 1970, for instants between 1990 and 2090."""
    for name, scale in (("s", 1), ("ms", 1_000), ("us", 1_000_000), ("ns", 1_000_000_000)):
        if known.min() >= 631e6 * scale and known.max() <= 3786e6 * scale:
            ds = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
            good = np.isfinite(values)
            if scale >= 1_000_000 and column.texts is not None and all(column.texts[i].isdecimal() for i in np.flatnonzero(good)):
                # Beyond 2**53 a float is no longer exact.
                micros = np.array([int(column.texts[i]) for i in np.flatnonzero(good)], dtype="int64") // (scale // 1_000_000)
            else:
                micros = np.round(known * (1_000_000 / scale)).astype("int64")
            ds[good] = micros.astype("datetime64[us]")
            return ds, f"epoch {name}"
    return None


def _serial(values: FloatArray) -> StampArray:
    """Excel's days since 1899-12-30, rounded to the millisecond that Excel keeps."""
    good = np.isfinite(values)
    ds = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    millis = np.round(values[good] * 86_400_000).astype("int64")
    ds[good] = np.datetime64("1899-12-30", "us") + (millis * 1000).astype("timedelta64[us]")
    return ds
