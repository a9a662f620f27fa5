"""What a regression makes of columns: numbers bent at their quantiles, flags, both by time of day, and means of a day.

A column that is known ahead is taken as it is at each row. Of one known up to now only rows at least `lag` before are
looked at, so that nothing after a cutoff is needed for the steps that follow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.beside import CALENDAR, Beside
from tsforecast.models.state import State

#: Pairs of waves over the day by which flags, numbers and means of a day act differently by time of day.
WAVES_OF_FLAGS, WAVES_OF_NUMBERS, WAVES_OF_MEANS = 4, 3, 1
#: Quantiles at which a number may bend; fewer of its values and it is a flag or a few of them.
QUANTILES = (0.1, 0.3, 0.5, 0.7, 0.9)
#: Rows for each feature that are wanted before there are more of them (benchmarks/covariates.py).
ROWS_BENT, ROWS_BY_TIME = 20, 40
_MOST_DIFFERENT = 8


@dataclass(frozen=True)
class Featured:
    """How one column becomes features.

    Attributes:
        name: Of the column.
        source: The user's column behind it.
        flag: Whether it is 0 and 1 only.
        centre, scale: What a number is standardised by.
        knots: Where it may bend, standardised, ascending.
        usual: Mean of the straight line and of each bent one, which is taken off before they act by time of day: else
            a column of noise would tell the time.
        lag: Rows that are looked back at least; 0 for what is known ahead.
    """

    name: str
    source: str
    flag: bool
    centre: float
    scale: float
    knots: tuple[float, ...]
    usual: tuple[float, ...]
    lag: int

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON; `from_dict` reads it."""
        return {**vars(self), "knots": list(self.knots), "usual": list(self.usual)}

    @classmethod
    def from_dict(cls, given: Any) -> Featured:
        """The column that `to_dict` described; it may be hostile.

        Raises:
            ValueError, KeyError, TypeError: It is none.
        """
        if not isinstance(given, dict) or given.keys() != set(cls.__dataclass_fields__):
            raise ValueError("a column has a name, a source and how it becomes features")
        if not isinstance(given["flag"], bool) or not isinstance(given["knots"], list) or len(given["knots"]) > 20:
            raise ValueError("a column is a flag or not, and bends at a few places")
        if not isinstance(given["usual"], list) or len(given["usual"]) != 1 + len(given["knots"]):
            raise ValueError("a column has one usual value a line")
        knots, usual = (tuple(State.number(x, -1e6, 1e6) for x in given[name]) for name in ("knots", "usual"))
        return cls(
            State.text(given["name"]),
            State.text(given["source"]),
            given["flag"],
            State.number(given["centre"], -1e300, 1e300),
            State.number(given["scale"], 1e-300, 1e300),
            knots,
            usual,
            State.whole(given["lag"], 0),
        )


def describe(tables: Sequence[Beside], rows: Sequence[slice], lag: int) -> list[Featured]:
    """How each column of some series becomes features, by their training rows and no others.

    Args:
        tables: One a series, of the same columns.
        rows: The training rows of each.
        lag: Rows to look back at least in what is known up to now.
    """
    found = []
    for j, (name, source, ahead) in enumerate(zip(tables[0].names, tables[0].sources, tables[0].ahead, strict=True)):
        values = np.concatenate([table.values[part, j] for table, part in zip(tables, rows, strict=True)])
        values = values[~np.isnan(values)]
        distinct = np.unique(values)
        flag = bool(len(distinct) <= 2 and np.isin(distinct, (0.0, 1.0)).all())
        centre, scale = (float(values.mean()), float(values.std())) if len(values) and not flag else (0.0, 1.0)
        scale = scale if scale > 1e-12 * max(1.0, abs(centre)) else 1.0
        knots: tuple[float, ...] = ()
        if ahead and not flag and source != CALENDAR and len(distinct) > 2:
            places = np.quantile(values, QUANTILES) if len(distinct) > _MOST_DIFFERENT else distinct[1:-1]
            knots = tuple(float(knot) for knot in np.unique((places - centre) / scale))
        z = (values - centre) / scale
        usual = [float(line.mean()) if len(z) else 0.0 for line in (z, *(np.maximum(z - knot, 0.0) for knot in knots))]
        found.append(Featured(name, source, flag, centre, scale, knots, tuple(usual), 0 if ahead else lag))
    return found


def features(table: Beside, columns: Sequence[Featured], season_length: int, detail: int) -> FloatArray:
    """Features of each row `(row, feature)`; where nothing is known of a column its last value is taken.

    Args:
        table: Has the columns, and perhaps others.
        columns: As described.
        season_length: Rows in a day where a step is shorter, else of a season; means are taken over it.
        detail: 0 for straight lines, 1 for bent ones, 2 for what acts by time of day.
    """
    parts: list[FloatArray] = [np.empty((len(table.values), 0))]
    for column in columns:
        values = _carried(table.values[:, table.names.index(column.name)], column)
        parts += list(_of(values, column, table.phase, season_length, detail))
    return np.concatenate(parts, axis=1)


def reach(columns: Sequence[Featured], season_length: int) -> int:
    """Rows before a row that its features depend on, gaps aside."""
    return max((column.lag for column in columns), default=0) + max(season_length, 2)


def _of(x: FloatArray, column: Featured, phase: FloatArray | None, season: int, detail: int) -> list[FloatArray]:
    if column.lag:
        lagged = _lagged(x, column.lag)[:, None]
        return [lagged, _mean(lagged, season)] if season > 1 else [lagged, _mean(lagged, 3)]
    bent = [np.maximum(x - knot, 0.0) for knot in column.knots] if detail else []
    curve = np.stack([x, *bent], axis=1) - column.usual[: 1 + len(bent)]
    if phase is None or detail < 2:
        return [curve, _lagged(x, 1)[:, None]] if detail and not column.flag else [curve]
    if column.flag:
        return [_by_time(curve, phase, WAVES_OF_FLAGS)]
    means = _by_time(_mean(curve, season), phase, WAVES_OF_MEANS) if season > 1 else curve[:, :0]
    return [_by_time(curve, phase, WAVES_OF_NUMBERS), means]


def _by_time(curve: FloatArray, phase: FloatArray, waves: int) -> FloatArray:
    angles = 2 * np.pi * phase[:, None] * np.arange(1, waves + 1)
    basis = np.column_stack([np.ones(len(phase)), np.cos(angles), np.sin(angles)])
    return np.asarray((curve[:, :, None] * basis[:, None, :]).reshape(len(curve), -1))


def _mean(curve: FloatArray, length: int) -> FloatArray:
    """Mean over the last rows, of fewer at the beginning `(row, feature)`."""
    total = np.concatenate([np.zeros((1, curve.shape[1])), np.cumsum(curve, axis=0)])
    stop = np.arange(1, len(curve) + 1)
    start = np.maximum(stop - length, 0)
    return np.asarray((total[stop] - total[start]) / (stop - start)[:, None])


def _lagged(x: FloatArray, lag: int) -> FloatArray:
    """The value so many rows before; the first one where there is none."""
    return np.asarray(x[np.maximum(np.arange(len(x)) - lag, 0)])


def _carried(x: FloatArray, column: Featured) -> FloatArray:
    """Standardised, gaps with the last value before them, or what is usual where there is none `(row,)`."""
    seen = ~np.isnan(x)
    place = np.maximum.accumulate(np.where(seen, np.arange(len(x)), -1)) if len(x) else np.empty(0, dtype="int64")
    return np.asarray(np.where(place >= 0, (x[np.maximum(place, 0)] - column.centre) / column.scale, 0.0))
