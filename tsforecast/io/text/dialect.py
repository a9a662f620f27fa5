"""Which marks cut a text into cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tsforecast.errors import DataError, UsageError
from tsforecast.io.text.kinds import MISSING, TEXT, kind_of, look_of

_DELIMITERS = ("\t", ";", ",", "|", " ")
_NAMED = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " ", "blank": " "}
_COMMENTS = ("#", "%", "//")
#: A line longer than this is no table's.
MAX_LINE = 1 << 20
_SAMPLE_LINES = 100
_BLANKS_HANDICAP = 0.8
#: What a delimiter is worth that makes the header of another width than the body: decimal commas do.
_MISFIT = 0.5
#: A table that is less than this share of the lines is worth less.
_SHORT = 0.4


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


def delimiter_of(given: str) -> str:
    """The character that the user gave or named.

    Raises:
        UsageError: It is not one character.
    """
    delimiter = _NAMED.get(given.lower(), given)
    if len(delimiter) != 1 or delimiter in "\"'\r\n":
        raise UsageError(f"a delimiter is one character, received '{delimiter}'", "for example , ; tab | space")
    return delimiter


def find_dialect(text: str, delimiter: str | None = None) -> Dialect:
    """Choose the delimiter under which the lines are most of a table.

    Raises:
        UsageError: Where `delimiter` is not one character.
        DataError: Where a line is absurdly long.
    """
    lines = _sample(text)
    single = sum(re.match(r"\s*'[^']*'\s*([,;\t|]|$)", line) is not None for line in lines)
    quote = "'" if single > 0.5 * len(lines) else '"'
    if delimiter is not None:
        return Dialect(delimiter_of(delimiter), quote)
    scores = {mark: _score(lines, Dialect(mark, quote)) for mark in _DELIMITERS}
    # Prose and stamps have blanks too: they cut only where nothing else does as well.
    scores[" "] *= _BLANKS_HANDICAP
    best = max(_DELIMITERS, key=lambda mark: scores[mark])
    return Dialect(best if scores[best] > 0 else ",", quote)


def _sample(text: str) -> list[str]:
    """Up to 100 lines from the head that are not blank, whole ones; comments only where there is little else."""
    head = text[: MAX_LINE + 1]
    if len(head) > MAX_LINE and "\n" not in head and "\r" not in head:
        raise DataError(f"line 1 is longer than {MAX_LINE:,} characters", "is this a table with one row a line?")
    if len(text) > len(head):
        head = head[: max(head.rfind("\n"), head.rfind("\r"))]
    lines: list[str] = []
    plain: list[str] = []
    for line in io.StringIO(head, newline=None):
        if line.strip():
            lines.append(line.rstrip("\n"))
            plain += [] if is_comment(line.lstrip('"')) else lines[-1:]
        if len(plain) == _SAMPLE_LINES or len(lines) == 10 * _SAMPLE_LINES:
            break
    return plain if len(plain) >= 0.5 * len(lines) else lines[:_SAMPLE_LINES]


def _joins(cell: str) -> bool:
    """Whether a cell cut at blanks holds a mark that cuts, and is no number with it ("Mar,north")."""
    return any(mark in cell for mark in ",;|") and kind_of(cell) == TEXT


def _score(lines: list[str], dialect: Dialect) -> float:
    """How much of a table the lines are: of one width, each column of one kind, the header as wide as the body."""
    try:
        rows = [row for _, row in rows_of("\n".join(lines), dialect) if row]
    except DataError:
        return 0.0
    wide = [row for row in rows if len(row) > 1]
    if not wide:
        return 0.0
    look = look_of(wide)
    first = next((k for k, row in enumerate(rows) if len(row) == look.width and look.fits(row)), None)
    if first is None:
        return 0.0
    if dialect.delimiter == " " and sum(any(map(_joins, row)) for row in rows[first:]) > 0.5 * len(rows[first:]):
        return 0.0
    below = rows[first:]
    body = [row for row in below if len(row) == look.width]
    cells = look.width * len(body)
    typed = sum(kind_of(row[j]) in (look.kinds[j], MISSING) for row in body for j in look.typed)
    typed += len(body) * look.kinds.count(MISSING)
    headed = first == 0 or len(rows[first - 1]) in (look.width, look.width - 1)
    share = len(body) / len(below) * min(1.0, len(below) / (_SHORT * len(rows)))
    return round(share * (0.2 + typed / cells) * (1.0 if headed else _MISFIT), 6)
