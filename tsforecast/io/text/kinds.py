"""What kind of cell a piece of text is, and what kind a table's columns are of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from tsforecast.io.cells.numbers import TRUTHS, is_missing, is_number
from tsforecast.io.cells.quantities import is_marked_number
from tsforecast.io.time.stamp_patterns import looks_like_clock, looks_like_stamp

NUMBER, STAMP, CLOCK, TRUTH, TEXT, MISSING = "number", "stamp", "clock", "truth", "text", ""

#: Rows and cells from which the look of a table is learnt.
_SAMPLE_ROWS = 200
_SAMPLE_CELLS = 20_000
#: A column of numbers in at least this share of the lower rows can tell body from header by itself.
_FIRM = 0.8


@lru_cache(maxsize=16384)
def kind_of(cell: str) -> str:
    """One of `NUMBER`, `STAMP`, `CLOCK`, `TRUTH`, `TEXT` and `MISSING`."""
    if is_missing(cell):
        return MISSING
    if is_number(cell) or is_marked_number(cell):
        return NUMBER
    if looks_like_stamp(cell):
        return STAMP
    if looks_like_clock(cell):
        return CLOCK
    return TRUTH if cell.strip().lower() in TRUTHS else TEXT


@dataclass(frozen=True)
class Look:
    """What the rows of a table look like.

    Attributes:
        width: Cells a row.
        kinds: Kind of each column, `TEXT` where it is mixed, `MISSING` where it is empty `(column,)`.
        key: The column that tells a row of the body: the first of stamps, else the first that is nearly always typed.
    """

    width: int
    kinds: tuple[str, ...]
    key: int | None

    @property
    def typed(self) -> list[int]:
        """The columns of numbers, times or truth values."""
        return [j for j, kind in enumerate(self.kinds) if kind not in (TEXT, MISSING)]

    def agreements(self, row: list[str]) -> tuple[int, int]:
        """How many cells of a row are of their column's kind, and how many are present, in the typed columns."""
        present = [(self.kinds[j], kind_of(row[j])) for j in self.typed if j < len(row) and kind_of(row[j]) != MISSING]
        return sum(kind == own for kind, own in present), len(present)

    def fits(self, row: list[str]) -> bool:
        """Whether a row belongs to the body: its key cell is of its kind, or, where it is missing, most others are."""
        if abs(len(row) - self.width) > max(1, self.width // 4):
            return False
        if self.key is not None and self.key < len(row):
            kind = kind_of(row[self.key])
            if kind != MISSING:
                return kind == self.kinds[self.key]
        agreeing, present = self.agreements(row)
        return agreeing > 0.5 * present

    def begins(self, row: list[str]) -> bool:
        """Whether a row may be the first of the body: it fits, and its key cell is there."""
        return self.fits(row) and (self.key is None or kind_of(row[self.key]) == self.kinds[self.key])

    def fits_wholly(self, row: list[str]) -> bool:
        """Whether every present cell of a row is of its column's kind."""
        agreeing, present = self.agreements(row)
        return agreeing == present


def look_of(rows: list[list[str]]) -> Look:
    """The look of the table among rows that may also hold a preamble, a header and a footer.

    The table's width is the one whose rows hold the most numbers and times.
    """
    rows = _sample(rows)
    typed: Counter[int] = Counter()
    rows_of_width = Counter(map(len, rows))
    for row in rows:
        typed[len(row)] += sum(kind_of(cell) not in (TEXT, MISSING) for cell in row)
    width = max(rows_of_width, key=lambda w: (typed[w], rows_of_width[w], w))
    body = [row for row in rows if len(row) == width]
    counts = [Counter(kind_of(row[j]) for row in body) for j in range(width)]
    kinds = tuple(_dominant(count) for count in counts)
    stamps = [j for j, kind in enumerate(kinds) if kind == STAMP]
    lower = body[len(body) // 2 :]
    firm = (
        j
        for j, kind in enumerate(kinds)
        if kind == NUMBER and sum(kind_of(row[j]) == NUMBER for row in lower) >= _FIRM * len(lower)
    )
    return Look(width, kinds, next(iter(stamps), next(firm, None)))


def _sample(rows: list[list[str]]) -> list[list[str]]:
    """The lower three quarters of a short text, below its header, or some rows from the middle of a long one."""
    widest = max(map(len, rows[:_SAMPLE_ROWS]))
    size = max(20, min(_SAMPLE_ROWS, _SAMPLE_CELLS // max(1, widest)))
    upper = max((len(rows) - size) // 2, min(len(rows) - 1, (len(rows) + 2) // 4))
    return rows[upper : upper + size]


def _dominant(counts: Counter[str]) -> str:
    present = counts.total() - counts[MISSING]
    if not present:
        return MISSING
    kind, count = max(((k, n) for k, n in counts.items() if k != MISSING), key=lambda item: (item[1], item[0] != TEXT))
    return kind if count >= 0.5 * present else TEXT
