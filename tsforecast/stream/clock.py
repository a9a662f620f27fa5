"""Stamps of an endless series: read one by one, put on the grid of the model, written again. No pandas per row."""

from __future__ import annotations

import datetime as dt

import numpy as np

from tsforecast.data.frequency import Frequency
from tsforecast.errors import TsforecastError
from tsforecast.io.time.zones import zone_of

_EPOCH_UTC = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EPOCH = _EPOCH_UTC.replace(tzinfo=None)
_MICROSECOND = dt.timedelta(microseconds=1)
# seconds until the year 5138 have so many digits at most; then come milliseconds, microseconds, nanoseconds
_UNITS = ((11, 1_000_000), (14, 1_000), (17, 1), (20, 0))


class Clock:
    """Reads, places and writes the stamps of a model's series.

    Args:
        frequency: Step of the model.
        zone: Of stamps that have none, where the model's stamps are of a zone; None for wall time.
        dayfirst: How to read 03/04, where stamps are written so.
    """

    def __init__(self, frequency: Frequency, zone: str | None, dayfirst: bool | None = None) -> None:
        self.frequency, self._dayfirst = frequency, dayfirst
        self._zone = zone_of(zone) if zone else None
        self.counts = frequency.unit == "index"
        self._latest: dict[str, int] = {}

    def read(self, text: str | None, uid: str) -> tuple[int | None, str]:
        """A stamp, and what is wrong with it; text that is None asks for the next row number."""
        try:
            if self.counts:
                stamp = self._latest.get(uid, -self.frequency.step) + self.frequency.step if text is None else int(text)
            else:
                stamp = self._read(text or "", uid)
        except (ValueError, OverflowError, TsforecastError) as error:
            hint = getattr(error, "hint", "")
            return None, f"'{(text or '')[:40]}' is no stamp" + (f": {error}; {hint}" if hint else "")
        self._latest[uid] = max(stamp, self._latest.get(uid, stamp))
        return stamp, ""

    def start(self, uid: str, stamp: int) -> None:
        """The last stamp that is known of a series."""
        self._latest[uid] = stamp

    def steps(self, before: int, stamp: int) -> tuple[int, int]:
        """Whole steps from a stamp on the grid to the one nearest to another, and that one."""
        frequency = self.frequency
        if frequency.unit in ("time", "index"):
            count = (stamp - before + frequency.step // 2) // frequency.step
            return count, before + count * frequency.step
        low, high = np.datetime64(before, "us"), np.datetime64(stamp, "us")
        count = frequency.between(low, high)
        return count, self.after(before, count)

    def after(self, stamp: int, count: int) -> int:
        """The stamp so many steps later, or earlier."""
        frequency = self.frequency
        if frequency.unit in ("time", "index"):
            return stamp + count * frequency.step
        origin = np.datetime64(0, "us")
        place = frequency.between(origin, np.datetime64(stamp, "us")) + count
        return int(frequency.stamps(origin, place + 1)[-1].astype("int64")) if place >= 0 else stamp

    def position(self, stamp: int) -> int:
        """Steps since the beginning of the calendar: phases go on in any file."""
        if self.counts:
            return stamp // self.frequency.step
        return self.frequency.between(np.datetime64(0, "us"), np.datetime64(stamp, "us"))

    def text(self, stamp: int) -> str | int:
        """A stamp as ISO 8601 in the zone; a date where a step is a day or more and it is midnight."""
        if self.counts:
            return stamp
        if self._zone is not None:
            return (_EPOCH_UTC + stamp * _MICROSECOND).astimezone(self._zone).isoformat().replace("+00:00", "Z")
        wall = _EPOCH + stamp * _MICROSECOND
        daily = self.frequency.seconds >= 86_400 and wall.time() == dt.time()
        return wall.date().isoformat() if daily else wall.isoformat()

    def _read(self, text: str, uid: str) -> int:
        try:
            found = dt.datetime.fromisoformat(text)
        except ValueError:
            digits = text.partition(".")[0].lstrip("-")
            if digits.isdigit() and 9 <= len(digits) <= 19:
                factor = next(factor for most, factor in _UNITS if len(digits) <= most)
                return round(float(text) * factor) if factor else int(digits) // 1000
            return self._otherwise(text, uid)
        if found.tzinfo is not None:
            if self._zone is None and self.frequency.seconds >= 86_400:
                return (found.replace(tzinfo=None) - _EPOCH) // _MICROSECOND
            return (found - _EPOCH_UTC) // _MICROSECOND
        return self._of_wall(found, uid)

    def _of_wall(self, wall: dt.datetime, uid: str) -> int:
        """A wall time as it is, or in UTC: of the hour that autumn repeats, the second where the first has passed."""
        if self._zone is None:
            return (wall - _EPOCH) // _MICROSECOND
        first = (wall.replace(tzinfo=self._zone) - _EPOCH_UTC) // _MICROSECOND
        second = (wall.replace(tzinfo=self._zone, fold=1) - _EPOCH_UTC) // _MICROSECOND
        return second if second > first and self._latest.get(uid, first - 1) >= first else first

    def _otherwise(self, text: str, uid: str) -> int:
        """A stamp that is not written as ISO 8601 has it, by the patterns that files are read with."""
        from tsforecast.io.time.stamps import parse_stamps

        found = parse_stamps([text], self._dayfirst, "a stamp")
        if found is None or np.isnat(found.stamps[0]):
            raise ValueError("it fits no pattern")
        stamp = int(found.stamps[0].astype("int64"))
        return stamp if found.offsets is not None else self._of_wall(_EPOCH + stamp * _MICROSECOND, uid)
