"""Lines of an endless file as rows: CSV with or without a header, or one JSON object a line. No pandas."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tsforecast.config import ReadConfig
from tsforecast.errors import DataError, UsageError
from tsforecast.io.cells.numbers import Marks, number_of
from tsforecast.io.text.dialect import delimiter_of
from tsforecast.stream.clock import Clock


@dataclass(frozen=True)
class StreamRow:
    """A line as it was understood.

    Attributes:
        line: Its number in the input, from 1.
        uid: Its series, "" where there is one.
        stamp: Microseconds since 1970 (UTC where there is a zone), or the row number; None where unreadable.
        values: A number for each channel, NaN where missing.
        problem: Why it cannot be used, or what could not be read of it; empty where all is well.
    """

    line: int
    uid: str
    stamp: int | None
    values: tuple[float, ...]
    problem: str = ""


class LineReader:
    """Makes rows of lines.

    The first line of a CSV is its header where it names the columns of the model. `tail -f` gives none: then the
    columns are those of the model, in the order time, series, values, or as `columns` names them.

    Args:
        names: Of the model's columns: the time, the series (or None) and the channels.
        clock: Reads stamps.
        config: Delimiter, decimal mark, further words that mean missing.
        columns: Names of the columns of a file without a header; empty where it is not said.
    """

    def __init__(
        self,
        names: tuple[str, str | None, Sequence[str]],
        clock: Clock,
        config: ReadConfig,
        columns: Sequence[str] = (),
    ) -> None:
        self._time, self._id, self._channels = names[0], names[1], list(names[2])
        self._clock = clock
        self._missing = frozenset(word.strip().lower() for word in config.na_value)
        self._numbers = {value for word in config.na_value if (value := number_of(word, Marks())) is not None}
        self._marks = Marks.of_decimal(config.decimal) if config.decimal else Marks()
        self._delimiter = delimiter_of(config.delimiter) if config.delimiter else ""
        self._places: tuple[int | None, int | None, list[int]] | None = None
        self._columns = list(columns)
        self._count = self._width = 0

    def row(self, line: str) -> StreamRow | None:
        """The row of a line; None where it is a header or empty.

        Raises:
            DataError: The first line tells neither by names nor by number where the columns are.
        """
        self._count += 1
        text = line.strip("\r\n\ufeff")
        if not text.strip():
            return None
        if text[0] == "{":
            return self._of_object(text)
        if self._places is None:
            self._delimiter = self._delimiter or max(",;\t|", key=text.count)
        cells = self._cells(text)
        if self._places is None and self._is_header([cell.strip() for cell in cells]):
            return None
        assert self._places is not None
        time, uid, values = self._places
        if len(cells) <= max(time or 0, uid or 0, *values):
            return StreamRow(self._count, "", None, (), f"{len(cells)} cells are too few")
        if len(cells) > self._width and any(cell.strip() for cell in cells[self._width :]):
            told = f"{len(cells)} cells where there are {self._width} columns"
            return StreamRow(self._count, "", None, (), told)
        return self._made(
            "" if uid is None else cells[uid].strip(),
            None if time is None else cells[time].strip(),
            [cells[place].strip() for place in values],
        )

    def _cells(self, text: str) -> list[str]:
        """The cells of a line; blanks cut however many there are."""
        blanks = self._delimiter == " "
        if '"' in text:
            return next(csv.reader([text], delimiter=self._delimiter, skipinitialspace=blanks))
        return text.split() if blanks else text.split(self._delimiter)

    def skipped(self, problem: str) -> StreamRow:
        """The row of a line that was too long to be kept."""
        self._count += 1
        return StreamRow(self._count, "", None, (), problem)

    def _is_header(self, cells: list[str]) -> bool:
        """Settle where the columns are; whether the line was a header."""
        wanted = [*self._channels, *([self._id] if self._id else [])]
        header = set(wanted) <= set(cells) and (self._time in cells or self._clock.counts)
        names = cells if header else self._columns or self._in_order(len(cells))
        twice = [name for name in {*wanted, self._time} if names.count(name) > 1]
        if twice:
            raise DataError(f"the header names the column '{twice[0]}' twice", "give each column a name of its own")
        absent = [name for name in wanted if name not in names]
        if absent or (self._time not in names and not self._clock.counts):
            missing = absent[0] if absent else self._time
            raise DataError(
                f"there is no column '{missing}' among {', '.join(names)}",
                "name the columns of a stream without a header with --columns",
            )
        place, self._width = {name: i for i, name in enumerate(names)}, len(names)
        self._places = place.get(self._time), place[self._id] if self._id else None, [place[c] for c in self._channels]
        return header

    def _in_order(self, count: int) -> list[str]:
        names = [self._time, *([self._id] if self._id else []), *self._channels]
        if self._clock.counts and count == len(names) - 1:
            return names[1:]
        if count != len(names):
            raise DataError(
                f"the first line is no header with {', '.join(names)}, and has {count} cells",
                f"name the columns with --columns, as in --columns {','.join(names)}",
            )
        return names

    def _of_object(self, text: str) -> StreamRow:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            return StreamRow(self._count, "", None, (), f"not valid JSON: {error}")
        absent = [name for name in self._channels if name not in found]
        if absent:
            return StreamRow(self._count, "", None, (), f"there is no field '{absent[0]}'")
        time = None if self._clock.counts and self._time not in found else _text(found.get(self._time))
        uid = _text(found.get(self._id)) if self._id else ""
        return self._made(uid, time, [found[name] for name in self._channels])

    def _made(self, uid: str, time: str | None, cells: Sequence[Any]) -> StreamRow:
        """A row, and what of it could not be read."""
        stamp, problem = self._clock.read(time, uid)
        if self._id and not uid:
            return StreamRow(self._count, "", None, (), "it names no series")
        values = []
        for cell in cells:
            value = self._number(cell)
            if value is None:
                problem, value = problem or f"'{_text(cell)[:40]}' is no number", math.nan
            values.append(value)
        return StreamRow(self._count, uid, stamp, tuple(values), problem)

    def _number(self, cell: Any) -> float | None:
        """A number, NaN where the cell says that there is none, None where it says something else."""
        # JSON writes its numbers in its own way
        marks = Marks() if isinstance(cell, int | float) else self._marks
        value = number_of(_text(cell), marks, self._missing)
        return math.nan if value in self._numbers or (value is not None and not math.isfinite(value)) else value


def column_names(text: str | None) -> list[str]:
    """The names that `--columns` lists.

    Raises:
        UsageError: One is named twice.
    """
    names = [name.strip() for name in text.split(",")] if text else []
    if len(set(names)) < len(names):
        raise UsageError(f"--columns names a column twice: {text}")
    return names


def _text(value: Any) -> str:
    return "" if value is None else str(value)
