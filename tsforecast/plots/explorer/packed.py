"""Numbers written small enough for a page: lists where they are short, base64 of their bytes where it is shorter."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.plots.ticks import Stamps

# Beyond these a float32 has no place for the number, or not all of its digits.
_LARGEST, _SMALLEST = 1e37, 1e-30
# Larger numbers are never shorter in decimals than four bytes are in base64.
_SHORT = 1e5


def packed(values: FloatArray, *, exact: bool = True) -> Any:
    """Values as JSON: a list with null for what is missing, or `{"d": …}`, the base64 of little-endian float64.

    Args:
        values: `(n,)`; NaN and infinities become null.
        exact: False lets `{"f": …}` take its place, float32 with seven digits, where these can hold the numbers.
    """
    values = np.asarray(values, dtype="float64")
    finite = np.isfinite(values)
    size = np.abs(values[finite & (values != 0)])
    narrow = not exact and (not len(size) or (size.max() < _LARGEST and size.min() > _SMALLEST))
    if not narrow or (size < _SHORT).all():
        listed = [_shortest(value) if known else None for value, known in zip(values.tolist(), finite, strict=True)]
        if len(json.dumps(listed, separators=(",", ":"))) <= len(values) * (4 if narrow else 8) * 4 / 3 + 8:
            return listed
    whole = np.where(finite, values, np.nan).astype("<f4" if narrow else "<f8").tobytes()
    return {"f" if narrow else "d": base64.b64encode(whole).decode("ascii")}


def _shortest(value: float) -> float | int:
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def packed_stamps(ds: Stamps) -> dict[str, Any]:
    """Stamps as runs of one step: `{"unit": seconds or 1, "runs": [[first, step, count], …]}`.

    Dates are counted in whole seconds since 1970 where they are whole, else in microseconds; integers as they are.
    """
    dated = ds.dtype.kind == "M"
    counts = ds.astype("datetime64[us]").astype("int64") if dated else ds.astype("int64")
    unit: float = 1
    if dated:
        whole = not len(counts) or not (counts % 1_000_000).any()
        counts, unit = (counts // 1_000_000, 1) if whole else (counts, 1e-6)
    return {"unit": unit, "runs": _runs(counts)}


def _runs(counts: IntArray) -> list[list[int]]:
    """Runs [first, step, count] of integers."""
    if len(counts) == 0:
        return []
    steps = np.diff(counts)
    runs: list[list[int]] = []
    at = 0
    # where the step changes, a run ends; the row at the change belongs to the run before it
    for end in [*(np.flatnonzero(np.diff(steps)) + 1).tolist(), len(counts) - 1]:
        if end < at:
            continue
        step = int(steps[at]) if end > at else 0
        runs.append([int(counts[at]), step, end - at + 1])
        at = end + 1
    if at < len(counts):
        runs.append([int(counts[at]), 0, 1])
    return runs


def changes(places: FloatArray, values: IntArray) -> list[list[float]]:
    """Where a value that seldom changes does so: `[[place, value], …]`, the first row included."""
    if len(values) == 0:
        return []
    at = np.r_[0, np.flatnonzero(np.diff(values)) + 1]
    return [[float(places[i]), int(values[i])] for i in at]


def spans(rows: IntArray) -> list[list[int]]:
    """Ascending row numbers as spans [first, count]."""
    if len(rows) == 0:
        return []
    starts = np.r_[0, np.flatnonzero(np.diff(rows) != 1) + 1]
    ends = np.r_[starts[1:], len(rows)]
    return [[int(rows[a]), int(b - a)] for a, b in zip(starts, ends, strict=True)]
