"""A grid of characters that can be drawn on in dots: two by four braille dots a cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray

DOTS_ACROSS, DOTS_DOWN = 2, 4
# Unicode 17, block Braille Patterns: U+2800 plus one bit a dot; rows downwards, columns left to right.
BRAILLE = 0x2800
DOT_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])


@dataclass(frozen=True)
class Ink:
    """How something is drawn.

    Attributes:
        ansi: Parameters of an ANSI SGR sequence, such as "38;5;67"; empty for the terminal's own colour.
        plain: Character that stands for dots of this ink where braille cannot be printed.
    """

    ansi: str = ""
    plain: str = "*"


class Canvas:
    """`rows` by `columns` characters. Dots lie over characters; of two inks in one cell the later one colours it."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._bits = np.zeros((rows, columns), dtype="int64")
        self._chars = np.full((rows, columns), " ", dtype="U1")
        self._ink = np.full((rows, columns), -1, dtype="int64")
        self._inks: list[Ink] = []

    def _index(self, ink: Ink) -> int:
        if ink not in self._inks:
            self._inks.append(ink)
        return self._inks.index(ink)

    def put(self, column: int, row: int, char: str, ink: Ink) -> None:
        """Write one character (one cell wide) into a cell."""
        self._chars[row, column] = char
        self._ink[row, column] = self._index(ink)

    def is_blank(self, column: int, row: int) -> bool:
        return bool(self._chars[row, column] == " " and self._bits[row, column] == 0)

    def dots(self, x: IntArray, y: IntArray, ink: Ink) -> None:
        """Set dots; `x` runs right from 0 to 2·columns − 1, `y` down from 0 to 4·rows − 1; others are left out."""
        inside = (x >= 0) & (x < self.columns * DOTS_ACROSS) & (y >= 0) & (y < self.rows * DOTS_DOWN)
        x, y = x[inside], y[inside]
        cells = (y // DOTS_DOWN, x // DOTS_ACROSS)
        np.bitwise_or.at(self._bits, cells, DOT_BITS[y % DOTS_DOWN, x % DOTS_ACROSS])
        self._ink[cells] = self._index(ink)

    def line(self, x: FloatArray, y: FloatArray, ink: Ink) -> None:
        """Join points given in dots (may be fractional) by straight lines; NaN is a gap, lone points stay dots."""
        known = np.isfinite(x) & np.isfinite(y)
        across, down = self.columns * DOTS_ACROSS, self.rows * DOTS_DOWN
        # a point far outside is as good as one just outside, and no line to it has more dots than can be counted
        columns = np.round(np.clip(x[known], -across, 2 * across)).astype("int64")
        rows = np.round(np.clip(y[known], -down, 2 * down)).astype("int64")
        self.dots(columns, rows, ink)
        joined = np.flatnonzero(np.diff(np.flatnonzero(known)) == 1)
        right, lower = columns[joined + 1] - columns[joined], rows[joined + 1] - rows[joined]
        lengths = np.maximum(np.abs(right), np.abs(lower))
        joined, right, lower = joined[lengths > 1], right[lengths > 1], lower[lengths > 1]
        lengths = lengths[lengths > 1]
        which = np.repeat(np.arange(len(joined)), lengths)
        along = np.arange(len(which)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        part = along / lengths[which] if len(which) else np.empty(0)
        self.dots(
            np.round(columns[joined][which] + part * right[which]).astype("int64"),
            np.round(rows[joined][which] + part * lower[which]).astype("int64"),
            ink,
        )

    def lines(self, *, color: bool, ascii_only: bool) -> list[str]:
        """The rows as text, `columns` cells wide each (not counting ANSI sequences where `color`)."""
        return [self._row(row, color, ascii_only) for row in range(self.rows)]

    def _row(self, row: int, color: bool, ascii_only: bool) -> str:
        parts: list[str] = []
        current = ""
        for column in range(self.columns):
            bits, index = int(self._bits[row, column]), int(self._ink[row, column])
            char = str(self._chars[row, column])
            if bits:
                char = self._inks[index].plain if ascii_only else chr(BRAILLE + bits)
            ansi = self._inks[index].ansi if color and index >= 0 and char != " " else ""
            if ansi != current:
                parts.append(("\x1b[0m" if current else "") + (f"\x1b[{ansi}m" if ansi else ""))
                current = ansi
            parts.append(char)
        return "".join(parts) + ("\x1b[0m" if current else "")
