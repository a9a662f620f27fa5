"""The stamps of a table, and the names that columns of time go by."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tsforecast.data.panel import IntArray
from tsforecast.io.time.stamp_patterns import StampArray

TIME_NAME = re.compile(
    r"^\W*(ds|ts|t|dt|at)\W*$|date|time|stamp|datum|zeit|fecha|hora|jour|heure|epoch|unix|period|month|year|week|day"
    r"|^(日時|日付|年月日|年月|年度|時刻|観測日|観測時刻|計測日時)",
    re.IGNORECASE,
)
#: Names that may just as well say how a time is written.
SHORT_TIME_NAME = re.compile(r"ds|ts|t|dt|at|utc|gmt", re.IGNORECASE)


@dataclass(frozen=True)
class TimeAxis:
    """The stamps of a table.

    Attributes:
        ds: datetime64[us] or int64 `(row,)`: UTC where `offsets` is given, else wall time; NaT where unreadable.
        columns: Names of the columns used, none where there is no time.
        format: How they are written, readable.
        offsets: Minutes east of UTC `(row,)` where stamps carry a zone, else None.
        zone: Zone that a typed column names, else None.
        dayfirst: How D/M/Y was read, None where it did not arise.
        notes: What a person should know.
    """

    ds: StampArray | IntArray
    columns: tuple[str, ...]
    format: str
    offsets: IntArray | None = None
    zone: str | None = None
    dayfirst: bool | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_index(self) -> bool:
        return self.ds.dtype.kind == "i"
