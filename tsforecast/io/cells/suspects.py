"""Values in a column of numbers that are probably no measurement but a code for "no value"."""

from __future__ import annotations

from typing import Any

import numpy as np

from tsforecast.data.panel import FloatArray

#: Numbers that loggers and archives write for "no value".
_NUMBERS = (
    "-1 -9 -99 -99.9 -99.99 -100 -200 -777 -888 -999 -999.9 -999.99 -7999 -9999 -9999.9 -99999 -32768 -2147483648 "
    "99.9 99.99 999 999.9 999.99 6999 7777 8888 9999 9999.9 99999 999999 32767 65535 2147483647 "
    "9.96921e36 1e20 -1e20 1e30 -1e30 -1e34 1e36"
)
_SENTINELS = frozenset(map(float, _NUMBERS.split()))
#: Distance to the nearest other value, in spreads (5th to 95th percentile of the others), that makes a suspect ...
_FAR = 1.0
#: ... where the value is frequent, or of a sign that no other value has ...
_APART = 0.3
#: ... and where another column has the same suspect.
_NEAR = 0.05


def find_suspects(names: list[str], columns: list[FloatArray]) -> list[dict[str, Any]]:
    """Well-known sentinels at the edge of a column, more frequent or farther away than a measurement would be.

    Args:
        names: Names of the columns `(column,)`.
        columns: Values of each column `(row,)`.

    Returns:
        One entry `{column, value, count, reason}` a suspect, in the order of the columns.
    """
    cases = [(k, *case) for k, values in enumerate(columns) for case in _edges(values)]
    firm = {value for _, value, count, distance, odd in cases if _is_firm(value, count, distance, odd)}
    return [
        {
            "column": names[k],
            "value": value,
            "count": count,
            "reason": f"{count} times, {distance:.1f} spreads away from all other values",
        }
        for k, value, count, distance, _ in cases
        if value in firm and distance > _NEAR
    ]


def _edges(values: FloatArray) -> list[tuple[float, int, float, bool]]:
    """Sentinels at the edges of a column: value, count, distance in spreads, whether its sign is like no other's."""
    if not len(values):
        return []
    found = []
    for value in {float(np.fmin.reduce(values)), float(np.fmax.reduce(values))} & _SENTINELS:
        known = values[np.isfinite(values)]
        rest = known[known != value]
        if len(rest) < 3:
            continue
        low, high = np.percentile(rest, [5, 95])
        spread = float(high - low) or float(np.ptp(rest)) or abs(float(rest[0])) or 1.0
        distance = float(np.abs(rest - value).min()) / spread
        found.append((value, len(known) - len(rest), distance, value < 0 <= float(rest.min())))
    return sorted(found)


def _is_firm(value: float, count: int, distance: float, odd: bool) -> bool:
    if count < 2 and abs(value) < 999:
        return False
    return distance > _FAR or (distance > _APART and (odd or count >= 10))
