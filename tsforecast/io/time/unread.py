"""Cells that are written like times but could not be used as such."""

from __future__ import annotations

import re

from tsforecast.io.cells.numbers import is_missing
from tsforecast.io.grid import Column
from tsforecast.io.time.stamp_patterns import CLOCK, MONTH_NAME, compiled, looks_like_stamp, tidy

_YEARLESS = (
    rf"(?:[A-Za-z]{{2,9}}\.?,?\s+)?\d{{1,2}}(?:st|nd|rd|th|\.)?[ .\-/]*{MONTH_NAME}(?:,?\s+{CLOCK})?",
    rf"(?:[A-Za-z]{{2,9}}\.?,?\s+)?{MONTH_NAME}[ .\-/]*\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+{CLOCK})?",
    r"(?:0?[1-9]|[12]\d|3[01])[./\-](?:0?[1-9]|[12]\d|3[01])\.?(?:,?\s+\d{1,2}:\d\d(?::\d\d)?)?",
    r"\d{1,2}月\d{1,2}日(?:\s*\d{1,2}[:時].*)?",
)
_LIKELY = re.compile(r"\d{1,4}[-/.:年月]\d{1,2}.*\d")
_SAMPLE = 50


def unread_times(columns: list[Column]) -> list[str]:
    """Notes on columns that look like times but are not used, for a table whose rows are taken as equal steps."""
    notes = []
    for column in columns:
        present = [tidy(t) for t in (column.texts or [])[: 20 * _SAMPLE] if not is_missing(t)][:_SAMPLE]
        if not present:
            continue
        yearless = sum(any(compiled(p).fullmatch(t) for p in _YEARLESS) for t in present) > 0.5 * len(present)
        likely = sum(looks_like_stamp(t) or _LIKELY.search(t) is not None for t in present) > 0.5 * len(present)
        if yearless or likely:
            why = "has no year" if yearless else "could not be read as times"
            notes.append(
                f"no column of times was found, rows are taken as equal steps: column '{column.name}' "
                f"('{present[0][:40]}') {why}"
            )
    return notes
