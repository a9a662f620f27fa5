"""A horizon in words ("2d", "1w") as steps, once the step of the data is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsforecast.config import MONTHS, MOST_STEPS, SECONDS, duration_parts
from tsforecast.data.frequency import Frequency
from tsforecast.data.panel import Freq
from tsforecast.errors import UsageError


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
    frequency = Frequency.of(freq)
    try:
        start = frequency.stamps(np.datetime64("2001-01-01"), 1)[0] if last is None else np.datetime64(last, "us")
        if unit in MONTHS:
            end = np.datetime64(pd.Timestamp(start) + pd.DateOffset(months=int(count) * MONTHS[unit]), "us")
        else:
            end = start + np.timedelta64(round(count * SECONDS[unit] * 1e6), "us")
        found = frequency.between(start, end) if end > start else 0
        # whole steps of months are counted from stamps on the grid, which the end need not be on
        while 0 < found <= MOST_STEPS and frequency.after(start, found)[-1] > end:
            found -= 1
    except (OverflowError, ValueError):
        found = MOST_STEPS + 1
    if found > MOST_STEPS:
        raise UsageError(f"--horizon {horizon} is more than {MOST_STEPS:,} steps of {freq}", "take a shorter one")
    if not found:
        raise UsageError(f"--horizon {horizon} is shorter than a step of {freq}", "months are mo, minutes are min")
    return found
