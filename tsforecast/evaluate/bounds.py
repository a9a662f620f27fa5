"""What values can be: edges found in the training rows or named by the user, whole numbers, times that are always 0.

A bound that is not there is worse than none, so there are few rules and each needs evidence (`find`). An edge that the
history at hand has crossed is none, whatever the training rows said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from tsforecast.config import Bounds as Wanted
from tsforecast.data.frequency import DAY_SECONDS, Frequency
from tsforecast.data.panel import BoolArray, FloatArray
from tsforecast.data.plain import plain
from tsforecast.data.series import Series
from tsforecast.evaluate.closed import Closed, closed_steps, find_closed

Side = Literal["point", "low", "high"]
Whole = Literal["", "intervals", "all"]

# Quantities with a sign that a short history may not show: temperatures, changes, balances, places, prices of power.
_SIGNED = re.compile(
    r"°|℃|℉|気温|\b(temp\w*|t|celsius|fahrenheit|deg( ?[cf])?|dew\w*|t(min|max|mean|avg)|changes?|diff\w*|delta"
    r"|returns?|growth|inflation|anomal\w+|deviation|residuals?|errors?|bias|balance|imbalance|saldo|net|netto|profits?"
    r"|pnl|margins?|interest|yield|spread|log|ln|zscore|dbm?|lat|latitude|lon|lng|longitude|angle|velocity|acceleration"
    r"|ahead|spot)\b"
)
_PERCENT = re.compile(r"[%％]|\b(percent|percentage|pct|prozent)\b")
_FILL = re.compile(r"湿度|\b(soc|humidity|rh|feuchte)\b")
# So often, and so large a share of the rows, values stand exactly at an edge that they are held by.
_FEWEST_AT_EDGE, _SHARE_AT_EDGE = 3, 0.01
_BESIDE = 0.01
_FEWEST_WHOLE = 8
_LARGEST_WHOLE = 2.0**50


@dataclass(frozen=True, eq=False)
class Bounds:
    """Edges that forecasts and intervals stay within.

    Attributes:
        found: By `Series.name`, lowest and highest value of each channel `(channel, 2)`, infinite where there is no
            edge; of all series that were looked at, or empty where none has an edge.
        asked: The edges that the user named, which hold for all series, or None.
        closed: By `Series.name`, for each channel the phases of the calendar at which it is always 0.
        whole: By `Series.name`, for each channel what of it is rounded.
    """

    found: Mapping[str, FloatArray] = field(default_factory=dict)
    asked: tuple[float, float] | None = None
    closed: Mapping[str, list[list[Closed]]] = field(default_factory=dict)
    whole: Mapping[str, list[Whole]] = field(default_factory=dict)

    def of(self, series: Sequence[Series]) -> FloatArray:
        """Edges of each series `(series, 1, channel, 2)`, without those that its history has crossed.

        One that is not known has those that are known of all others.
        """
        edges = self._known(series)
        for i, own in enumerate(series) if self.asked is None else ():
            edges[i, 0] = _uncrossed(edges[i, 0], own.values)
        return edges

    def hold(self, series: Sequence[Series], values: FloatArray, side: Side = "point") -> FloatArray:
        """Values `(series, step, channel)` as they can be: within the edges, 0 where closed, whole; NaN stays.

        Args:
            series: Whose forecasts they are, up to where they are made.
            values: Points, or the ends of intervals.
            side: Which of them.
        """
        return self.settled(series, self.within(series, values), side)

    def settled(self, series: Sequence[Series], values: FloatArray, side: Side = "point") -> FloatArray:
        """Values `(series, step, channel)` that are within the edges already: 0 where closed, whole; NaN stays."""
        if not self.closed and not self.whole:
            return values
        held = values.copy()
        for i, own in enumerate(series):
            if own.name in self.whole:
                held[i] = _rounded(held[i], self.whole[own.name], own.values, side)
            if own.name in self.closed:
                shut = closed_steps(own, self.closed[own.name], held.shape[1])
                held[i] = np.where(shut & ~np.isnan(held[i]), 0.0, held[i])
        return held

    def allow(self, series: Sequence[Series], values: FloatArray) -> BoolArray:
        """Which values `(series, step, channel)` lie within the edges, and are 0 where they must be; NaN does."""
        beyond = np.abs(self.within(series, values) - values) > 0
        if self.closed:
            beyond |= self.shut(series, values.shape[1]) & (np.nan_to_num(values) != 0)
        return np.asarray(~beyond)

    def shut(self, series: Sequence[Series], count: int) -> BoolArray:
        """Which of the next steps of each series are always 0 `(series, step, channel)`."""
        found = np.zeros((len(series), count, series[0].values.shape[1] if series else 1), dtype=bool)
        for i, own in enumerate(series) if self.closed else ():
            if own.name in self.closed:
                found[i] = closed_steps(own, self.closed[own.name], count)
        return found

    def within(self, series: Sequence[Series], values: FloatArray) -> FloatArray:
        """Values `(series, step, channel)`, those beyond an edge put on it; NaN stays."""
        if self.asked is None and not self.found:
            return values
        edges = self._known(series)
        beyond = ((values < edges[..., 0]) | (values > edges[..., 1])).any(axis=(1, 2))
        # there may be very many histories, and few whose forecasts reach an edge
        for i in np.flatnonzero(beyond).tolist() if self.asked is None else ():
            edges[i, 0] = _uncrossed(edges[i, 0], series[i].values)
        return np.asarray(np.clip(values, edges[..., 0], edges[..., 1]))

    def holding(self, predict: Callable[..., FloatArray]) -> Callable[[Sequence[Series], int, str], FloatArray]:
        """The same forecasts, held."""
        return lambda series, horizon, name: self.hold(series, predict(series, horizon, name))

    def _known(self, series: Sequence[Series]) -> FloatArray:
        """Edges of each series, as found or asked for `(series, 1, channel, 2)`."""
        edges = np.empty((len(series), 1, series[0].values.shape[1] if series else 1, 2))
        edges[:] = self.asked or (-np.inf, np.inf)
        if self.asked is None and self.found:
            known = np.stack(list(self.found.values()))
            shared = np.stack([known[..., 0].min(axis=0), known[..., 1].max(axis=0)], axis=1)
            for i, own in enumerate(series):
                edges[i, 0] = self.found.get(own.name, shared)
        return edges

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, null for no edge; `from_dict` reads it."""
        closed = {n: [[[one.period, list(one.phases)] for one in own] for own in c] for n, c in self.closed.items()}
        more = {"closed": closed, "whole": {name: list(own) for name, own in self.whole.items()}}
        found: dict[str, Any] = plain({"asked": self.asked, "found": self.found})
        return found | {key: value for key, value in more.items() if value}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Bounds:
        """What `to_dict` wrote.

        Raises:
            ValueError: Edges that leave nothing between them.
        """
        asked = given["asked"]
        found = {name: np.array([edges_of(pair) for pair in own]) for name, own in given["found"].items()}
        closed = {
            name: [[Closed(period, tuple(phases)) for period, phases in own] for own in channels]
            for name, channels in given.get("closed", {}).items()
        }
        return cls(found, None if asked is None else edges_of(asked), closed, given.get("whole", {}))


