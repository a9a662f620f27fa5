"""What header rows call the columns, and what they say besides."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from tsforecast.errors import DataError
from tsforecast.io.text.kinds import NUMBER, STAMP, Look, kind_of
from tsforecast.io.time.axis import SHORT_TIME_NAME, TIME_NAME

_BRACKETED = re.compile(r"[\[(].*[\])]")
#: Rows below the header from which is learnt which column it does not name.
_SAMPLE_ROWS = 200
#: So many columns may go without a name.
_UNNAMED = 2


@dataclass
class Header:
    """What a header says.

    Attributes:
        names: One readable, distinct name a column.
        units: What rows below the names say of a column, by its name.
        aside: How many such rows there are, counted from the last header row up.
        notes: What a person should know.
    """

    names: list[str]
    units: dict[str, str] = field(default_factory=dict)
    aside: int = 0
    notes: list[str] = field(default_factory=list)


def names_of(rows: list[list[str]], body: list[list[str]], look: Look, delimiter: str, name: str) -> Header:
    """One readable, distinct name a column from any number of header rows.

    Args:
        rows: The header rows, top first.
        body: The rows below.
        look: Of the body.
        delimiter: What cuts the text into cells.
        name: Of the file, for messages.

    Raises:
        DataError: Where the rows have more cells than the header has names, and decimal commas could be why.
    """
    width = max(look.width, max(map(len, rows), default=0))
    if not rows:
        return Header([f"column_{j + 1}" for j in range(width)])
    notes: list[str] = []
    if max(map(len, rows)) < look.width:
        rows, note = _widened(rows, body, look, delimiter, name)
        notes.append(note)
    padded = [[" ".join(cell.split()) for cell in row] + [""] * (width - len(row)) for row in rows]
    padded, aside = _told_apart(padded, look)
    if len(padded) > 1:
        # A row that says one thing over all columns (the name of a station) tells none apart.
        padded = [row for row in padded if Counter(filter(None, row)).most_common(1)[0][1] < max(2, width - 1)]
        padded = padded or [[""] * width]
    parts = [dict.fromkeys(row[j] for row in padded if row[j]) for j in range(width)]
    names = distinct([" ".join(p) or f"column_{j + 1}" for j, p in enumerate(parts)])
    units = {title: " ".join(filter(None, (row[j] for row in aside))) for j, title in enumerate(names)}
    return Header(names, {title: unit for title, unit in units.items() if unit}, len(aside), notes)


def _told_apart(rows: list[list[str]], look: Look) -> tuple[list[list[str]], list[list[str]]]:
    """The rows that name the columns, and those below that only say units, how values were made, or the like.

    A row names the columns alone where it names the time and every other column differently. Units in brackets read
    well beside the name and stay there.
    """
    for k, row in enumerate(rows):
        title = row[look.key] if look.key is not None else ""
        telling = [cell for j, cell in enumerate(row) if cell or look.kinds[j : j + 1] not in ((), ("",))]
        if TIME_NAME.search(title) and all(telling) and len(set(telling)) == len(telling):
            below = rows[k + 1 :]
            aside = [r for r in below if not all(_BRACKETED.fullmatch(cell) for cell in r if cell)]
            return [r for r in rows if r not in aside], aside
        if title and not SHORT_TIME_NAME.fullmatch(title):
            break
    return rows, []


def _widened(
    rows: list[list[str]], body: list[list[str]], look: Look, delimiter: str, name: str
) -> tuple[list[list[str]], str]:
    """Header rows given an empty name where a column has none, and a note that says where."""
    longest = max(map(len, rows))
    sample = [row for row in body[:_SAMPLE_ROWS] if len(row) == look.width]
    pointed = any("." in cell for row in sample for cell in row if kind_of(cell) == NUMBER)
    if look.width - longest > _UNNAMED or (delimiter == "," and not pointed):
        raise DataError(
            f"{name}: the header has {longest} names but the rows have {look.width} cells",
            "decimal commas in a file cut at commas? else give --delimiter",
        )
    extra = look.width - longest
    left = _leads_unnamed(rows[-1], sample, look, extra)
    blank = [""] * extra
    widened = [[*blank, *row] if left else [*row, *blank] for row in rows]
    at = range(1, extra + 1) if left else range(longest + 1, look.width + 1)
    called = " and ".join(f"'column_{j}'" for j in at)
    where = "first" if left else "last"
    return widened, f"the header has {longest} names for {look.width} columns: the {where} is called {called}"


def _leads_unnamed(header: list[str], sample: list[list[str]], look: Look, extra: int) -> bool:
    """Whether it is the first column that has no name (as R writes row names), not the last.

    It is where the times then stand below the name of a time, or, without such a name, where the first column is text
    or numbers the rows.
    """
    named = next((j for j, cell in enumerate(header) if TIME_NAME.search(cell.strip())), None)
    stamps = [j for j, kind in enumerate(look.kinds) if kind == STAMP]
    if stamps and named is not None:
        return named + extra in stamps and named not in stamps
    if (stamps and stamps[0] == 0) or not sample:
        return False
    first = [row[0].strip() for row in sample]
    start = int(first[0]) if re.fullmatch(r"[0-9]{1,15}", first[0]) else None
    if start is not None and named == 0 and 1500 <= start <= 2200:
        return False
    counted = start is not None and first == [str(k) for k in range(start, start + len(first))]
    return counted or look.kinds[0] not in (NUMBER, STAMP) or bool(stamps and stamps[0] == extra)


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
