"""`--events FILE`: what goes on from one stamp to another, one a row."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from tsforecast.data.event import Event
from tsforecast.errors import DataError, NotReadableError

_HINT = "2026-12-24 or 2026-12-24 18:00"


def read_events(path: str | Path) -> list[Event]:
    """Events from a CSV file with `name`, `from` and `to`; where `to` is missing, the same day.

    A date without a time lasts until its end.

    Raises:
        NotReadableError: The file is not there or cannot be read.
        DataError: A column is missing, a row has no name, or stamps that cannot be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise NotReadableError(f"--events {path} cannot be read: {error.strerror}", "check the path") from None
    except UnicodeDecodeError:
        raise DataError(f"--events {path} is not UTF-8 text", "save it as UTF-8") from None
    rows = csv.DictReader(text.splitlines())
    found = [name.strip() for name in rows.fieldnames or ()]
    if not {"name", "from"} <= set(found):
        told = f"--events {path} must have the columns name, from and to, received {', '.join(found[:6])}"
        raise DataError(told, "begin it with the line name,from,to")
    return [_event({str(k).strip(): str(v or "").strip() for k, v in row.items()}, rows.line_num) for row in rows]


def _event(row: dict[str, str], line: int) -> Event:
    name, start, end = row["name"], row["from"], row.get("to") or row["from"]
    try:
        first, last = (np.datetime64(text.replace(" ", "T")) for text in (start, end))
    except ValueError:
        raise DataError(f"--events, line {line}: '{start}' to '{end}' is not from date to date", _HINT) from None
    whole_days = np.datetime_data(last.dtype)[0] in ("Y", "M", "D")
    begin, stop = first.astype("datetime64[us]"), last.astype("datetime64[us]")
    if whole_days and not np.isnat(last):
        stop = (last + 1).astype("datetime64[us]") - np.timedelta64(1, "us")
    if not name or np.isnat(begin) or np.isnat(stop) or stop < begin:
        raise DataError(f"--events, line {line}: an event must have a name, and end after it begins", _HINT)
    return Event(name, begin, stop)
