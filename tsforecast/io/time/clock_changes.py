"""Signs that wall times without a zone crossed a change of clocks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsforecast.data.panel import IntArray
from tsforecast.io.sheet import BoolArray
from tsforecast.io.time.stamp_patterns import StampArray

_HOUR = np.timedelta64(1, "h")
#: Months in which clocks change somewhere, and the hours of the night in which they do.
_MONTHS = frozenset({3, 4, 9, 10, 11})
_NIGHT = 4
#: Rows that tell a usual step from an odd one.
_FEWEST = 4
#: Share of all odd steps that must lie at a change of clocks.
_MOST = 0.8


def clock_change_hint(wall: StampArray, ids: IntArray, lines: IntArray) -> str | None:
    """What to tell a user whose stamps repeat, or leave out, the hour of a change of clocks, or None.

    Args:
        wall: datetime64[us] `(row,)` without zone, NaT allowed.
        ids: Code of the series of each row `(row,)`.
        lines: Source line of each row `(row,)`.
    """
    good = ~np.isnat(wall)
    order = np.lexsort((wall[good], ids[good]))
    stamps, codes, lines = wall[good][order], ids[good][order], lines[good][order]
    if len(stamps) < _FEWEST:
        return None
    same = np.diff(codes) == 0
    steps = np.diff(stamps)
    positive = steps[same & (steps > np.timedelta64(0, "us"))]
    if not len(positive):
        return None
    usual = np.median(positive.astype("int64")).astype("int64").astype("timedelta64[us]")
    if usual > 2 * _HOUR:
        return None
    twice = same & (steps == np.timedelta64(0, "us"))
    gap = same & (steps > 1.5 * usual)
    repeated = twice & _is_change(stamps[1:])
    skipped = gap & (steps - usual == _HOUR) & _is_change(stamps[:-1] + usual)
    found = []
    if repeated.any() and repeated.sum() >= _MOST * twice.sum():
        found.append(_where(repeated, stamps[1:], lines[1:], "repeat"))
    if skipped.any() and skipped.sum() >= _MOST * gap.sum():
        found.append(_where(skipped, stamps[1:], lines[1:], "skip an hour"))
    if not found:
        return None
    return (
        f"{' and '.join(found)}, as where clocks change: these are local times without a zone; "
        f"name it with --zone (for example --zone {_example(stamps[1:][repeated | skipped])}), "
        "so that no hour is merged or invented"
    )


def _example(stamps: StampArray) -> str:
    """A zone whose clocks change at such dates: the last Sundays of a month, or earlier ones."""
    index = pd.DatetimeIndex(stamps)
    last = (index + pd.Timedelta(days=7)).month != index.month
    return "Europe/Paris" if last.all() else "America/New_York"


def _is_change(stamps: StampArray) -> BoolArray:
    """Whether clocks change somewhere in that hour: early on a Sunday of spring or autumn."""
    index = pd.DatetimeIndex(stamps)
    return np.asarray(index.month.isin(_MONTHS) & (index.day_of_week == 6) & (index.hour < _NIGHT))


def _where(rows: BoolArray, stamps: StampArray, lines: IntArray, verb: str) -> str:
    k = int(np.argmax(rows))
    return f"stamps {verb} at {str(stamps[k])[:16].replace('T', ' ')} (line {lines[k]})"
