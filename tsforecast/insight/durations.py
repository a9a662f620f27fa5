"""Steps as times in words: "1 day", "9 months"."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
from pandas.tseries.frequencies import to_offset

from tsforecast.data.panel import Freq

#: Seconds in a unit, longest first, and months in an anchored one.
UNITS = (("day", 86_400.0), ("hour", 3600.0), ("minute", 60.0), ("second", 1.0), ("millisecond", 1e-3))
YEAR = 365.25 * 86_400
MONTHS = {"M": 1, "Q": 3, "Y": 12}


def durations(steps: float, freq: Freq) -> str:
    """So many steps in words ("1 day", "9 months"), to three digits; empty where a step has no length in time."""
    steps = float(f"{steps:.3g}") if steps < 1000 else round(steps)
    if (months := _months(freq)) is not None:
        whole = steps * months >= 24 or steps * months == 12
        return _counted(steps * months / 12, "year") if whole else _counted(steps * months, "month")
    seconds = steps * _seconds(freq)
    if seconds <= 0:
        return ""
    if seconds >= 2 * YEAR:
        return _counted(seconds / YEAR, "year")
    unit, length = next(((unit, length) for unit, length in UNITS if seconds >= 0.99 * length), UNITS[-1])
    return _counted(seconds / length, unit)


def unit_of_time(freq: Freq) -> tuple[float, str] | None:
    """How long a step is in a unit that holds several of them, and that unit; None where it has no length in time."""
    if (months := _months(freq)) is not None:
        return months / 12, "year"
    seconds = _seconds(freq)
    if seconds <= 0:
        return None
    if seconds >= 86_400:
        return seconds / YEAR, "year"
    unit, length = min((u for u in UNITS if u[1] > seconds), key=lambda u: u[1])
    return seconds / length, unit


def _months(freq: Freq) -> int | None:
    """Months in a step that is counted in them."""
    match = re.fullmatch(r"(\d*)B?([MQY])[SE](-\w+)?", str(freq))
    return int(match[1] or 1) * MONTHS[match[2]] if match else None


def _seconds(freq: Freq) -> float:
    """Seconds in a step of fixed length, 0 where there is none."""
    if isinstance(freq, int) or not freq:
        return 0.0
    week = re.fullmatch(r"(\d*)W(-\w+)?", freq)
    step: Any = f"{7 * int(week[1] or 1)}D" if week else to_offset(freq)
    try:
        return float(pd.Timedelta(step).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _counted(number: float, unit: str) -> str:
    text = f"{number:,.3g}" if number < 1000 else f"{number:,.0f}"
    return f"{text} {unit}{'' if text == '1' else 's'}"
