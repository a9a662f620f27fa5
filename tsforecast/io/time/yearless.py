"""Dates without a year ("30 May", "05/30"), and the column that has it."""

from __future__ import annotations

import re

from tsforecast.io.time.stamp_patterns import CLOCK, MONTH_NAME, compiled, tidy

_YEARLESS = (
    rf"(?:[A-Za-z]{{2,9}}\.?,?\s+)?\d{{1,2}}(?:st|nd|rd|th|\.)?[ .\-/]*{MONTH_NAME}(?:,?\s+{CLOCK})?",
    rf"(?:[A-Za-z]{{2,9}}\.?,?\s+)?{MONTH_NAME}[ .\-/]*\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+{CLOCK})?",
    r"(?:0?[1-9]|[12]\d|3[01])[./\-](?:0?[1-9]|[12]\d|3[01])\.?(?:,?\s+\d{1,2}:\d\d(?::\d\d)?)?",
    r"\d{1,2}月\d{1,2}日(?:\s*\d{1,2}[:時].*)?",
)
_CLOCK_BEHIND = re.compile(r",?\s+\d{1,2}:.*$")


def is_yearless(text: str) -> bool:
    """Whether a cell is a date without a year."""
    return any(compiled(pattern).fullmatch(tidy(text)) for pattern in _YEARLESS)


def with_year(text: str, year: int) -> str:
    """The date with its year, as the patterns of whole dates read it."""
    if "月" in text:
        return f"{year}年{text.strip()}"
    found = _CLOCK_BEHIND.search(text.strip())
    clock = found[0] if found else ""
    day = text.strip().removesuffix(clock)
    mark = next((mark for mark in "/-." if mark in day), "/")
    if day.replace(mark, "").isdecimal():
        return f"{day.rstrip(mark)}{mark}{year}{clock}"
    return f"{day} {year}{clock}"
