"""A horizon in words ("2d", "1w") as steps, once the step of the data is known."""

from __future__ import annotations

import pandas as pd

from tsforecast.config import MONTHS, SECONDS, duration_parts
from tsforecast.data.panel import Freq
from tsforecast.errors import UsageError

MOST_STEPS = 10_000_000


def steps(horizon: int | str, freq: Freq, last: pd.Timestamp | None = None) -> int:
    """How many steps a horizon has: as many as stamps lie after `last` and within the duration.

    Args:
        horizon: Steps, returned as they are, or a duration as `ForecastConfig.horizon` holds it ("2d", "1mo").
        freq: pandas alias of the grid; an int for rows that are merely counted.
        last: Last stamp of the data. Without it, one of the grid; the two differ where months have unequal lengths.

    Raises:
        UsageError: The rows are merely counted, or the duration is shorter than a step.
    """
    if isinstance(horizon, int):
        return horizon
    if isinstance(freq, int):
        raise UsageError(f"--horizon {horizon} needs stamps, but the rows are merely counted", "give steps: -H 12")
    count, unit = duration_parts(horizon)
    offset = pd.tseries.frequencies.to_offset(freq)
    start = offset.rollforward(pd.Timestamp("2001-01-01")) if last is None else pd.Timestamp(last)
    try:
        if unit in MONTHS:
            end = start + pd.DateOffset(months=int(count) * MONTHS[unit])
        else:
            end = start + pd.Timedelta(seconds=count * SECONDS[unit])
        found = _between(start, end, offset)
    except (OverflowError, ValueError):
        found = MOST_STEPS + 1
    if found > MOST_STEPS:
        raise UsageError(f"--horizon {horizon} is more than {MOST_STEPS:,} steps of {freq}", "take a shorter one")
    if not found:
        raise UsageError(f"--horizon {horizon} is shorter than a step of {freq}", "months are mo, minutes are min")
    return found


def _between(start: pd.Timestamp, end: pd.Timestamp, offset: pd.tseries.offsets.BaseOffset) -> int:
    """Stamps of the grid after `start`, until `end` inclusive."""
    if isinstance(offset, pd.tseries.offsets.Tick):
        return int((end - start) // pd.Timedelta(offset))
    if (end - start) > pd.Timedelta(days=36525):
        raise OverflowError
    return len(pd.date_range(start, end, freq=offset, inclusive="right" if offset.is_on_offset(start) else "both"))
