"""Parts of the calendar in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tsforecast.data.frequency import DAY_SECONDS, Frequency


def phase_words(frequency: Frequency, period: int, phases: Sequence[int], most: int = 8) -> str:
    """Phases of a period of the calendar in words ("Sunday", "22:00, 23:00", "August"), at most so many of them."""
    origin = frequency.stamps(np.datetime64(0, "us"), 1)[0]
    stamps = pd.DatetimeIndex(frequency.stamps(origin, period))[list(phases)]
    days = frequency.seconds * period / DAY_SECONDS
    if frequency.months:
        words = [stamp.month_name() for stamp in stamps]
    elif frequency.seconds >= DAY_SECONDS:
        words = [stamp.day_name() if days <= 7 else f"{stamp:%d %b}" for stamp in stamps]
    else:
        words = [f"{stamp:%a %H:%M}" if days > 1 else f"{stamp:%H:%M}" for stamp in stamps]
    more = f" and {len(words) - most:,} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more
