"""Fills of missing values from one series alone, for all series at once: neighbours in time, neighbouring seasons."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tsforecast.data.ledger import Ledger
from tsforecast.data.panel import IntArray
from tsforecast.preparation.rows import Rows, Values

# Observed values at each side of a gap that say how far its season is from the neighbouring ones.
EDGE = 3


class Gaps(NamedTuple):
    """The missing values that have observed ones at both sides, and where those are.

    Attributes:
        at: Row of each missing value `(missing,)`.
        low, high: Rows of the observed values before and after it `(missing,)`.
    """

    at: IntArray
    low: IntArray
    high: IntArray


def gaps_of(x: Values, indptr: IntArray) -> Gaps:
    """Missing values inside the series; those at the edges of a series are none.

    Args:
        x: One channel of all series `(row,)`.
        indptr: Row offsets of the series `(series + 1,)`.
    """
    at, start, stop, series = _runs(x, indptr)
    inside = (start > indptr[series]) & (stop < indptr[series + 1])
    return Gaps(at[inside], start[inside] - 1, stop[inside])


def gap_lengths(x: Values, indptr: IntArray) -> IntArray:
    """Length of the run of missing values each row is part of, 0 where observed `(row,)`."""
    at, start, stop, _ = _runs(x, indptr)
    lengths = np.zeros(len(x), dtype="int64")
    lengths[at] = stop - start
    return lengths


def _runs(x: Values, indptr: IntArray) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Row, first row of its run, row after the run, and series, of each missing value `(missing,)`."""
    at = np.flatnonzero(np.isnan(x))
    series = np.searchsorted(indptr, at, side="right") - 1
    begins = np.ones(len(at), dtype=bool)
    begins[1:] = (np.diff(at) > 1) | (np.diff(series) > 0)
    first = np.flatnonzero(begins)
    lengths = np.diff(first, append=len(at))
    return at, np.repeat(at[first], lengths), np.repeat(at[first] + lengths, lengths), series


def between(x: Values, positions: Values | None, indptr: IntArray) -> Values:
    """Straight lines over the gaps `(row,)`.

    Args:
        positions: Where each row lies, such as its stamp `(row,)`; None for equal distances.
    """
    at, low, high = gaps_of(x, indptr)
    t, t_low, t_high = (at, low, high) if positions is None else (positions[at], positions[low], positions[high])
    weight = (t - t_low) / (t_high - t_low)
    filled = x.copy()
    filled[at] = x[low] * (1 - weight) + x[high] * weight
    return filled


def carried(x: Values, indptr: IntArray, forward: bool) -> Values:
    """The value before (`forward`) or after each gap `(row,)`."""
    at, low, high = gaps_of(x, indptr)
    filled = x.copy()
    filled[at] = x[low if forward else high]
    return filled


def monotone(x: Values, indptr: IntArray) -> Values:
    """Monotone cubic curves over the gaps `(row,)`: PCHIP (Fritsch and Butland 1984)."""
    at, low, high = gaps_of(x, indptr)
    filled = x.copy()
    if len(at) == 0:
        return filled
    seen = np.flatnonzero(~np.isnan(x))
    series = np.searchsorted(indptr, at, side="right") - 1
    lower = seen[np.maximum(np.searchsorted(seen, low) - 1, 0)]
    higher = seen[np.minimum(np.searchsorted(seen, high) + 1, len(seen) - 1)]
    has_lower = (lower < low) & (lower >= indptr[series])
    has_higher = (higher > high) & (higher < indptr[series + 1])
    width = (high - low).astype("float64")
    secant = (x[high] - x[low]) / width
    width_left = np.where(has_lower, low - lower, width)
    width_right = np.where(has_higher, higher - high, width)
    secant_left = np.where(has_lower, (x[low] - x[lower]) / width_left, secant)
    secant_right = np.where(has_higher, (x[higher] - x[high]) / width_right, secant)
    slope_low = _slope(secant_left, width_left, secant, width)
    slope_high = _slope(secant, width, secant_right, width_right)
    u = (at - low) / width
    filled[at] = x[low] * (1 + 2 * u) * (1 - u) ** 2 + x[high] * u**2 * (3 - 2 * u)
    filled[at] += width * u * (1 - u) * (slope_low * (1 - u) - slope_high * u)
    return filled


