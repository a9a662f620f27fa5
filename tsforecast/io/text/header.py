"""Where a text's preamble ends, its header lies and its body begins."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tsforecast.errors import DataError
from tsforecast.io.cells.numbers import is_missing
from tsforecast.io.text.dialect import Dialect, is_comment, is_typed, rows_of
from tsforecast.io.time.axis import TIME_NAME
from tsforecast.io.time.stamp_patterns import looks_like_stamp

Row = tuple[int, list[str]]
#: Rows from the middle of a text from which the look of its body is learnt.
_SAMPLE_ROWS = 100


@dataclass
class Layout:
    """The parts of a text.

    Attributes:
        names: One readable, distinct name a column.
        header: Rows that name the columns, none where the text has no header.
        preamble: Rows above the header.
        body: Rows below it, of any width, footers included.
        comments: Number of comment lines.
        blank_lines: Number of empty lines.
    """

    names: list[str]
    header: list[Row]
    preamble: list[Row]
    body: list[Row]
    comments: int
    blank_lines: int


def lay_out(text: str, dialect: Dialect, name: str) -> Layout:
    """Tell preamble, header and body apart: the body begins with the first row that looks like the middle of the text.

    Raises:
        DataError: Where there are no rows, or none with numbers or times.
    """
    rows: list[Row] = []
    comments: list[Row] = []
    blank_lines = 0
    for line, row in rows_of(text, dialect):
        if not row:
            blank_lines += 1
        elif is_comment(row[0]):
            comments.append((line, row))
        else:
            rows.append((line, row))
    if not rows:
        raise DataError(f"{name} holds no rows", "give a file with a header line and rows")
    middle = len(rows) // 2
    upper = max(middle - _SAMPLE_ROWS // 2, min(len(rows) - 1, (len(rows) + 2) // 4))
    sample = [row for _, row in rows[upper : upper + _SAMPLE_ROWS]]
    widths = Counter(map(len, sample))
    width = max(widths, key=lambda w: (widths[w], w))
    look = _Look([row for row in sample if len(row) == width], width)
    start = next((k for k, (_, row) in enumerate(rows) if look.fits(row)), len(rows))
    if start == len(rows):
        only_header = len(rows) <= 2 and all(cell.strip() for cell in rows[-1][1])
        what = "has a header but no rows" if only_header else "holds no column of numbers or times"
        raise DataError(f"{name} {what}", "is this the right file?")
    first = _header_start(rows, start, width, look.stamp)
    if first == start and not look.fits_wholly(rows[start][1]) and start + 1 < len(rows):
        start += 1  # Names such as "month,2019,2020" look like data but for one of them.
    header = rows[first:start] or _commented_header(comments, rows[start][0], dialect, width)
    names = _names([row for _, row in header], width, name)
    return Layout(
        names, header, rows[:first], rows[start:], len(comments) - (bool(header) and first == start), blank_lines
    )


class _Look:
    """What rows of a body look like: which columns hold numbers or times, and which is the first of times."""

    def __init__(self, rows: list[list[str]], width: int) -> None:
        self.width = width
        self.typed: list[int] = []
        self.stamp: int | None = None
        for j in range(width):
            present = [row[j] for row in rows if not is_missing(row[j])]
            if present and sum(map(is_typed, present)) >= 0.5 * len(present):
                self.typed.append(j)
                if self.stamp is None and sum(map(looks_like_stamp, present)) >= 0.5 * len(present):
                    self.stamp = j

    def fits_wholly(self, row: list[str]) -> bool:
        """Whether every cell of a row is typed where the columns are."""
        return all(is_typed(row[j]) for j in self.typed if j < len(row))

    def fits(self, row: list[str]) -> bool:
        """Whether most present cells of a row are typed where the columns are."""
        if abs(len(row) - self.width) > max(1, self.width // 4):
            return False
        cells = [row[j] for j in self.typed if j < len(row) and not is_missing(row[j])]
        return bool(cells) and sum(map(is_typed, cells)) > 0.5 * len(cells)


def _header_start(rows: list[Row], start: int, width: int, stamp: int | None) -> int:
    """Index of the first header row above `start`.

    Header rows touch one another (no blank line between) and are as wide as the body. Above the row that names the
    time there may be more only where they leave the time's cell empty (a station over its elements); a title or a
    list of settings does not. Above the lowest row, cells that are numbers or times mark a preamble.
    """
    first = start
    named = False
    while first:
        line, row = rows[first - 1]
        filled = [cell for cell in row if cell.strip()]
        if len(row) < width - 1 or not filled or (len(filled) == 1 and row[0].strip() and width > 2):
            break
        below = rows[first][0]
        if first < start and (below - line > 1 or any(is_typed(cell) for cell in filled)):
            break
        title = row[stamp].strip() if stamp is not None and stamp < len(row) else ""
        if named and title:
            break
        named = named or bool(title and TIME_NAME.search(title))
        first -= 1
    return first


def _commented_header(comments: list[Row], before: int, dialect: Dialect, width: int) -> list[Row]:
    """The last comment above the body, where it names as many columns as the body has."""
    above = [row for row in comments if row[0] < before]
    if not above:
        return []
    line, row = above[-1]
    text = dialect.delimiter.join(row).lstrip("#%/ ")
    cells = next(rows_of(text, dialect), (0, []))[1]
    plain = len(cells) == width and not any(is_typed(cell) and not is_missing(cell) for cell in cells)
    return [(line, cells)] if plain else []


def _names(rows: list[list[str]], width: int, name: str) -> list[str]:
    """One readable, distinct name a column from any number of header rows."""
    if not rows:
        return [f"column_{j + 1}" for j in range(width)]
    longest = max(map(len, rows))
    if longest < width:
        raise DataError(
            f"{name}: the header has {longest} names but the rows have {width} cells",
            "decimal commas in a file cut at commas? else give --delimiter",
        )
    padded = [[" ".join(cell.split()) for cell in row] + [""] * (width - len(row)) for row in rows]
    if len(padded) > 1:
        # A row that says one thing over all columns (the name of a station) tells none apart.
        padded = [row for row in padded if Counter(filter(None, row)).most_common(1)[0][1] < max(2, width - 1)]
        padded = padded or [[""] * width]
    parts = [dict.fromkeys(row[j] for row in padded if row[j]) for j in range(width)]
    return distinct([" ".join(p) or f"column_{j + 1}" for j, p in enumerate(parts)])


def distinct(names: list[str]) -> list[str]:
    """The names, repeated ones numbered from the second on."""
    taken = set(names)
    seen: set[str] = set()
    result = []
    for title in names:
        fresh, number = title, 2
        while fresh in seen or (fresh != title and fresh in taken):
            fresh, number = f"{title}_{number}", number + 1
        seen.add(fresh)
        result.append(fresh)
    return result
