"""Which mark is the decimal one, and which stands between thousands, decided over whole columns."""

from __future__ import annotations

import re

from tsforecast.io.cells.numbers import Marks, is_number
from tsforecast.io.cells.quantities import bare


def find_marks(columns: list[list[str]], delimiter: str) -> Marks:
    """Decide decimal and thousands marks over whole columns.

    A cell with both marks tells (the last is the decimal one), as does a group that is not of three digits, or
    several groups. Cells such as "1,234" say nothing by themselves: they are thousands where the column's other cells
    are whole numbers below a thousand or the file is cut at commas, else decimals.

    Args:
        columns: Cells by column.
        delimiter: What cuts the file into cells.
    """
    votes = {",": 0, ".": 0}
    open_cells = {",": 0, ".": 0}
    grouped = False
    for texts in columns:
        marked = [figures for t in texts if "," in t and is_number(figures := bare(t))]
        if not marked:
            continue
        unsure = 0
        for text in marked:
            if "." in text:
                votes[max(",.", key=text.rfind)] += 1
                grouped = True
            elif text.count(",") > 1:
                votes["."] += 1
            elif not re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", text):
                votes[","] += 1
            else:
                unsure += 1
        whole = [t for t in texts if t.lstrip("+-").isdecimal()]
        small = bool(whole) and all(len(t.lstrip("+-")) <= 3 for t in whole)
        open_cells["." if small or delimiter == "," else ","] += unsure
    if not any(votes.values()):
        votes = open_cells
    if votes[","] > votes["."]:
        return Marks(",", "." if grouped else "")
    return Marks(".", "," if votes["."] else "")
