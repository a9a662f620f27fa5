"""Simple fills of missing values, for all series at once: by the neighbours in time, causal ones, a constant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tsforecast.ledger import Ledger
from tsforecast.panel import IntArray
from tsforecast.prepare.rows import BoolArray, Rows, Values


def neighbours(missing: BoolArray, indptr: IntArray) -> tuple[IntArray, IntArray]:
    """Rows of the last value before and the first after each row, itself where observed; -1 where there is none.

    Args:
        missing: True where a value is missing `(row,)`.
        indptr: Row offsets of the series `(series + 1,)`; no neighbour is sought beyond them.
    """
    n = len(missing)
    rows = np.arange(n)
    first = np.repeat(indptr[:-1], np.diff(indptr))
    last = np.repeat(indptr[1:] - 1, np.diff(indptr))
    before = np.maximum.accumulate(np.where(missing, -1, rows))
    after = np.minimum.accumulate(np.where(missing, n, rows)[::-1])[::-1]
    return np.where(before >= first, before, -1), np.where(after <= last, after, -1)


def between(x: Values, positions: Values, indptr: IntArray) -> Values:
    """Straight lines between the observed neighbours; values at the edges of a series stay missing `(row,)`.

    Args:
        x: Values of one channel `(row,)`.
        positions: Where each row lies: row numbers, or stamps to weigh by time `(row,)`.
    """
    filled = x.copy()
    missing = np.isnan(x)
    before, after = neighbours(missing, indptr)
    at = np.flatnonzero(missing & (before >= 0) & (after >= 0))
    low, high = before[at], after[at]
    weight = (positions[at] - positions[low]) / (positions[high] - positions[low])
    filled[at] = x[low] * (1 - weight) + x[high] * weight
    return filled


def carried(x: Values, indptr: IntArray, forward: bool) -> Values:
    """The value before (`forward`) or after each gap, in gaps that have values on both sides `(row,)`."""
    filled = x.copy()
    missing = np.isnan(x)
    before, after = neighbours(missing, indptr)
    at = np.flatnonzero(missing & (before >= 0) & (after >= 0))
    filled[at] = x[(before if forward else after)[at]]
    return filled


def gap_lengths(x: Values, indptr: IntArray) -> IntArray:
    """Length of the gap each row is part of, 0 where observed `(row,)`."""
    missing = np.isnan(x)
    begins = missing.copy()
    begins[1:] &= ~missing[:-1]
    begins[indptr[:-1]] = missing[indptr[:-1]]
    number = np.cumsum(begins) - 1
    lengths = np.bincount(number[missing], minlength=int(begins.sum())) if begins.any() else np.zeros(1, dtype="int64")
    return np.where(missing, lengths[number], 0)


def upsample(rows: Rows, widest: int, ledger: Ledger) -> Rows:
    """Straight lines over the empty cells between rows of a coarser series (rule ``upsample``).

    Args:
        widest: Longest run of cells to fill; a longer one is a gap of the coarse series and stays missing.
    """
    indptr = np.append(np.flatnonzero(rows.begins()), len(rows))
    values = rows.values.copy()
    inserted = rows.lines < 0
    for j, channel in enumerate(rows.channels):
        filled = between(values[:, j], np.arange(len(rows), dtype="float64"), indptr)
        at = np.flatnonzero(inserted & (gap_lengths(values[:, j], indptr) < widest) & ~np.isnan(filled))
        ledger.record("upsample", unique_id=rows.names(at), column=channel, ds=rows.ds(at), new=filled[at])
        values[at, j] = filled[at]
    return replace(rows, values=values)