def find(
    series: Sequence[Series],
    wanted: Wanted,
    units: Mapping[str, str] | None = None,
    frequency: Frequency | None = None,
) -> Bounds:
    """What the rows of these series show that values can be; edges are those that are wanted, if any are.

    - 0, where no series of a column has ever been below, unless its name or unit speaks of what has a sign.
    - 0 to 100 where the name says per cent (or a state of charge, or a humidity) and nothing exceeds it; 0 to 1 where
      a state of charge or a humidity does not exceed 1.
    - 0 to 100, or 0 to 1 of values that are no whole numbers, where values come back to stand exactly at the upper
      edge, more often than just below it: what rises through 100 does not.
    - 0 at phases of the calendar at which a column never was anything else (`tsforecast.evaluate.closed`).
    - whole numbers, where nothing else was observed.

    Args:
        series: Their training rows.
        wanted: "auto", "none" (of all of this), or the edges.
        units: By column, where they are known.
        frequency: Step of the series, whose calendar may have closed phases.
    """
    if wanted == "none":
        return Bounds()
    closed = _closed(series, frequency)
    whole = {s.name: kinds for s in series if any(kinds := [_whole(column) for column in s.values.T])}
    if not isinstance(wanted, str):
        return Bounds({}, wanted, closed, whole)
    negative = {
        channel for s in series for channel, column in zip(s.channels, s.values.T, strict=True) if (column < 0).any()
    }
    found = {}
    for own in series:
        edges = np.tile([-np.inf, np.inf], (len(own.channels), 1))
        for j, channel in enumerate(own.channels):
            name = _words(f"{own.unique_id} {channel} {(units or {}).get(channel, '')}")
            if channel not in negative and not _SIGNED.search(name):
                edges[j] = 0.0, _highest(own.values[:, j], name)
        found[own.name] = edges
    return Bounds(found if any(np.isfinite(edges).any() for edges in found.values()) else {}, None, closed, whole)


