"""What to watch in a file before forecasting it, in sentences that name the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.data.frequency import Frequency
from tsforecast.data.panel import Freq
from tsforecast.insight.profile import ChannelProfile

if TYPE_CHECKING:
    from tsforecast.preparation import PrepareReport

MOST_NAMED = 4
#: Shares beyond which missing values and outliers are worth a word; lengths and seasons below which they are few.
MANY_MISSING, MANY_OUTLIERS, FEW_VALUES, FEW_SEASONS = 0.05, 0.005, 50, 4


def watch(
    reading: dict[str, Any], report: PrepareReport | None, channels: list[ChannelProfile], freq: Freq
) -> list[str]:
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


def _concerns(channel: ChannelProfile, freq: Freq) -> Iterator[str]:
    """What is to be watched in one channel."""
    seen = channel.seen
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
    words = Frequency.of(freq).duration(steps)
    return f" ({words})" if words else ""
