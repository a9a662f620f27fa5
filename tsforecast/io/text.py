"""Delimited text to columns: preamble, header, body, footers, each row with its line number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from tsforecast.config import ReadConfig
from tsforecast.errors import DataError
from tsforecast.io.cells import Column, Grid, is_missing
from tsforecast.io.dialect import Dialect, find_dialect, is_comment, is_typed, rows_of

_NAMES = {"\t": "tab", " ": "blanks"}
#: Rows from which the body's look is learnt.
_BODY_SAMPLE = 400
#: More rows than this share that do not fit the header are an error, not a repair.
_MAX_RAGGED = 0.1

Row = tuple[int, list[str]]


@dataclass
class Layout:
    """Where the parts of a text lie, as indices into its records."""

    width: int
    header: list[Row]
    preamble: list[Row]
    body: list[Row]
    comments: int = 0
    blanks: int = 0
    names: list[str] = field(default_factory=list)


def read_text(text: str, config: ReadConfig, name: str) -> Grid:
    """Cut delimited text into columns of text.

    Raises:
        DataError: Where there are no rows, or too many rows do not fit the header.
    """
    dialect = find_dialect(text, config.delimiter)
    layout = _lay_out(list(rows_of(text, dialect)), dialect, name)
    grid = Grid([], np.zeros(0, dtype="int64"))
    body = _fit_rows(layout, grid, name)
    cells = zip(*(row for _, row in body), strict=True)
    grid.columns = [
        Column(title, texts=[c.strip() for c in column]) for title, column in zip(layout.names, cells, strict=True)
    ]
    grid.lines = np.array([line for line, _ in body], dtype="int64")
    grid.facts |= {
        "delimiter": _NAMES.get(dialect.delimiter, dialect.delimiter),
        "header_lines": [line for line, _ in layout.header],
        "preamble_lines": [line for line, _ in layout.preamble],
        "comment_lines": layout.comments,
    }
    return grid


def _lay_out(rows: list[Row], dialect: Dialect, name: str) -> Layout:
    """Tell preamble, header and body apart."""
    comments = [(line, row) for line, row in rows if row and is_comment(row[0])]
    blanks = sum(not row for _, row in rows)
    rows = [(line, row) for line, row in rows if not (row and is_comment(row[0]))]
    if not any(row for _, row in rows):
        raise DataError(f"{name} holds no rows", "give a file with a header line and rows")
    tail = [row for _, row in rows if row][-_BODY_SAMPLE:]
    middle = tail[len(tail) // 4 :] or tail
    widths = Counter(len(row) for row in middle)
    width = max(widths.items(), key=lambda item: (item[1], item[0]))[0]
    typed = _typed_columns([row for row in middle if len(row) == width], width)
    start = next((k for k, (_, row) in enumerate(rows) if _is_data(row, width, typed)), len(rows))
    first = start
    while first and rows[first - 1][1] and _is_title(rows[first - 1][1], width):
        first -= 1
    layout = Layout(width, rows[first:start], [r for r in rows[:first] if r[1]], rows[start:], len(comments), blanks)
    if not layout.header and comments:
        layout.header = _commented_header(comments, rows[start][0] if start < len(rows) else 0, dialect, width)
    if start == len(rows):
        raise DataError(f"{name} has a header but no rows", "is this the right file?")
    layout.names = _join_header([row for _, row in layout.header], width, name)
    return layout


def _typed_columns(rows: list[list[str]], width: int) -> list[bool]:
    """Whether most present cells of a column are numbers or times `(column,)`."""
    found = []
    for j in range(width):
        present = [row[j] for row in rows if not is_missing(row[j])]
        found.append(bool(present) and sum(map(is_typed, present)) > 0.5 * len(present))
    return found


def _is_data(row: list[str], width: int, typed: list[bool]) -> bool:
    """Whether a row looks like the body: its cells are typed where the columns are."""
    if abs(len(row) - width) > max(1, width // 4):
        return False
    seen = [is_typed(cell) for cell, expected in zip(row, typed, strict=False) if expected and not is_missing(cell)]
    if not any(typed):
        return False
    return bool(seen) and sum(seen) > 0.5 * len(seen)


def _is_title(row: list[str], width: int) -> bool:
    """Whether a row above the body can be part of its header."""
    filled = sum(bool(cell.strip()) for cell in row)
    return len(row) >= width - 1 and (filled > 1 or width <= 2) and (filled > 0)


def _commented_header(comments: list[Row], before: int, dialect: Dialect, width: int) -> list[Row]:
    """The last comment above the body, where it names as many columns as the body has."""
    above = [(line, row) for line, row in comments if line < before]
    if not above:
        return []
    line, row = above[-1]
    text = dialect.delimiter.join(row).lstrip("#%/ \t")
    cells = next(rows_of(text, dialect), (0, []))[1]
    return [(line, cells)] if len(cells) == width and not any(is_typed(c) and not is_missing(c) for c in cells) else []


def _join_header(rows: list[list[str]], width: int, name: str) -> list[str]:
    """One readable, unique name a column from one or more header rows."""
    if not rows:
        return [f"column_{j + 1}" for j in range(width)]
    longest = max(len(row) for row in rows)
    if longest < width and any(cell.strip() for row in rows for cell in row):
        raise DataError(
            f"{name}: the header has {longest} names but the rows have {width} cells",
            "decimal commas in a file cut at commas? else give --delimiter",
        )
    padded = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    if len(padded) > 1:
        # A row that says the same over every column (a station's name) tells columns apart no better.
        telling = [row for row in padded if len({cell for cell in row if cell}) > 1]
        padded = telling or padded
    names = []
    for j in range(width):
        parts = list(dict.fromkeys(" ".join(row[j].split()) for row in padded if row[j]))
        names.append(" ".join(parts) or f"column_{j + 1}")
    return _unique(names)


def _unique(names: list[str]) -> list[str]:
    """Names made distinct by a number from the second on."""
    taken = set(names)
    seen: Counter[str] = Counter()
    result = []
    for title in names:
        seen[title] += 1
        if seen[title] > 1:
            number = seen[title]
            while f"{title}_{number}" in taken:
                number += 1
            title = f"{title}_{number}"
            taken.add(title)
        result.append(title)
    return result


def _fit_rows(layout: Layout, grid: Grid, name: str) -> list[Row]:
    """Rows of the body at the header's width; what does not fit is left out and said."""
    width = layout.width
    body: list[Row] = []
    blank = 0
    ragged: list[Row] = []
    short: list[Row] = []
    repeated: list[Row] = []
    header = [cell.strip() for cell in layout.header[-1][1]] if layout.header else None
    for line, row in layout.body:
        if not any(cell.strip() for cell in row):
            blank += 1
        elif len(row) == width:
            if row == header or (header and [c.strip() for c in row] == header):
                repeated.append((line, row))
            else:
                body.append((line, row))
        elif len(row) > width:
            if any(cell.strip() for cell in row[width:]):
                ragged.append((line, row))
            else:
                body.append((line, row[:width]))
        else:
            short.append((line, row))
            body.append((line, row + [""] * (width - len(row))))
    if len(ragged) > _MAX_RAGGED * len(layout.body):
        line, row = ragged[0]
        raise DataError(
            f"{name}: line {line} has {len(row)} cells where {width} were expected, as have {len(ragged) - 1} more",
            "decimal commas in a file cut at commas? else give --delimiter",
        )
    for rule, rows in (("ragged-row-left-out", ragged), ("repeated-header-left-out", repeated), ("short-row", short)):
        if rows:
            grid.ledger.record(rule, line=[r[0] for r in rows], old=[",".join(r[1]) for r in rows])
    if blank:
        grid.facts["blank_rows"] = blank
        grid.notes.append(f"{blank} blank rows left out")
    if not body:
        raise DataError(f"{name} has no rows", "is this the right file?")
    return body