def _slope(left: Values, left_width: Values, right: Values, right_width: Values) -> Values:
    """Slope at a knot from the secants at both sides: their weighted harmonic mean, 0 at a local extreme."""
    w1, w2 = 2 * right_width + left_width, right_width + 2 * left_width
    same = left * right > 0
    return np.where(same, (w1 + w2) / (w1 / np.where(same, left, 1) + w2 / np.where(same, right, 1)), 0.0)


def seasonal(x: Values, season_length: int, indptr: IntArray) -> Values:
    """Same phase of the neighbouring seasons, shifted to the level at both ends of the gap `(row,)`.

    Each missing value is a straight line between the nearest observed values of its phase. The same is done for the
    `EDGE` values at each side of a gap; by how much that misses, on average at each side, is added as a straight
    line over the gap. Where a phase has no value at one side, the gap is a plain straight line.
    """
    at, low, high = gaps_of(x, indptr)
    edge = np.arange(min(EDGE, max(1, season_length // 4)))
    series = np.searchsorted(indptr, at, side="right") - 1
    left = np.maximum(low[:, None] - edge, indptr[series, None])
    right = np.minimum(high[:, None] + edge, indptr[series + 1, None] - 1)
    hidden = x.copy()
    hidden[left], hidden[right] = np.nan, np.nan
    guess = _along_phases(hidden, season_length, indptr)
    weight = (at - low) / (high - low)
    missed_left, missed_right = _mean(x[left] - guess[left]), _mean(x[right] - guess[right])
    missed_left = np.where(np.isnan(missed_left), missed_right, missed_left)
    missed_right = np.where(np.isnan(missed_right), missed_left, missed_right)
    filled = between(x, None, indptr)
    shifted = guess[at] + missed_left * (1 - weight) + missed_right * weight
    filled[at] = np.where(np.isnan(shifted), filled[at], shifted)
    return filled


def _along_phases(x: Values, season_length: int, indptr: IntArray) -> Values:
    """Straight lines between observed values of one phase `(row,)`; NaN where a phase has none at one side."""
    lengths = np.diff(indptr)
    rows = np.arange(len(x))
    phase = (rows - np.repeat(indptr[:-1], lengths)) % season_length
    key = np.repeat(np.arange(len(lengths)), lengths) * season_length + phase
    order = np.argsort(key, kind="stable")
    phases = np.append(np.flatnonzero(np.diff(key[order], prepend=-1)), len(x))
    filled = np.empty(len(x))
    filled[order] = between(x[order], None, phases)
    return filled


def _mean(values: Values) -> Values:
    """Mean of each row without its missing values, NaN where all are `(row,)`."""
    count = (~np.isnan(values)).sum(axis=1)
    return np.where(count > 0, np.nansum(values, axis=1) / np.maximum(count, 1), np.nan)


def upsample(rows: Rows, widest: int, ledger: Ledger) -> Rows:
    """Straight lines over the empty cells between rows of a coarser series (rule ``upsample``).

    Args:
        widest: Steps of the fine grid in a step of the coarse one, at most; a longer run of empty cells is a gap of
            the coarse series and stays missing.
    """
    indptr = np.append(np.flatnonzero(rows.begins()), len(rows))
    values = rows.values.copy()
    inserted = rows.lines < 0
    for j, channel in enumerate(rows.channels):
        filled = between(values[:, j], None, indptr)
        at = np.flatnonzero(inserted & (gap_lengths(values[:, j], indptr) < widest) & ~np.isnan(filled))
        ledger.record("upsample", unique_id=rows.names(at), column=channel, ds=rows.ds(at), new=filled[at])
        values[at, j] = filled[at]
    return replace(rows, values=values)