def _closed(series: Sequence[Series], frequency: Frequency | None) -> dict[str, list[list[Closed]]]:
    if frequency is None or not frequency.seasons:
        return {}
    within_days = 0 < frequency.seconds < DAY_SECONDS
    found = {s.name: find_closed(s, frequency.seasons, within_days=within_days) for s in series}
    return {name: own for name, own in found.items() if any(own)}


def _whole(column: FloatArray) -> Whole:
    """What of a column is rounded: "" where it has shown a fraction, or too little.

    The mean of small counts is no whole number, and as one it would be 0 for ever: there only intervals are rounded.
    """
    seen = column[~np.isnan(column)]
    if len(seen) < _FEWEST_WHOLE or (seen != np.round(seen)).any() or np.abs(seen).max() > _LARGEST_WHOLE:
        return ""
    large = np.median(np.abs(seen)) >= 1 and np.abs(np.diff(seen)).mean() >= 1
    return "all" if large else "intervals"


def _rounded(values: FloatArray, kinds: Sequence[Whole], history: FloatArray, side: Side) -> FloatArray:
    """Values `(step, channel)` rounded, but for channels whose history at hand has shown a fraction."""
    rounded = values.copy()
    for j, kind in enumerate(kinds):
        column = history[:, j]
        if not kind or (np.nan_to_num(column) != np.round(np.nan_to_num(column))).any():
            continue
        if kind == "all":
            rounded[:, j] = np.round(values[:, j])
        elif side != "point":  # outwards, so that what is no whole number stays between
            rounded[:, j] = np.floor(values[:, j]) if side == "low" else np.ceil(values[:, j])
    return rounded


def _highest(column: FloatArray, name: str) -> float:
    """The upper edge of values that are not negative; infinite where there is none."""
    seen = column[~np.isnan(column)]
    most = float(seen.max(initial=0.0))
    if _FILL.search(name) and most <= 100:
        return 1.0 if most <= 1 else 100.0
    if _PERCENT.search(name) and 1 < most <= 100:
        return 100.0
    whole = bool((seen == np.round(seen)).all())
    edge = most == 100 or (most == 1 and not whole)
    return most if edge and _stands_at(seen, most) else np.inf


def _stands_at(seen: FloatArray, edge: float) -> bool:
    """Whether values come back to this edge and stand exactly there, more often than just below."""
    at = seen == edge
    visits = int((at[1:] & ~at[:-1]).sum()) + int(at[0])
    beside = ((seen < edge) & (seen >= (1 - _BESIDE) * edge)).sum()
    enough = max(_FEWEST_AT_EDGE, _SHARE_AT_EDGE * len(seen))
    return visits >= 2 and bool(at.sum() >= enough) and bool(at.sum() > beside)


def _words(name: str) -> str:
    """A name in lower case, cut into words at capitals, digits and underscores ("socPercent_1" is "soc percent  1")."""
    return re.sub(r"[_\d]", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).lower()


def _uncrossed(edges: FloatArray, values: FloatArray) -> FloatArray:
    """The edges that no value `(time, channel)` has crossed."""
    lowest, highest = (
        reach(values, axis=0, initial=start) for reach, start in ((np.nanmin, np.inf), (np.nanmax, -np.inf))
    )
    low = np.where(lowest < edges[:, 0], -np.inf, edges[:, 0])
    return np.stack([low, np.where(highest > edges[:, 1], np.inf, edges[:, 1])], axis=1)


def edges_of(pair: Sequence[float | None]) -> tuple[float, float]:
    """The edges of a channel from plain JSON, which has null for none.

    Raises:
        ValueError, TypeError: They are none.
    """
    low, high = (edge if edge is not None else beyond for edge, beyond in zip(pair, (-np.inf, np.inf), strict=True))
    if not low < high:
        raise ValueError("a lower bound must be below the upper one")
    return float(low), float(high)
