"""Marks of filled values: a column of 0 and 1 beside each channel, written by `prepare --mark-filled` and read back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tsforecast.data.panel import Panel, Table
from tsforecast.preparation.report import PrepareReport
from tsforecast.preparation.rows import BoolArray

MARK = "filled"


def mark_of(channel: str, n_channels: int) -> str:
    """Name of the column that marks the filled values of a channel."""
    return MARK if n_channels == 1 else f"{channel}_{MARK}"


def marked(panel: Panel, filled: BoolArray) -> Panel:
    """The panel with a column of marks for each channel: 1 where its value was filled, else 0.

    Args:
        filled: Which values were, `(row, channel)`.
    """
    frame = panel.frame.copy()
    for j, channel in enumerate(panel.channels):
        frame[mark_of(channel, len(panel.channels))] = filled[:, j].astype("float64")
    return replace(panel, frame=frame)


def unmarked(table: Table, report: PrepareReport) -> Table:
    """The table without its columns of marks, and missing where they say that a value was filled.

    Marks are taken as such only where every channel has its own, all of 0 and 1; the report has a note of it.
    """
    frame = table.frame
    names = [c for c in table.channels if c != MARK and not c.endswith(f"_{MARK}")]
    marks = [mark_of(c, len(names)) for c in names]
    if (
        not names
        or sorted([*names, *marks]) != sorted(table.channels)
        or not frame[marks].isin([0.0, 1.0]).all(axis=None)
    ):
        return table
    frame = frame.drop(columns=marks)
    total = 0
    for name, mark in zip(names, marks, strict=True):
        where = table.frame[mark].to_numpy() == 1
        frame[name] = np.where(where, np.nan, frame[name])
        total += int(where.sum())
    report.notes.append(f"{total:,} values marked as filled are taken as missing")
    return replace(table, frame=frame)
