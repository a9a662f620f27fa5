"""Cells that are written like times but could not be used as such."""

from __future__ import annotations

import re

from tsforecast.io.cells.numbers import is_missing
from tsforecast.io.sheet import Column
from tsforecast.io.time.axis import TimeAxis
from tsforecast.io.time.stamp_patterns import looks_like_stamp, tidy
from tsforecast.io.time.yearless import is_yearless

_LIKELY = re.compile(r"\d{1,4}[-/.:年月]\d{1,2}.*\d")
_SAMPLE = 50


def unread_times(columns: list[Column], axis: TimeAxis) -> list[str]:
    """Notes on columns of text that look like times but are not used."""
    rows = f"{'+'.join(axis.columns)} is the time" if axis.columns else "rows are taken as equal steps"
    notes = []
    for column in columns:
        present = [tidy(t) for t in (column.texts or [])[: 20 * _SAMPLE] if not is_missing(t)][:_SAMPLE]
        if not present:
            continue
        yearless = sum(is_yearless(t) for t in present) > 0.5 * len(present)
        likely = sum(looks_like_stamp(t) or _LIKELY.search(t) is not None for t in present) > 0.5 * len(present)
        if yearless or likely:
            why = "looks like a time without a year" if yearless else "looks like a time but could not be read"
            notes.append(f"{rows}: column '{column.name}' ('{present[0][:40]}') {why}")
    return notes
