"""Wall time to UTC and back, with a stated policy for the two changes of summer time."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo

import numpy as np
import pandas as pd

from tsforecast.data.panel import IntArray
from tsforecast.errors import DataError, UsageError
from tsforecast.io.sheet import BoolArray
from tsforecast.io.time.stamp_patterns import StampArray

AMBIGUOUS = ("infer", "earlier", "later", "error")
NONEXISTENT = ("shift", "error")
#: How a column's name says the zone of its stamps: "Date Time, GMT-04:00", "time [UTC]", "MTU (CET/CEST)".
_NAMED_ZONE = re.compile(
    r"(?:[,(\[]\s*)(?:(?P<plain>UTC|GMT|Z)|(?:UTC|GMT)?\s*(?P<offset>[+-]\d{1,2}(?::?\d{2})?)|"
    r"(?P<short>CET|EET|WET|MET|MEZ)(?:\s*/\s*(?:CEST|EEST|WEST|MEST|MESZ))?|(?P<full>[A-Z][a-z]+/[A-Z][A-Za-z_]+))\s*[)\]]?\s*$"
)


def zone_of(name: str) -> dt.tzinfo:
    """The zone of an IANA name ("Europe/Berlin"), "UTC", or a fixed offset ("+09:00").

    Raises:
        UsageError: Where there is none of that name.
    """
    fixed = re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})?", name)
    if fixed:
        delta = dt.timedelta(hours=int(fixed[2]), minutes=int(fixed[3] or 0))
        if delta < dt.timedelta(hours=24):
            return dt.timezone(-delta if fixed[1] == "-" else delta)
    try:
        return dt.UTC if name.upper() in ("UTC", "Z", "GMT") else zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"there is no time zone '{name}'", "for example Europe/Berlin, Asia/Tokyo, UTC, +09:00"
        ) from None


def zone_in_names(names: tuple[str, ...]) -> str | None:
    """The zone that the name of a time column says, None where it says none or no such zone is known."""
    for name in names:
        match = _NAMED_ZONE.search(name)
        if match is None:
            continue
        if match["plain"]:
            return "UTC"
        if match["offset"]:
            sign, digits = match["offset"][0], match["offset"][1:].replace(":", "")
            hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "00")
            return offset_name((-1 if sign == "-" else 1) * (60 * int(hours) + int(minutes)))
        zone = match["short"] or match["full"]
        zone = "CET" if zone in ("MEZ", "MET") else zone
        try:
            zone_of(zone)
        except UsageError:
            return None
        return zone
    return None


def offset_name(minutes: int) -> str:
    """ "UTC" or "+09:00" for minutes east of UTC."""
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


def to_wall(stamps: StampArray, zone: str) -> StampArray:
    """UTC instants as wall time of `zone`, datetime64[us] `(row,)`."""
    index = pd.DatetimeIndex(stamps).tz_localize("UTC").tz_convert(zone_of(zone)).tz_localize(None)
    return np.asarray(index.to_numpy(), dtype="datetime64[us]")


def to_utc(
    wall: StampArray, zone: str, ids: IntArray, ambiguous: str, nonexistent: str, lines: IntArray
) -> tuple[StampArray, BoolArray]:
    """Wall times of `zone` as UTC instants; every row keeps its place.

    The repeated hour in autumn: "infer" reads it in row order within each series, the first pass as summer time and
    what follows a backward step as standard time; "earlier" and "later" take one of the two; "error" stops. The hour
    that spring skips: "shift" moves such stamps on by the width of the skip; "error" stops.

    Args:
        wall: datetime64[us] `(row,)`, NaT allowed.
        zone: As in `zone_of`.
        ids: Code of the series of each row `(row,)`.
        ambiguous: One of `AMBIGUOUS`.
        nonexistent: One of `NONEXISTENT`.
        lines: Source line of each row `(row,)`, for messages.

    Returns:
        datetime64[us] `(row,)`, and a mask of the rows that do not exist.

    Raises:
        DataError: Where a policy is "error" and there are such rows.
        UsageError: Where the zone or a policy is unknown.
    """
    for value, allowed, option in ((ambiguous, AMBIGUOUS, "ambiguous"), (nonexistent, NONEXISTENT, "nonexistent")):
        if value not in allowed:
            raise UsageError(f"--{option} must be one of {', '.join(allowed)}, received '{value}'")
    index = pd.DatetimeIndex(wall)
    tz = zone_of(zone)
    earlier = _localised(index, tz, first=True)
    later = _localised(index, tz, first=False)
    skipped = np.asarray(to_wall(earlier, zone) != wall) & ~np.isnat(wall)
    twice = np.asarray(earlier != later) & ~np.isnat(wall) & ~skipped
    if skipped.any() and nonexistent == "error":
        raise DataError(f"line {lines[skipped][0]}: {wall[skipped][0]} does not exist in {zone}", "--nonexistent shift")
    if twice.any() and ambiguous == "error":
        raise DataError(f"line {lines[twice][0]}: {wall[twice][0]} happens twice in {zone}", "--ambiguous infer")
    second = np.zeros(len(wall), dtype=bool)
    if ambiguous == "later":
        second = twice
    elif ambiguous == "infer" and twice.any():
        second = _second_pass(wall, twice, ids)
    return np.where(second, later, earlier), skipped


def _localised(index: pd.DatetimeIndex, tz: dt.tzinfo, first: bool) -> StampArray:
    """UTC instants of wall times; one that does not exist takes the offset before the change, as in PEP 495."""
    aware = index.tz_localize(tz, ambiguous=np.full(len(index), first), nonexistent="shift_backward")
    offset = aware.tz_localize(None) - aware.tz_convert("UTC").tz_localize(None)
    return np.asarray((index - offset).to_numpy(), dtype="datetime64[us]")


def _second_pass(wall: StampArray, twice: BoolArray, ids: IntArray) -> BoolArray:
    """Which ambiguous rows come after the clock went back, by row order within each series."""
    second = np.zeros(len(wall), dtype=bool)
    steps = np.diff(wall).astype("int64")
    falling = bool((steps < 0).sum() > (steps > 0).sum())
    rows = np.flatnonzero(twice)
    rows = rows[::-1] if falling else rows
    latest: dict[tuple[int, object], tuple[np.datetime64, bool]] = {}
    for row in rows:
        key = (int(ids[row]), wall[row].astype("datetime64[D]"))
        before, passed = latest.get(key, (None, False))
        passed = passed or (before is not None and bool(wall[row] <= before))
        second[row] = passed
        latest[key] = (wall[row], passed)
    return second
