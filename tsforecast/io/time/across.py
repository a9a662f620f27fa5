"""Names of columns that are times: years, months, stamps, hours across a header."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import IntArray
from tsforecast.io.time.stamp_patterns import DeltaArray, StampArray, looks_like_clock, looks_like_stamp, month_number
from tsforecast.io.time.stamps import parse_clock, parse_stamps

#: Fewer columns than this are no run of times.
FEWEST = 3
#: What archives write around a year: "1960 [YR1960]", "X1960".
_YEAR = re.compile(r"X?(?P<year>(?:1[5-9]|20|21)\d{2})(?:\s*\[YR(?P=year)\])?")
_HOUR = re.compile(r"(?:h|hr|hour|he|stunde|std)[ _.]?(?P<hour>\d{1,2})", re.IGNORECASE)


@dataclass(frozen=True)
class Run:
    """Neighbouring columns whose names are times.

    Attributes:
        first: Index of the first.
        stamps: What their names say, datetime64[us] `(column,)`: UTC where `offsets` is given, else wall time.
        offsets: Minutes east of UTC `(column,)` where the names carry a zone, else None.
        format: How they are written.
    """

    first: int
    stamps: StampArray
    format: str
    offsets: IntArray | None = None

    @property
    def stop(self) -> int:
        return self.first + len(self.stamps)


def is_time_header(cells: list[str]) -> bool:
    """Whether a row names columns by times in order, beside at least one that it names otherwise."""
    return find_run([" ".join(cell.split()) for cell in cells]) is not None


def find_run(names: list[str]) -> Run | None:
    """The columns that are named by times in order, at least `FEWEST`, beside at least one that is not.

    Names of other columns may follow ("Total", an empty one), about a quarter as many.
    """
    written = [_time_of(name) for name in names]
    first = next((k for k, text in enumerate(written) if text), len(names))
    stop = next((k for k in range(first, len(names)) if not written[k]), len(names))
    rest = len(names) - stop
    if stop - first in (len(names), *range(FEWEST)) or rest > 1 + (stop - first) // 4:
        return None
    if any(_is_figure(name) for name in names[:first]):
        return None
    texts = written[first:stop]
    if all(text.isdecimal() for text in texts):
        years = np.array(texts, dtype="int64")
        stamps = (years - 1970).astype("datetime64[Y]").astype("datetime64[us]")
        return Run(first, stamps, "YYYY") if _is_ordered(years) and len(np.unique(np.diff(years))) == 1 else None
    parsed = parse_stamps(texts, None, "the header") if not any(text.isdecimal() for text in texts) else None
    if parsed is None or np.isnat(parsed.stamps).any() or not _is_ordered(parsed.stamps.astype("int64")):
        return None
    return Run(first, parsed.stamps, parsed.format, parsed.offsets)


def find_parts(names: list[str]) -> tuple[int, str, DeltaArray | IntArray] | None:
    """Neighbouring columns named by the twelve months or by the hours of a day: the first, which, and what they say.

    Months are numbers `(12,)`, times of day timedelta64[us] `(column,)`.
    """
    for k in range(1, len(names)):
        if month_number(names[k]) == 1:
            months = [month_number(name) for name in names[k : k + 12]]
            if months == list(range(1, 13)):
                return k, "month", np.arange(1, 13)
    first = next((k for k, name in enumerate(names) if _clock_of(name)), len(names))
    texts = [text for name in names[first:] if (text := _clock_of(name))]
    if first == 0 or len(texts) < 12 or any(not _clock_of(name) for name in names[first : first + len(texts)]):
        return None
    clock = parse_clock(texts)
    if clock is None or np.isnat(clock).any():
        return None
    steps = np.diff(clock.astype("int64"))
    if (
        len(texts) == len(steps) + 1
        and (steps[:-1] > 0).all()
        and steps[-1] < 0
        and clock[-1] == np.timedelta64(0, "us")
    ):
        clock[-1] = np.timedelta64(86_400_000_000, "us")  # "00:00" behind "23:30" is the end of the day.
        steps = np.diff(clock.astype("int64"))
    return (first, "clock", clock) if len(np.unique(steps)) == 1 and steps[0] > 0 else None


def _time_of(name: str) -> str:
    """A name that is a time, as a year of four digits or a stamp; empty where it is none."""
    name = name.strip()
    year = _YEAR.fullmatch(name)
    if year:
        return year["year"]
    return name if looks_like_stamp(name) else ""


def _clock_of(name: str) -> str:
    """A name that is a time of day, as HH:MM; empty where it is none."""
    hour = _HOUR.fullmatch(name.strip())
    if hour:
        return f"{int(hour['hour']):02d}:00" if int(hour["hour"]) <= 24 else ""
    text = name.strip().split("-")[0].strip() if re.fullmatch(r"[\d:]+\s*-\s*[\d:]+", name.strip()) else name.strip()
    return text if looks_like_clock(text) else ""


def _is_figure(name: str) -> bool:
    return name.strip().lstrip("+-").replace(".", "", 1).isdecimal()


def _is_ordered(values: IntArray) -> bool:
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps < 0).all())
