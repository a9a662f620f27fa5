"""What a cell of text is - missing, a number, a truth value - and the columns that formats hand over."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tsforecast.ledger import Ledger
from tsforecast.panel import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]

#: Cells that say "no value", compared in lower case without surrounding blanks.
MISSING = frozenset(
    ["", "na", "n/a", "#n/a", "n.a.", "<na>", "nan", "-nan", "nan(ind)", "-nan(ind)", "1.#qnan", "-1.#ind", "null", "none"]
    + ["nil", "nat", "-", "--", "---", "----", "–", "—", "?", "??", "*", "**", "***", ".", "..", "...", "missing", "nodata"]
    + ["no data", "#value!", "#ref!", "#div/0!", "#num!", "#null!", "#name?", "\\n"]
    + ["欠測", "欠", "×", "///", "//", "／", "−", "ー"]
)
TRUTHS = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0}

_NUMBER = re.compile(r"[+-]?(?:\d[\d.,'’\u00a0\u202f ]*|[.,]\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?", re.IGNORECASE)
_BLANK_MARKS = "'’\u00a0\u202f "


@dataclass
class Column:
    """One column as a format handed it over: exactly one of the three is set.

    Attributes:
        name: The user's name.
        texts: Cells as text, stripped `(row,)`.
        numbers: Cells as float64, NaN missing `(row,)`.
        stamps: Cells as datetime64[us], UTC without zone, NaT missing `(row,)`.
        zone: Zone of `stamps`, None where they have none.
    """

    name: str
    texts: list[str] | None = None
    numbers: FloatArray | None = None
    stamps: npt.NDArray[np.datetime64] | None = None
    zone: str | None = None


@dataclass
class Grid:
    """A table of columns of equal length, with the source line of each row and what was noticed on the way."""

    columns: list[Column]
    lines: IntArray
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class Marks:
    """How numbers are written: the decimal mark, and the marks between thousands ("" if none)."""

    decimal: str = "."
    thousands: str = ""


def is_missing(text: str) -> bool:
    return text.strip().lower() in MISSING


def is_number(text: str) -> bool:
    """Whether `text` could be a number under some marks."""
    return _NUMBER.fullmatch(text.strip().replace("−", "-")) is not None


def parse_numbers(texts: list[str], marks: Marks, missing: frozenset[str] = frozenset()) -> tuple[FloatArray, BoolArray]:
    """Numbers of a column of text.

    Args:
        texts: Cells `(row,)`.
        marks: How numbers are written.
        missing: Further cells that say "no value", in lower case.

    Returns:
        float64 values `(row,)`, NaN where missing or unreadable, and a mask `(row,)` of the unreadable cells.
    """
    known: dict[str, float] = {}
    values = np.empty(len(texts), dtype="float64")
    bad = np.zeros(len(texts), dtype=bool)
    plain = marks.decimal == "." and not marks.thousands and not missing
    for i, text in enumerate(texts):
        if plain:
            try:
                values[i] = float(text)
                if "_" not in text:
                    continue
            except ValueError:
                pass
        value = known.get(text)
        if value is None:
            value = _number(text, marks, missing)
            if value is None:
                bad[i] = True
                value = np.nan
            else:
                known[text] = value
        values[i] = value
    return values, bad


def _number(text: str, marks: Marks, missing: frozenset[str]) -> float | None:
    """The number in one cell, NaN where missing, None where it is neither."""
    text = text.strip()
    lower = text.lower()
    if lower in MISSING or lower in missing:
        return np.nan
    text = text.replace("−", "-")
    if not _NUMBER.fullmatch(text):
        return None
    for mark in _BLANK_MARKS:
        if mark in text:
            if not re.fullmatch(rf"[+-]?\d{{1,3}}(?:{mark}\d{{3}})+(?:[.,]\d*)?", text):
                return None
            text = text.replace(mark, "")
    if marks.thousands and marks.thousands in text:
        grouped = rf"[+-]?\d{{1,3}}(?:{re.escape(marks.thousands)}\d{{3}})+(?:{re.escape(marks.decimal)}\d*)?"
        if not re.fullmatch(grouped, text):
            return None
        text = text.replace(marks.thousands, "")
    if marks.decimal != ".":
        text = text.replace(marks.decimal, ".")
    try:
        return float(text)
    except ValueError:
        return None


def find_marks(columns: list[list[str]], delimiter: str) -> Marks:
    """Decide decimal and thousands marks over whole columns.

    A cell with both marks tells (the last is the decimal one), as does one with a group that is not of three digits,
    or with several groups. Cells such as "1,234" alone say nothing by themselves: thousands where the column's other
    cells are whole numbers below a thousand, else a decimal comma in files that are not cut at commas.
    """
    votes = {",": 0, ".": 0}
    dotted = False
    unsure: list[tuple[int, int, int]] = []
    for texts in columns:
        marked = [t for t in texts if "," in t and is_number(t)]
        dotted = dotted or any(re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+", t) for t in texts[:1000])
        open_cells = 0
        for text in marked:
            last = max(text.rfind(","), text.rfind("."))
            if "." in text:
                votes[text[last]] += 1
            elif text.count(",") > 1:
                votes["."] += 1
            elif not re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", text):
                votes[","] += 1
            else:
                open_cells += 1
        if open_cells:
            whole = [t for t in texts if re.fullmatch(r"[+-]?\d+", t)]
            unsure.append((open_cells, len(whole), sum(len(t.lstrip("+-")) > 3 for t in whole)))
    if not any(votes.values()):
        for open_cells, whole, large in unsure:
            votes["." if (whole and not large) or delimiter == "," else ","] += open_cells
    if votes[","] > votes["."]:
        groups = any("." in t and "," in t for texts in columns for t in texts[:10000] if is_number(t))
        return Marks(",", "." if groups or dotted else "")
    return Marks(".", "," if votes["."] else "")
