"""Delimited text to columns of text, each row with its line number."""

from __future__ import annotations

import numpy as np

from tsforecast.config import ReadConfig
from tsforecast.errors import DataError
from tsforecast.io.sheet import Column, Sheet
from tsforecast.io.text.dialect import find_dialect
from tsforecast.io.text.layout import Layout, Row, lay_out
from tsforecast.io.text.segments import joined

#: More rows than this share with too many cells are an error, not a repair.
_MAX_RAGGED = 0.1


def read_text(text: str, config: ReadConfig, name: str) -> Sheet:
    """Cut delimited text into columns of text.

    Raises:
        DataError: Where there are no rows, or too many rows do not fit the header.
    """
    dialect = find_dialect(text, config.delimiter)
    layout = lay_out(text, dialect, name)
    grid = Sheet([], np.zeros(0, dtype="int64"))
    rows = _fit_rows(layout, grid, name)
    cells = zip(*(row for _, row in rows), strict=True)
    grid.columns = [
        Column(title, texts=list(map(str.strip, column)))
        for title, column in zip(layout.names.names, cells, strict=True)
    ]
    grid.lines = np.array([line for line, _ in rows], dtype="int64")
    for rule, lost in (("preamble-left-out", layout.preamble), ("comment-left-out", layout.comments)):
        lost = [(line, row) for line, row in lost if any(map(str.strip, row))]
        grid.ledger.record(rule, line=[line for line, _ in lost], old=[dialect.delimiter.join(row) for _, row in lost])
    grid.notes += layout.names.notes
    if layout.names.units:
        grid.facts["units"] = layout.names.units
        where = ", ".join(str(line) for line, _ in layout.header[-layout.names.aside :])
        lines = "line" if layout.names.aside == 1 else "lines"
        grid.notes.append(f"units and the like in {lines} {where} are kept apart from the names")
    grid.facts |= {
        "delimiter": dialect.name,
        "quote": dialect.quote,
        "header_lines": [line for line, _ in layout.header],
        "preamble_lines": [line for line, _ in layout.preamble],
        "comment_lines": len(layout.comments),
        "blank_lines": layout.blank_lines,
    }
    return grid


def _fit_rows(layout: Layout, grid: Sheet, name: str) -> list[Row]:
    """Rows of the body at the header's width; what does not fit is left out, on record."""
    width = len(layout.names.names)
    header = [cell.strip() for cell in layout.header[-1][1]] if layout.header else []
    fitting: list[Row] = []
    body, repeated = joined(layout.body, header, layout.look, name)
    changed: dict[str, list[Row]] = {"ragged-row-left-out": [], "repeated-header-left-out": repeated, "short-row": []}
    blank = 0
    for line, row in body:
        if not any(map(str.strip, row)):
            blank += 1
        elif len(row) == width:
            fitting.append((line, row))
        elif len(row) < width:
            changed["short-row"].append((line, row))
            fitting.append((line, row + [""] * (width - len(row))))
        elif any(map(str.strip, row[width:])):
            changed["ragged-row-left-out"].append((line, row))
        else:
            fitting.append((line, row[:width]))
    ragged = changed["ragged-row-left-out"]
    if len(ragged) > _MAX_RAGGED * len(layout.body):
        line, row = ragged[0]
        raise DataError(
            f"{name}: line {line} has {len(row)} cells where {width} were expected, as have {len(ragged) - 1} more",
            "decimal commas in a file cut at commas? else give --delimiter",
        )
    for rule, rows in changed.items():
        if rows:
            # A row that only lacks cells is still used: the entry names the first cell that was not there.
            absent = [layout.names.names[len(row)] for _, row in rows] if rule == "short-row" else ""
            old = [",".join(row) for _, row in rows]
            grid.ledger.record(rule, line=[line for line, _ in rows], column=absent, old=old)
            grid.notes.append(f"{len(rows)} rows: {rule.replace('-', ' ')}, first in line {rows[0][0]}")
    if blank:
        grid.facts["blank_rows"] = blank
    if not fitting:
        raise DataError(f"{name} has a header but no rows", "is this the right file?")
    return fitting
