"""Where a text's preamble ends, its header lies and its body begins."""

from __future__ import annotations

from dataclasses import dataclass

from tsforecast.errors import DataError
from tsforecast.io.text.dialect import Dialect, is_comment, rows_of
from tsforecast.io.text.header import Header, names_of
from tsforecast.io.text.kinds import MISSING, NUMBER, STAMP, TEXT, Look, kind_of, look_of
from tsforecast.io.time.across import is_time_header
from tsforecast.io.time.axis import SHORT_TIME_NAME, TIME_NAME
from tsforecast.io.time.yearless import is_yearless

Row = tuple[int, list[str]]
#: A header of times is looked for in so many rows.
_HEAD = 60
#: Rows of numbers that may be settings above the names.
_FEW_SETTINGS = 12


@dataclass
class Layout:
    """The parts of a text.

    Attributes:
        names: What the header says.
        header: Rows that name the columns, none where the text has no header.
        preamble: Rows above the header.
        body: Rows below it, of any width, footers included.
        comments: Comment lines.
        blank_lines: Number of empty lines.
        look: Of the body.
    """

    names: Header
    header: list[Row]
    preamble: list[Row]
    body: list[Row]
    comments: list[Row]
    blank_lines: int
    look: Look


def lay_out(text: str, dialect: Dialect, name: str) -> Layout:
    """Tell preamble, header and body apart: the body begins with the first row that looks like most of the text.

    Raises:
        DataError: Where there are no rows, or none with numbers or times.
    """
    found = list(rows_of(text, dialect))
    rows = [(line, row) for line, row in found if row]
    plain = [row for _, row in rows if not is_comment(row[0])]
    if not any(cell.strip() for row in plain for cell in row) and not any(len(row) > 1 for _, row in rows):
        raise DataError(f"{name} holds no rows", "give a file with a header line and rows")
    look = look_of(plain if len(plain) >= 0.5 * len(rows) else [row for _, row in rows])
    comments = [(line, row) for line, row in rows if is_comment(row[0]) and not _is_row(row, look, dialect)]
    marked = {line for line, _ in comments}
    rows = [(line, row) for line, row in rows if line not in marked]
    if not rows:
        raise DataError(f"{name} holds no rows but comments", "give a file with a header line and rows")
    across = next((k for k, (_, row) in enumerate(rows[:_HEAD]) if _heads_times(rows, k, look)), None)
    if across is not None:
        first, start = across, across + 1
    else:
        start = _body_start(rows, look, name)
        first = _header_start(rows, start, look)
    header = rows[first:start]
    if not header:
        header, comments = _commented_header(comments, rows[start][0], dialect, look)
    preamble = rows[:first]
    names = names_of([row for _, row in header], [row for _, row in rows[start:]], look, dialect.delimiter, name)
    return Layout(names, header, preamble, rows[start:], comments, len(found) - len(rows) - len(marked), look)


def _is_row(row: list[str], look: Look, dialect: Dialect) -> bool:
    """Whether a row that begins like a comment is a row of the table, or names its first column "#"."""
    if len(row) != look.width or look.width == 1:
        return False
    if look.key == 0 or not look.fits(row) or look.agreements(row)[0] == 0:
        texts = all(kind_of(cell) in (TEXT, MISSING) for cell in row)
        named = row[0].strip() == "#" and dialect.delimiter != " "
        return named and texts and sum(kind_of(cell) == TEXT for cell in row) > 1
    return True


def _heads_times(rows: list[Row], k: int, look: Look) -> bool:
    """Whether a row is a header of times: it is as wide as the table, and no other such row follows."""
    row = rows[k][1]
    if abs(len(row) - look.width) > 1 or k + 1 == len(rows) or not is_time_header(row):
        return False
    return not is_time_header(rows[k + 1][1]) and not _is_stamped(rows[k + 1][1], row)


def _is_stamped(row: list[str], header: list[str]) -> bool:
    """Whether the cells below the times of a header are times themselves."""
    below = [kind_of(cell) for cell, title in zip(row, header, strict=False) if kind_of(title) in (NUMBER, STAMP)]
    return below.count(STAMP) > 0.5 * len(below)


