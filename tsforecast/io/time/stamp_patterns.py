"""The ways of writing a time, as patterns, and what a match says."""

from __future__ import annotations

import functools
import re
import unicodedata

import numpy as np
import numpy.typing as npt

from tsforecast.data.panel import IntArray

StampArray = npt.NDArray[np.datetime64]
DeltaArray = npt.NDArray[np.timedelta64]
Matches = list[re.Match[str]]

_MONTH_NAMES = (
    "jan janv januar january janvier|feb fev févr februar february février|mar mär mrz mars märz march|"
    "apr avr april avril|may mai|jun juin juni june|jul juil juli july juillet|aug août august|"
    "sep sept september septembre|oct okt oktober october octobre|nov november novembre|"
    "dec dez déc dezember december décembre"
)
_MONTHS = {name: k for k, names in enumerate(_MONTH_NAMES.split("|"), start=1) for name in names.split()}
#: Year before the first of each Japanese era.
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
_ERAS |= {"R": 2018, "H": 1988, "S": 1925, "T": 1911, "M": 1867}
#: Two-digit years from here on are of the twentieth century (as in POSIX).
_PIVOT = 69

_CLOCK = (
    r"(?P<noon>午前|午後)?(?P<h>\d{1,2})"
    r"(?:(?:[:.](?=\d\d)|時)(?P<mi>\d{1,2})(?:[:分.](?P<s>\d{1,2})(?:[.,](?P<f>\d{1,12}))?秒?|分)?|時)"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
)
#: Hours east of UTC of the zones whose short names mean one thing.
SHORT_ZONES = {"CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1, "JST": 9}
SHORT_ZONES |= {"EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_ZONE = rf"(?:\s*\(?(?P<z>Z|z|UTC|GMT|[+-]\d{{2}}(?::?\d{{2}})?|{'|'.join(SHORT_ZONES)})\)?)?"
#: Two times with a dash, a slash or a word between them.
_INTERVAL = re.compile(
    r"(?P<start>.*\d{2}.*?)(?:\s+(?:-|–|—|~|/|to|until|bis|à)\s+|/(?=\d{4}-\d\d))"
    r"(?P<end>[^\",;|]*\d[-:.\d/ TZ]*\d\d[^\",;|]*?)(?P<zone>\s*\([A-Z]{2,5}\))?|"
    r"(?P<clock>\d{1,2}[:.]\d\d)\s*[-–~]\s*\d{1,2}[:.]\d\d"
)
_BETWEEN = (" - ", " – ", " — ", " ~ ", " / ", " to ", " until ", " bis ", " à ", "/1", "/2")
_GAP = r"(?:T|[ ,_]\s*|(?<=日)|(?<=\)))"
_TIME = rf"(?:{_GAP}{_CLOCK}{_ZONE})?"
_WEEKDAY = r"(?:\s*\((?:[月火水木金土日]|[A-Za-z]{2,9})\))?"
_DAYNAME = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+)?"
MONTH_NAME = rf"(?P<mon>(?i:{'|'.join(sorted(_MONTHS, key=len, reverse=True))}))\.?"
_NTH = r"(?P<D>\d{1,2})(?:st|nd|rd|th)?"
_COMPACT = r"(?P<Y>(?:1[5-9]|20|21)\d{2})(?P<M>0[1-9]|1[0-2])(?P<D>0[1-9]|[12]\d|3[01])"

_PART = r"0?[1-9]|[12]\d|3[01]"

#: The one format in which day and month may change places.
DAY_MONTH = "D/M/Y"
#: The one format whose year of two digits may be a day.
MONTH_YEAR = "Mon YYYY"
PATTERNS: dict[str, str] = {
    "YYYY-MM-DD": rf"(?P<Y>\d{{4}})(?P<sep>[-/. ])(?P<M>\d{{1,2}})(?P=sep)(?P<D>\d{{1,2}}){_WEEKDAY}{_TIME}",
    DAY_MONTH: rf"(?P<a>{_PART})(?P<sep>[-/. ])(?P<b>{_PART})(?P=sep)(?P<Y>\d{{4}}|\d{{2}}){_WEEKDAY}{_TIME}",
    "YYYY-MM-DD HH": r"(?P<Y>\d{4})(?P<sep>[-/.])(?P<M>\d{1,2})(?P=sep)(?P<D>\d{1,2})[T ](?P<h>[01]\d|2[0-4])",
    "YYYY-MM": r"(?P<Y>\d{4})[-/M](?P<M>0?[1-9]|1[0-2])",
    "MM/YYYY": r"(?P<M>0?[1-9]|1[0-2])[-/](?P<Y>\d{4})",
    "YYYY-QN": r"(?P<Y>\d{4})(?:[-/ ]?[Qq]|年第?)(?P<Q>[1-4])(?:四半期)?",
    "QN YYYY": r"[Qq](?P<Q>[1-4])[-/ ]?(?P<Y>\d{4})",
    "YYYY-Www": r"(?P<Y>\d{4})-?W(?P<W>\d{1,2})(?:-?(?P<wd>[1-7]))?",
    "YYYY-DDD": r"(?P<Y>\d{4})-(?P<yd>\d{3})",
    "YYYY年M月D日": (
        r"(?:(?P<era>令和|平成|昭和|大正|明治)\s*)?(?P<Y>\d{1,4}|元)年\s*(?P<M>\d{1,2})月"
        rf"(?:\s*(?P<D>\d{{1,2}})日)?{_WEEKDAY}{_TIME}"
    ),
    "YYYY年": r"(?:(?P<era>令和|平成|昭和|大正|明治)\s*)?(?P<Y>\d{1,4}|元)年度?",
    "R5.7.23": (r"(?P<era>[RHSTM])\s?(?P<Y>\d{1,2}|元)(?P<sep>[-/.])(?P<M>\d{1,2})(?P=sep)(?P<D>\d{1,2})" + _TIME),
    "YYYYMMDDHHMM": rf"{_COMPACT}(?:[T _-]?(?P<h>[01]\d|2[0-4])(?:(?P<mi>[0-5]\d)(?P<s>[0-5]\d)?)?{_ZONE})?",
    "YYYYMMDD HH:MM": rf"{_COMPACT}{_GAP}{_CLOCK}{_ZONE}",
    "D Mon YYYY": rf"{_DAYNAME}{_NTH}[-/. ]*{MONTH_NAME}[-/, ]*(?P<Y>\d{{4}}|\d{{2}}){_TIME}",
    "Mon D, YYYY": rf"{_DAYNAME}{MONTH_NAME}[- ]*{_NTH}(?:,\s*|\s+|-)(?P<Y>\d{{4}}){_TIME}",
    MONTH_YEAR: rf"{MONTH_NAME}[-/, ]*(?P<Y>\d{{4}}|\d{{2}})",
    "YYYY Mon": rf"(?P<Y>\d{{4}})[-/ ]*{MONTH_NAME}",
}
CLOCK = _CLOCK + _ZONE


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern when it is first needed: compiling all of them takes longer than reading a small file."""
    return re.compile(pattern)


def tidy(text: str) -> str:
    """A cell without surrounding blanks, full-width characters made plain, an interval as its start."""
    text = text.strip()
    text = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return interval_start(text) or text


def interval_start(text: str) -> str:
    """The start of an interval written "a - b", with the zone that follows both; empty where a cell is none."""
    if not (len(text) <= 13 and text.count(":") == 2) and not any(mark in text for mark in _BETWEEN):
        return ""
    match = _INTERVAL.fullmatch(text)
    if match is None or match["clock"]:
        return match["clock"] if match else ""
    start = match["start"].strip()
    if sum(c.isdigit() for c in start) < 3:
        return ""
    return start if start.endswith(")") else start + (match["zone"] or "")


def looks_like_stamp(text: str) -> bool:
    """Whether a cell is written like a time; a plain number is not."""
    text = tidy(text)
    if not any(c.isdigit() for c in text) or text.lstrip("+-").replace(".", "", 1).isdecimal():
        return False
    return any(compiled(pattern).fullmatch(text) for pattern in PATTERNS.values())


def looks_like_clock(text: str) -> bool:
    """Whether a cell is a time of day without a date; a plain decimal is not."""
    text = tidy(text)
    return compiled(CLOCK).fullmatch(text) is not None and not text.replace(".", "", 1).isdecimal()


def month_number(text: str) -> int:
    """The month that a name stands for, 1 to 12, or 0."""
    return _MONTHS.get(text.strip().rstrip(".").lower(), 0)


def dates_of(matches: Matches, dayfirst: bool) -> StampArray:
    """Dates of the matches of one pattern, datetime64[D] `(match,)`, NaT where there is no such day.

    A month, quarter, week or year is its first day; an ISO week its Monday.
    """
    years = np.array([_year(m) for m in matches], dtype="int64")
    if _has(matches, "a"):
        order = ("b", "a") if dayfirst else ("a", "b")
        return civil_days(years, _ints(matches, order[0]), _ints(matches, order[1]))
    if _has(matches, "mon"):
        months = np.array([_MONTHS[m["mon"].lower()] for m in matches], dtype="int64")
    elif _has(matches, "Q"):
        months = 3 * _ints(matches, "Q") - 2
    else:
        months = _ints(matches, "M")
    days = civil_days(years, months, _ints(matches, "D"))
    if _has(matches, "W"):
        return _week_days(days, _ints(matches, "W"), _ints(matches, "wd"))
    if _has(matches, "yd"):
        ordinal = _ints(matches, "yd")
        shifted: StampArray = days + (ordinal - 1).astype("timedelta64[D]")
        shifted[shifted.astype("datetime64[Y]") != days.astype("datetime64[Y]")] = np.datetime64("NaT")
        return shifted
    return days


def clocks_of(matches: Matches) -> DeltaArray:
    """Times of day of the matches of one pattern, timedelta64[us] `(match,)`, NaT where impossible.

    24:00 is the end of the day and a 60th second the next minute; digits beyond the microsecond are cut off.
    """
    if not _has(matches, "h"):
        return np.zeros(len(matches), dtype="timedelta64[us]")
    hours, minutes, seconds = _ints(matches, "h", 0), _ints(matches, "mi", 0), _ints(matches, "s", 0)
    micros = np.zeros(len(matches), dtype="int64")
    if _has(matches, "f"):
        micros += np.array([int((m["f"] or "0").ljust(6, "0")[:6]) for m in matches], dtype="int64")
    bad = (hours > 24) | (minutes > 59) | (seconds > 60) | ((hours == 24) & (minutes + seconds + micros > 0))
    if _has(matches, "half"):
        halves = np.array([(m["half"] or {"午前": "a", "午後": "p"}.get(m["noon"] or "", "")).lower() for m in matches])
        bad |= (halves != "") & (hours > 12)
        hours = np.where(halves == "", hours, hours % 12 + 12 * (halves == "p"))
    clock = (((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros).astype("timedelta64[us]")
    clock[bad] = np.timedelta64("NaT")
    return clock


def offsets_of(matches: Matches) -> list[int | None]:
    """Minutes east of UTC of each match, None where it names no zone `(match,)`."""
    if not _has(matches, "z"):
        return [None] * len(matches)
    known: dict[str | None, int | None] = {None: None}
    for zone in {m["z"] for m in matches} - {None}:
        digits = zone[1:].replace(":", "").ljust(4, "0") if zone[0] in "+-" else "0000"
        minutes = int(digits[:2]) * 60 + int(digits[2:])
        known[zone] = 60 * SHORT_ZONES[zone] if zone in SHORT_ZONES else -minutes if zone[0] == "-" else minutes
    return [known[m["z"]] for m in matches]


def civil_days(years: IntArray, months: IntArray, days: IntArray) -> StampArray:
    """Calendar dates as datetime64[D] `(row,)`, NaT where there is no such day."""
    good = (months >= 1) & (months <= 12) & (days >= 1) & (days <= 31) & (years >= 1) & (years <= 9999)
    first = ((np.where(good, years, 1970) - 1970) * 12 + np.where(good, months, 1) - 1).astype("datetime64[M]")
    result: StampArray = first.astype("datetime64[D]") + (np.where(good, days, 1) - 1).astype("timedelta64[D]")
    result[~good | (result.astype("datetime64[M]") != first)] = np.datetime64("NaT")
    return result


def _has(matches: Matches, group: str) -> bool:
    return bool(matches) and group in matches[0].re.groupindex


def _ints(matches: Matches, group: str, default: int = 1) -> IntArray:
    if not _has(matches, group):
        return np.full(len(matches), default, dtype="int64")
    return np.array([default if m[group] is None else int(m[group]) for m in matches], dtype="int64")


def _year(match: re.Match[str]) -> int:
    text = match["Y"]
    if "era" in match.re.groupindex and match["era"]:
        return _ERAS[match["era"]] + (1 if text == "元" else int(text))
    if text == "元":
        return 0
    year = int(text)
    return year if len(text) > 2 else year + (1900 if year >= _PIVOT else 2000)


def _week_days(january1: StampArray, weeks: IntArray, weekdays: IntArray) -> StampArray:
    """Days of ISO weeks: week 1 holds the fourth of January."""
    january4 = january1 + np.timedelta64(3, "D")
    monday = january4 - ((january4.astype("int64") + 3) % 7).astype("timedelta64[D]")
    days: StampArray = monday + ((weeks - 1) * 7 + weekdays - 1).astype("timedelta64[D]")
    days[(weeks < 1) | (weeks > 53)] = np.datetime64("NaT")
    return days
