"""What a cell of text is: missing, a number, a truth value."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.io.sheet import BoolArray

_NO_VALUE = (
    "|:|na|n/a|#n/a|n.a.|<na>|nan|-nan|nan(ind)|-nan(ind)|1.#qnan|-1.#ind|null|none|nil|nat|missing|nodata|no data|"
    "-|--|---|----|–|—|?|??|*|**|***|.|..|...|#value!|#ref!|#div/0!|#num!|#null!|#name?|\\n|欠測|欠|×|///|//|／|−|ー"
)
#: Cells that say "no value", compared in lower case without surrounding blanks.
MISSING = frozenset(_NO_VALUE.split("|"))
TRUTHS = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0}

_NUMBER = re.compile(r"[+-]?(?:\d[\d.,'’\u00a0\u202f ]*|[.,]\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?", re.IGNORECASE)
_BLANK_MARKS = "'’\u00a0\u202f "


@dataclass(frozen=True)
class Marks:
    """How numbers are written: the decimal mark, and the mark between thousands ("" if none)."""

    decimal: str = "."
    thousands: str = ""

    @classmethod
    def of_decimal(cls, decimal: str) -> Marks:
        """The marks of those who write this decimal mark."""
        return cls(decimal, "." if decimal == "," else ",")


def is_missing(text: str) -> bool:
    """Whether a cell says "no value"."""
    return text.strip().lower() in MISSING


def is_number(text: str) -> bool:
    """Whether a cell could be a number under some marks."""
    return _NUMBER.fullmatch(text.strip().replace("−", "-")) is not None


def parse_numbers(
    texts: list[str], marks: Marks, missing: frozenset[str] = frozenset()
) -> tuple[FloatArray, BoolArray]:
    """Numbers of a column of text.

    Args:
        texts: Cells `(row,)`.
        marks: How numbers are written.
        missing: Further cells that say "no value", in lower case.

    Returns:
        float64 values `(row,)`, NaN where missing or unreadable, and a mask `(row,)` of the unreadable cells.
    """
    bad = np.zeros(len(texts), dtype=bool)
    if marks == Marks() and not missing:
        try:
            values = np.fromiter(map(float, texts), dtype="float64", count=len(texts))
        except ValueError:
            pass
        else:
            # float() reads 1_000 as a thousand; no table means that.
            if "_" not in "".join(texts):
                return values, bad
    values = np.empty(len(texts), dtype="float64")
    known: dict[str, float | None] = {}
    for i, text in enumerate(texts):
        if text not in known:
            known[text] = number_of(text, marks, missing)
        value = known[text]
        bad[i] = value is None
        values[i] = np.nan if value is None else value
    return values, bad


def number_of(text: str, marks: Marks, missing: frozenset[str] = frozenset()) -> float | None:
    """The number in one cell, NaN where missing, None where it is neither."""
    text = text.strip()
    if text.lower() in MISSING or text.lower() in missing:
        return np.nan
    text = text.replace("−", "-")
    if not _NUMBER.fullmatch(text):
        return None
    for mark in {*_BLANK_MARKS, marks.thousands} - {""}:
        if mark in text:
            grouped = rf"[+-]?\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+(?:{re.escape(marks.decimal)}\d*)?"
            if not re.fullmatch(grouped, text):
                return None
            text = text.replace(mark, "")
    try:
        return float(text.replace(marks.decimal, "."))
    except ValueError:
        return None