def _body_start(rows: list[Row], look: Look, name: str) -> int:
    """Index of the first row of the body."""
    start = next((k for k, (_, row) in enumerate(rows) if len(row) >= look.width and look.begins(row)), len(rows))
    if start == len(rows):
        only_header = len(rows) <= 2 and all(cell.strip() for cell in rows[-1][1])
        yearless = next((cell for _, row in rows[len(rows) // 2 :] for cell in row if is_yearless(cell)), None)
        if yearless is not None:
            told = f"{name} holds no column of numbers, and its dates have no year ('{yearless.strip()[:40]}')"
            raise DataError(told, "is this the right file?")
        what = "has a header but no rows" if only_header else "holds no column of numbers or times"
        raise DataError(f"{name} {what}", "is this the right file?")
    titles = next((k for k in range(start - 1, -1, -1) if _is_titles(rows[k][1], look)), None)
    if titles is not None and titles + 1 < start:
        between = [row for _, row in rows[titles + 1 : start]]
        if all(look.fits(row) or look.agreements(row)[0] for row in between) and _names_time(rows[titles][1], look):
            return titles + 1  # Rows whose time is missing or misspelt, directly below the names.
    if start == 0 and (look.key is None or look.kinds[look.key] == NUMBER):
        late = next((k for k, (_, row) in enumerate(rows[:_FEW_SETTINGS]) if _is_full_header(row, look)), 0)
        if 0 < late < len(rows) - late:
            return late + 1  # Settings that are as wide as the table stand above its names.
    if titles is None and look.key is None and not look.fits_wholly(rows[start][1]) and start + 1 < len(rows):
        return start + 1  # Names such as "month,2019,2020" look like data but for one of them.
    return start


def _is_titles(row: list[str], look: Look) -> bool:
    """Whether a row could name columns: nearly as wide as the body, and text alone."""
    kinds = [kind_of(cell) for cell in row]
    return len(row) >= look.width - 1 and TEXT in kinds and set(kinds) <= {TEXT, MISSING}


def _is_full_header(row: list[str], look: Look) -> bool:
    """Whether a row says a different word over each column."""
    return len(row) == look.width > 1 and all(kind_of(c) == TEXT for c in row) and len(set(row)) == len(row)


def _title(row: list[str], look: Look) -> str:
    """What a row says above the times."""
    return row[look.key].strip() if look.key is not None and look.key < len(row) else ""


def _names_time(row: list[str], look: Look) -> bool:
    return TIME_NAME.search(_title(row, look)) is not None


def _header_start(rows: list[Row], start: int, look: Look) -> int:
    """Index of the first header row above `start`.

    Header rows touch one another (no blank line between) and are as wide as the body. Above the row that names the
    time there may be more only where they leave the time's cell empty (a station over its elements), or where the
    lower one only says how time is written ("TS"); a title or a list of settings does not. Above the lowest row,
    cells that are numbers or times mark a preamble.
    """
    first = start
    named = short = False
    while first:
        line, row = rows[first - 1]
        filled = [cell for cell in row if cell.strip()]
        narrow = look.width - (2 if first == start else 1)
        if len(row) < max(1, narrow) or not filled:
            break
        if len(filled) == 1 and row[0].strip() and look.width > 2:
            break
        if look.width == 2 and len(filled) == 2 and kind_of(filled[1]) == STAMP:
            break  # "Release date,17-07-2024" is a setting.
        if first < start and (
            rows[first][0] - line > 1 or any(kind_of(cell) not in (TEXT, MISSING) for cell in filled)
        ):
            break
        title = _title(row, look)
        strong = bool(TIME_NAME.search(title)) and not SHORT_TIME_NAME.fullmatch(title)
        if named and title and not (short and strong):
            break
        named = named or _names_time(row, look)
        short = named and not strong
        first -= 1
    return first


def _commented_header(comments: list[Row], before: int, dialect: Dialect, look: Look) -> tuple[list[Row], list[Row]]:
    """The last comment above the body as the header, where it names as many columns as the body has; and the others."""
    above = [row for row in comments if row[0] < before]
    if not above:
        return [], comments
    line, row = above[-1]
    text = dialect.delimiter.join(row).lstrip("#%/ ")
    cells = next(rows_of(text, dialect), (0, []))[1]
    plain = len(cells) == look.width and all(kind_of(cell) in (TEXT, MISSING) for cell in cells)
    return ([(line, cells)], [c for c in comments if c[0] != line]) if plain else ([], comments)
