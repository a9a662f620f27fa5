"""Which marks cut a text into cells."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from tsforecast.errors import DataError, UsageError
from tsforecast.io.cells.numbers import TRUTHS, is_missing, is_number
from tsforecast.io.time.stamp_patterns import looks_like_clock, looks_like_stamp

_DELIMITERS = ("\t", ";", ",", "|", " ")
_NAMED = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " ", "blank": " "}
_COMMENTS = ("#", "%", "//")
#: A line longer than this is no table's.
MAX_LINE = 1 << 20
_SAMPLE_LINES = 100
_BLANKS_HANDICAP = 0.8


@dataclass(frozen=True)
class Dialect:
    """How lines become cells; a delimiter of " " stands for any run of blanks."""

    delimiter: str
    quote: str = '"'

    @property
    def name(self) -> str:
        return {"\t": "tab", " ": "blanks"}.get(self.delimiter, self.delimiter)


def is_comment(cell: str) -> bool:
    """Whether a line that begins with this cell is a comment."""
    return cell.lstrip().startswith(_COMMENTS)


def rows_of(text: str, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Records of a text, each with the number of its first physical line (1-based); blank lines come as `[]`.

    Raises:
        DataError: Where a cell is longer than any table's (an unclosed quote, a binary file).
    """
    blanks = dialect.delimiter == " "
    stream: Iterable[str] = io.StringIO(text, newline="")
    if blanks:
        stream = (line.strip().replace("\t", " ") for line in stream)
    reader = csv.reader(stream, delimiter=dialect.delimiter, quotechar=dialect.quote, skipinitialspace=blanks)
    before = 0
    try:
        for row in reader:
            yield before + 1, row
            before = reader.line_num
    except csv.Error as error:
        raise DataError(f"line {before + 1} cannot be cut into cells: {error}", "is a quote left open there?") from None


def find_dialect(text: str, delimiter: str | None = None) -> Dialect:
    """Choose the delimiter under which most lines have one width and most cells are numbers, times or missing.

    Raises:
        UsageError: Where `delimiter` is not one character.
        DataError: Where a line is absurdly long.
    """
    lines = _sample(text)
    single = sum(re.match(r"\s*'[^']*'\s*([,;\t|]|$)", line) is not None for line in lines)
    quote = "'" if single > 0.5 * len(lines) else '"'
    if delimiter is not None:
        delimiter = _NAMED.get(delimiter.lower(), delimiter)
        if len(delimiter) != 1 or delimiter in "\"'\r\n":
            raise UsageError(f"a delimiter is one character, received '{delimiter}'", "for example , ; tab | space")
        return Dialect(delimiter, quote)
    scores = {mark: _score(lines, Dialect(mark, quote)) for mark in _DELIMITERS}
    # Prose and stamps have blanks too: they cut only where nothing else does as well.
    scores[" "] *= _BLANKS_HANDICAP
    best = max(_DELIMITERS, key=lambda mark: scores[mark])
    return Dialect(best if scores[best] > 0 else ",", quote)


def _sample(text: str) -> list[str]:
    """Up to 100 lines from the head that are neither blank nor comments, whole ones."""
    head = text[: MAX_LINE + 1]
    if len(head) > MAX_LINE and "\n" not in head and "\r" not in head:
        raise DataError(f"line 1 is longer than {MAX_LINE:,} characters", "is this a table with one row a line?")
    if len(text) > len(head):
        head = head[: max(head.rfind("\n"), head.rfind("\r"))]
    lines: list[str] = []
    for line in io.StringIO(head, newline=None):
        if line.strip() and not is_comment(line):
            lines.append(line.rstrip("\n"))
        if len(lines) == _SAMPLE_LINES:
            break
    return lines


def _score(lines: list[str], dialect: Dialect) -> float:
    """Share of lines of the commonest width above one, weighted by the share of their cells that are typed."""
    try:
        rows = [row for _, row in rows_of("\n".join(lines), dialect)]
    except DataError:
        return 0.0
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    cells = [cell for row in rows if len(row) == width for cell in row]
    typed = sum(map(is_typed, cells)) / len(cells)
    return round(count / len(rows) * (0.2 + typed), 6)


@lru_cache(maxsize=8192)
def is_typed(cell: str) -> bool:
    """Whether a cell is something other than free text."""
    return (
        is_missing(cell)
        or is_number(cell)
        or looks_like_stamp(cell)
        or looks_like_clock(cell)
        or cell.strip().lower() in TRUTHS
    )
