"""How far ahead to forecast where nobody says: one season, if that can be judged."""

from __future__ import annotations

from collections import Counter

from tsforecast.data.frequency import Frequency
from tsforecast.data.panel import Panel
from tsforecast.insight.season import season_lengths
from tsforecast.workflows.usable import numbered

# Of so many series the seasons are looked at: the commonest of them decides.
_LOOKED_AT = 50
# So many horizons leave rows to learn from, to choose by and to judge on, in a backtest of five cutoffs, too.
_HORIZONS = 8
_WITHOUT_SEASON, _LONGEST = 10, 1000


def default_horizon(panel: Panel, season_length: int | None) -> tuple[int, str]:
    """Steps ahead, and why, in words: the shortest season, else that of the calendar; an eighth of the rows at most.

    Args:
        panel: On a regular grid.
        season_length: That the user named; 1 for none.
    """
    series = numbered(panel)
    step = -(-len(series) // _LOOKED_AT) if series else 1
    rows = max((len(s) for s in series), default=1)
    most = max(1, min(rows // _HORIZONS, _LONGEST))
    if season_length is None:
        known = panel.frequency.seasons
        lengths = season_lengths(series[::step], panel.frequency)
        # one that the calendar knows, too, before one that luck may have made
        found = Counter(next((m for m in own if m in known), own[0]) for own in lengths if own)
        season = max(found.items(), key=lambda item: (item[1], -item[0]))[0] if found else 1
    else:
        season = season_length
    if season > 1:
        steps, why = season, "one season"
    elif panel.frequency.seasons and season_length is None:
        steps = panel.frequency.seasons[0]
        why = "no season was found, so one of the calendar"
    else:
        steps, why = _WITHOUT_SEASON, "no season was found"
    if steps > most:
        steps, why = most, f"what {rows:,} rows can be judged by"
    return steps, why


def in_words(steps: int, why: str, frequency: Frequency) -> str:
    """A horizon that was chosen, for the report."""
    time = frequency.duration(steps)
    return f"{steps:,} step{'s' * (steps > 1)}{f' = {time}' if time else ''}: {why}; -H says another"
