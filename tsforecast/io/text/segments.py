"""Tables that follow one another in a text below the same header: joined where time goes on, refused where not."""

from __future__ import annotations

from tsforecast.errors import DataError
from tsforecast.io.cells.numbers import is_number
from tsforecast.io.text.kinds import NUMBER, Look

Row = tuple[int, list[str]]
#: A repeated header has at most so many rows of settings above it, and of units below.
_MOST_SETTINGS, _MOST_UNITS = 60, 3


def joined(body: list[Row], header: list[str], look: Look, name: str) -> tuple[list[Row], list[Row]]:
    """The rows of all tables of a body as one table, and the repeated headers with the settings around them.

    Args:
        body: Rows below the first header.
        header: Its cells.
        look: Of the body.
        name: Of the file, for messages.

    Raises:
        DataError: A later table counts its time, or its rows, from the start again: as one table it would be wrong.
    """
    heads = [k for k, (_, row) in enumerate(body) if [cell.strip() for cell in row] == header] if any(header) else []
    if not heads:
        return body, []
    aside: set[int] = set()
    for head in heads:
        aside.add(head)
        aside |= _around(body, head, look)
    kept = [row for k, row in enumerate(body) if k not in aside]
    _refuse_restart(body, heads, aside, look, name)
    return kept, [row for k, row in enumerate(body) if k in aside]


def _around(body: list[Row], head: int, look: Look) -> set[int]:
    """Rows above a repeated header, and a few below, that are no rows of the table."""
    found = set()
    for k in range(head - 1, max(-1, head - _MOST_SETTINGS), -1):
        if _is_data(body[k][1], look):
            break
        found.add(k)
    for k in range(head + 1, min(len(body), head + 1 + _MOST_UNITS)):
        if _is_data(body[k][1], look):
            break
        found.add(k)
    return found


def _is_data(row: list[str], look: Look) -> bool:
    """Whether a row is one of the table: of its width, its key and its other cells as theirs."""
    return len(row) == look.width and look.begins(row) and look.fits_wholly(row)


def _refuse_restart(body: list[Row], heads: list[int], aside: set[int], look: Look, name: str) -> None:
    key = look.key
    if key is None or look.kinds[key] != NUMBER:
        return
    starts = [next((k for k in range(head, len(body)) if k not in aside), None) for head in heads]
    before = [next((k for k in range(head, -1, -1) if k not in aside), None) for head in heads]
    for k, last in zip(starts, before, strict=True):
        if k is None or last is None:
            continue
        here, there, first = (body[i][1][key].strip().replace(",", ".") for i in (k, last, 0))
        if all(map(is_number, (here, there, first))) and float(here) <= float(first) < float(there):
            tables, start, line = len(heads) + 1, body[k][1][key].strip(), body[k][0]
            raise DataError(
                f"{name} holds {tables} tables one after the other, and each begins at {start} again (line {line}): "
                "they are no one series",
                f"give one of them: head -n {body[last][0]} or tail -n +{_header_line(body, k, heads)}, piped to -",
            )


def _header_line(body: list[Row], start: int, heads: list[int]) -> int:
    """The line of the header above a row."""
    return body[max(h for h in heads if h < start)][0]
