"""Lines of a report: a label and its text, and numbers as people read them."""

from __future__ import annotations

import math

GUTTER = 11


def entry(label: str, text: str) -> str:
    """A labelled line of the report."""
    return f"{label:<{GUTTER}}{text}"


def number(value: float, digits: int) -> str:
    """Fixed digits, or a dash where there is nothing to say."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "–"


def significant(value: float) -> str:
    """Four significant digits, with thousands marks."""
    if not math.isfinite(value):
        return "–"
    if value != 0 and not 1e-3 <= abs(value) < 1e9:
        return f"{value:.3e}"
    digits = max(0, 3 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:,.{min(digits, 6)}f}"
