"""What to watch in a file before forecasting it, in sentences that name the remedy; and times in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

from tsforecast.data.panel import Freq

if TYPE_CHECKING:
    from tsforecast.preparation import PrepareReport
    from tsforecast.workflows.inspect import Channel

#: Seconds in a unit, longest first, and months in an anchored one.
UNITS = (("day", 86_400.0), ("hour", 3600.0), ("minute", 60.0), ("second", 1.0), ("millisecond", 1e-3))
YEAR = 365.25 * 86_400
MONTHS = {"M": 1, "Q": 3, "Y": 12}
MOST_NAMED = 4
#: Shares beyond which missing values and outliers are worth a word; lengths and seasons below which they are few.
MANY_MISSING, MANY_OUTLIERS, FEW_VALUES, FEW_SEASONS = 0.05, 0.005, 50, 4


def watch(reading: dict[str, Any], report: PrepareReport | None, channels: list[Channel], freq: Freq) -> list[str]:
    """One sentence a concern: sentinels, then what channels have in common, then remarks of reading and preparing."""
    sentinels: dict[str, list[str]] = {}
    for suspect in reading["suspects"]:
        told = f"{suspect['value']:g} probably means missing, --na-value {suspect['value']:g} makes it so"
        sentinels.setdefault(told, []).append(f"{suspect['column']} ({suspect['count']:,} times)")
    concerns: dict[str, list[str]] = {}
    for channel in channels:
        for concern in _concerns(channel, freq):
            concerns.setdefault(concern, []).append(channel.name)
    alone = len(reading["channels"]) == 1 and len(channels) == 1
    said = [f"{_named(names)}: {told}" for told, names in sentinels.items()]
    said += [concern if alone else f"{_named(names)}: {concern}" for concern, names in concerns.items()]
    return [*said, *reading["notes"], *(report.notes if report else [])]


def _named(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _concerns(channel: Channel, freq: Freq) -> Iterator[str]:
    """What is to be watched in one channel."""
    seen = channel.values[np.isfinite(channel.values)]
    if len(seen) == 0:
        yield "no value at all"
        return
    if np.ptp(seen) == 0:
        yield "constant, there is nothing to learn"
        return
    if len(seen) < FEW_VALUES:
        yield f"fewer than {FEW_VALUES} values, little can be learnt or measured"
    inside = len(channel.values) - channel.edges
    if channel.missing - channel.edges > MANY_MISSING * inside:
        yield f"more than {MANY_MISSING:.0%} missing, what fills them is a guess"
    if channel.gaps and channel.gaps[0].steps > max(channel.season_length, 3):
        longest = channel.gaps[0].steps
        yield f"a gap of {longest:,} steps{_in_time(longest, freq)}; --max-gap leaves long gaps open"
    if channel.outliers is not None and channel.outliers > MANY_OUTLIERS * len(seen):
        yield "many outliers, --outliers hampel:missing would take them out"
    if channel.season_length > 1 and len(seen) < FEW_SEASONS * channel.season_length:
        yield f"fewer than {FEW_SEASONS} seasons"
    if channel.stationarity is not None and channel.stationarity.verdict == "not stationary":
        yield "the level wanders, so forecasts far ahead are uncertain; --transform diff may help"


def _in_time(steps: int, freq: Freq) -> str:
    words = durations(steps, freq)
    return f" ({words})" if words else ""


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
