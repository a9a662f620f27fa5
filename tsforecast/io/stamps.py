"""Text to instants: every way of writing a time that the reader knows, decided over whole columns."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tsforecast.errors import DataError
from tsforecast.io.cells import BoolArray, is_missing
from tsforecast.panel import IntArray

StampArray = npt.NDArray[np.datetime64]

_MONTHS = {
    name: number
    for number, names in enumerate(
        "jan janv januar january janvier|feb fev févr februar february février|mar mär mrz mars march märz|"
        "apr avr april avril|may mai|jun juin june juni|jul juil july juli juillet|aug août august|"
        "sep sept september septembre|oct okt october oktober octobre|nov november novembre|"
        "dec dez déc december dezember décembre".split("|"),
        start=1,
    )
    for name in names.split()
}
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
_ERAS |= {"R": 2018, "H": 1988, "S": 1925, "T": 1911, "M": 1867}

_CLOCK = (
    r"(?P<noon>午前|午後)?(?P<h>\d{1,2})"
    r"(?:(?::(?P<mi>\d{1,2})(?::(?P<s>\d{1,2})(?:[.,](?P<f>\d{1,9}))?)?)"
    r"|(?:時(?:(?P<jmi>\d{1,2})分(?:(?P<js>\d{1,2})秒)?)?)"
    r"|(?:\.(?P<dmi>\d{2})\.(?P<ds>\d{2})))"
    r"(?:\s*(?P<ampm>[AaPp])\.?[Mm]\.?)?"
)
_ZONE = r"(?:\s*(?P<z>Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?"
_SUFFIX = rf"(?:(?:T|[ ,_]+|(?<=日)|(?<=\)))\s*{_CLOCK}{_ZONE})?"
_WEEKDAY = r"(?:\s*[(（](?:[月火水木金土日]|[A-Za-z]{2,9})[)）])?"
_DAYNAME = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+)?"

#: name, pattern; the first that fits most of a column is its format.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("YYYY-MM-DD", rf"(?P<Y>\d{{4}})(?P<sep>[-/. ])(?P<M>\d{{1,2}})(?P=sep)(?P<D>\d{{1,2}}){_WEEKDAY}{_SUFFIX}"),
        ("D/M/Y", rf"(?P<a>\d{{1,2}})(?P<sep>[-/. ])(?P<b>\d{{1,2}})(?P=sep)(?P<Y>\d{{4}}|\d{{2}}){_WEEKDAY}{_SUFFIX}"),
        ("YYYY-MM", r"(?P<Y>\d{4})[-/M](?P<M>0?[1-9]|1[0-2])"),
        ("MM/YYYY", r"(?P<M>0?[1-9]|1[0-2])[-/](?P<Y>\d{4})"),
        ("YYYY-QN", r"(?P<Y>\d{4})(?:[- ]?[Qq]|年第?)(?P<Q>[1-4])(?:四半期)?"),
        ("QN YYYY", r"[Qq](?P<Q>[1-4])[-/ ]?(?P<Y>\d{4})"),
        ("YYYY-Www", r"(?P<Y>\d{4})-?W(?P<W>\d{1,2})(?:-?(?P<wd>[1-7]))?"),
        ("YYYY-DDD", r"(?P<Y>\d{4})-(?P<yd>\d{3})"),
        (
            "YYYY年M月D日",
            rf"(?:(?P<era>令和|平成|昭和|大正|明治)\s*)?(?P<Y>\d{{1,4}}|元)年\s*(?P<M>\d{{1,2}})月"
            rf"(?:\s*(?P<D>\d{{1,2}})日)?{_WEEKDAY}{_SUFFIX}",
        ),
        ("R5.7.23", rf"(?P<era>[RHSTM])\s?(?P<Y>\d{{1,2}}|元)(?P<sep>[-/.])(?P<M>\d{{1,2}})(?P=sep)(?P<D>\d{{1,2}}){_SUFFIX}"),
        (
            "YYYYMMDD",
            r"(?P<Y>(?:1[5-9]|20|21)\d{2})(?P<M>0[1-9]|1[0-2])(?P<D>0[1-9]|[12]\d|3[01])"
            rf"(?:[T _-]?(?P<h>[01]\d|2[0-4])(?:(?P<mi>[0-5]\d)(?P<s>[0-5]\d)?)?{_ZONE}|[T ]{_CLOCK.replace('?P<', '?P<c_')}"
            rf"{_ZONE.replace('?P<', '?P<c_')})?",
        ),
        (
            "D Mon YYYY",
            rf"{_DAYNAME}(?P<D>\d{{1,2}})(?:st|nd|rd|th)?[-/. ]*(?P<mon>[^\W\d_]{{3,9}})\.?[-/, ]*(?P<Y>\d{{4}}|\d{{2}}){_SUFFIX}",
        ),
        (
            "Mon D, YYYY",
            rf"{_DAYNAME}(?P<mon>[^\W\d_]{{3,9}})\.?[- ]*(?P<D>\d{{1,2}})(?:st|nd|rd|th)?(?:,\s*|\s+|-)(?P<Y>\d{{4}}){_SUFFIX}",
        ),
        ("Mon YYYY", r"(?P<mon>[^\W\d_]{3,9})\.?[-/, ]*(?P<Y>\d{4}|\d{2})"),
        ("YYYY Mon", r"(?P<Y>\d{4})[-/ ]*(?P<mon>[^\W\d_]{3,9})\.?"),
    )
)
_CLOCK_ONLY = re.compile(rf"{_CLOCK}{_ZONE}")
#: Below this share of readable cells, a column holds no stamps.
_ENOUGH = 0.5
_YEAR_PIVOT = 69


@dataclass(frozen=True)
class Parsed:
    """A column of text read as stamps.

    Attributes:
        stamps: datetime64[us] `(row,)`; wall time where `offsets` is None, else UTC. NaT where unreadable or missing.
        format: Which pattern was met, readable.
        dayfirst: How D/M/Y was read; None where it did not arise.
        offsets: Minutes east of UTC `(row,)` where the stamps carry a zone.
        notes: What a person should know about the choice.
        dates_only: No cell has a time of day.
    """

    stamps: StampArray
    format: str
    dayfirst: bool | None = None
    offsets: IntArray | None = None
    notes: tuple[str, ...] = ()
    dates_only: bool = False


def looks_like_stamp(text: str) -> bool:
    """Whether a cell is written like a time (a plain number is not)."""
    text = _tidy(text)
    return any(pattern.fullmatch(text) for _, pattern in _PATTERNS) and not text.isdecimal()


def looks_like_clock(text: str) -> bool:
    """Whether a cell is a time of day without a date."""
    return _CLOCK_ONLY.fullmatch(_tidy(text)) is not None


def parse_stamps(texts: list[str], dayfirst: bool | None = None, where: str = "") -> Parsed | None:
    """Read a column of text as stamps, or None where it is not one.

    Args:
        texts: Cells `(row,)`.
        dayfirst: How to read 1/2/2020; None decides over the whole column.
        where: How messages call the column.

    Raises:
        DataError: Where day and month cannot be told apart, or contradict each other.
    """
    tidy = [_tidy(t) for t in texts]
    present = [i for i, t in enumerate(tidy) if not is_missing(t)]
    sample = [tidy[i] for i in present[:: max(1, len(present) // 200)]]
    order = [(sum(p.fullmatch(t) is not None for t in sample), -k) for k, (_, p) in enumerate(_PATTERNS)]
    hits, best = max(order)
    if not sample or hits < _ENOUGH * len(sample):
        return None
    fields: list[tuple[int, dict[str, str | None]]] = []
    names: list[str] = []
    # Other patterns may fill in, but none that would need a decision of its own.
    ranked = [-best] + [k for k in range(len(_PATTERNS)) if k != -best and _PATTERNS[k][0] != "D/M/Y"]
    for i in present:
        for k in ranked:
            match = _PATTERNS[k][1].fullmatch(tidy[i])
            if match:
                fields.append((i, match.groupdict()))
                if _PATTERNS[k][0] not in names:
                    names.append(_PATTERNS[k][0])
                break
    if len(fields) < _ENOUGH * len(present):
        return None
    return _assemble(fields, names[0], len(texts), dayfirst, where)


def parse_clock(texts: list[str]) -> npt.NDArray[np.timedelta64] | None:
    """Read a column as times of day, timedelta64[us] `(row,)` with NaT where unreadable; None where it is not one."""
    matches = [_CLOCK_ONLY.fullmatch(_tidy(t)) for t in texts]
    found = [i for i, m in enumerate(matches) if m]
    if len(found) <= _ENOUGH * sum(not is_missing(t) for t in texts):
        return None
    clock = np.full(len(texts), np.timedelta64("NaT"), dtype="timedelta64[us]")
    groups = [m.groupdict() for m in matches if m]
    clock[found] = _clock(groups)
    return clock


def _tidy(text: str) -> str:
    text = text.strip()
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _ints(groups: list[dict[str, str | None]], name: str, default: int) -> IntArray:
    return np.array([int(g.get(name) or default) for g in groups], dtype="int64")


def _clock(groups: list[dict[str, str | None]]) -> npt.NDArray[np.timedelta64]:
    """Times of day of matched groups, timedelta64[us] `(match,)`; NaT where impossible (25:00)."""
    micro = np.zeros(len(groups), dtype="int64")
    bad = np.zeros(len(groups), dtype=bool)
    for i, g in enumerate(groups):
        hour = int(g.get("h") or g.get("c_h") or 0)
        minute = int(g.get("mi") or g.get("jmi") or g.get("dmi") or g.get("c_mi") or g.get("c_dmi") or 0)
        second = int(g.get("s") or g.get("js") or g.get("ds") or g.get("c_s") or g.get("c_ds") or 0)
        fraction = int(((g.get("f") or g.get("c_f") or "0") + "000000")[:6])
        half = g.get("ampm") or g.get("c_ampm") or {"午前": "a", "午後": "p"}.get(g.get("noon") or "", "")
        if half:
            bad[i] = not 0 <= hour <= 12
            hour = hour % 12 + (12 if half.lower() == "p" else 0)
        # 24:00 is the end of the day; a leap second is the next minute.
        bad[i] |= hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second + fraction > 0)
        micro[i] = ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
    clock = micro.astype("timedelta64[us]")
    clock[bad] = np.timedelta64("NaT")
    return clock


def _assemble(
    fields: list[tuple[int, dict[str, str | None]]], name: str, n: int, dayfirst: bool | None, where: str
) -> Parsed:
    rows = np.array([i for i, _ in fields], dtype="int64")
    groups = [g for _, g in fields]
    years = np.array([_year(g) for g in groups], dtype="int64")
    clock = _clock(groups)
    notes: list[str] = []
    first: bool | None = None
    if any(g.get("a") for g in groups):
        first, note = _decide_order(groups, years, clock, rows, dayfirst, where)
        notes += [note] if note else []
    days = civil_days(years, *_month_day(groups, first))
    _weeks_and_ordinals(groups, years, days)
    stamps = np.full(n, np.datetime64("NaT"), dtype="datetime64[us]")
    stamps[rows] = days.astype("datetime64[us]") + clock
    zones = [g.get("z") or g.get("c_z") for g in groups]
    offsets: IntArray | None = None
    if any(zones):
        offsets = np.zeros(n, dtype="int64")
        offsets[rows] = [_offset(z) for z in zones]
        stamps = stamps - (offsets * 60_000_000).astype("timedelta64[us]")
    fractions = [g.get("f") or g.get("c_f") or "" for g in groups]
    if any(len(f.rstrip("0")) > 6 for f in fractions):
        notes.append("stamps are finer than a microsecond: cut to microseconds")
    readable = {True: "DD/MM/YYYY", False: "MM/DD/YYYY"}.get(first, name) if first is not None else name
    timed = any(g.get("h") or g.get("c_h") for g in groups)
    return Parsed(stamps, readable + (" HH:MM" if timed else ""), first, offsets, tuple(notes), not timed)


def _year(g: dict[str, str | None]) -> int:
    text = g["Y"] or "0"
    if g.get("era"):
        return _ERAS[str(g["era"])] + (1 if text == "元" else int(text))
    if text == "元":
        return 0
    year = int(text)
    return year if len(text) > 2 else year + (1900 if year >= _YEAR_PIVOT else 2000)


def _month_day(groups: list[dict[str, str | None]], dayfirst: bool | None) -> tuple[IntArray, IntArray]:
    months = _ints(groups, "M", 1)
    days = _ints(groups, "D", 1)
    for i, g in enumerate(groups):
        if g.get("a"):
            a, b = int(g["a"] or 0), int(g["b"] or 0)
            months[i], days[i] = (b, a) if dayfirst else (a, b)
        elif g.get("mon"):
            months[i] = _MONTHS.get(str(g["mon"]).lower(), 0)
        elif g.get("Q"):
            months[i] = 3 * int(g["Q"] or 1) - 2
    return months, days


def _weeks_and_ordinals(groups: list[dict[str, str | None]], years: IntArray, days: StampArray) -> None:
    """Fill in ISO weeks (their Monday unless a weekday is given) and days of the year, in place."""
    for i, g in enumerate(groups):
        if g.get("W"):
            january4 = np.datetime64(f"{years[i]:04d}-01-04", "D")
            monday = january4 - (int(january4.astype("int64")) + 3) % 7
            week = int(g["W"] or 0)
            offset = (week - 1) * 7 + int(g.get("wd") or 1) - 1
            days[i] = monday + offset if 1 <= week <= 53 else np.datetime64("NaT")
        elif g.get("yd"):
            ordinal = int(g["yd"] or 0)
            days[i] = days[i] + (ordinal - 1) if 1 <= ordinal <= 366 else np.datetime64("NaT")


def civil_days(years: IntArray, months: IntArray, days: IntArray) -> StampArray:
    """Calendar dates as datetime64[D] `(row,)`, NaT where there is no such day."""
    good = (months >= 1) & (months <= 12) & (days >= 1) & (days <= 31) & (years >= 1) & (years <= 9999)
    base = ((years - 1970) * 12 + np.where(good, months, 1) - 1).astype("datetime64[M]")
    result = base.astype("datetime64[D]") + (np.where(good, days, 1) - 1).astype("timedelta64[D]")
    good &= result.astype("datetime64[M]") == base
    result[~good] = np.datetime64("NaT")
    return np.asarray(result)


def _offset(zone: str | None) -> int:
    """Minutes east of UTC."""
    if zone is None or zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if zone[0] == "-" else minutes


def _decide_order(
    groups: list[dict[str, str | None]],
    years: IntArray,
    clock: npt.NDArray[np.timedelta64],
    rows: IntArray,
    asked: bool | None,
    where: str,
) -> tuple[bool, str]:
    """Whether 1/2/2020 is the first of February, decided over the whole column, and a note if it was not evident."""
    if asked is not None:
        return asked, ""
    a, b = _ints(groups, "a", 1), _ints(groups, "b", 1)
    day_is_first, day_is_second = bool((a > 12).any()), bool((b > 12).any())
    if day_is_first and day_is_second:
        share = float((a > 12).sum() / ((a > 12) | (b > 12)).sum())
        if 0.02 < share < 0.98:
            rows_a, rows_b = rows[a > 12], rows[b > 12]
            raise DataError(
                f"{where} mixes day-first and month-first dates (data rows {rows_a[0] + 1} and {rows_b[0] + 1})",
                "--dayfirst or --monthfirst reads the rest as missing",
            )
        return share > 0.5, ""
    if day_is_first or day_is_second or bool((a == b).all()):
        return day_is_first, ""
    if groups[0].get("sep") == ".":
        return True, f"{where}: dates with dots are read as DD.MM.YYYY (--monthfirst if not)"
    orderly = {
        first: _is_orderly((civil_days(years, *((b, a) if first else (a, b))).astype("datetime64[us]") + clock))
        for first in (True, False)
    }
    if orderly[True] != orderly[False]:
        told = "DD/MM" if orderly[True] else "MM/DD"
        return orderly[True], f"{where}: read as {told}, the only reading that gives regular stamps"
    example = f"{groups[0]['a']}{groups[0]['sep']}{groups[0]['b']}{groups[0]['sep']}{groups[0]['Y']}"
    raise DataError(f"{where} may be DD/MM or MM/DD: {example} and all others fit both", "--dayfirst or --monthfirst")


def _is_orderly(stamps: StampArray) -> bool:
    """Sorted, with one step (or one step in months) that covers nine in ten."""
    known = stamps[~np.isnat(stamps)]
    if len(known) < 3:
        return False
    steps = np.diff(known).astype("int64")
    if (steps < 0).any() and (steps > 0).any():
        return False
    months = np.diff(known.astype("datetime64[M]").astype("int64"))
    one_day = len(np.unique((known - known.astype("datetime64[M]")).astype("int64"))) == 1
    for candidates in (steps, months) if one_day else (steps,):
        _, counts = np.unique(candidates[candidates != 0], return_counts=True)
        if len(counts) and counts.max() >= 0.9 * counts.sum():
            return True
    return False
