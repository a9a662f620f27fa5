"""The fast way for large, clean text: pyarrow parses straight into numbers and stamps, or declines."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from tsforecast.config import ReadConfig
from tsforecast.errors import TsforecastError
from tsforecast.io.cells.decimal_marks import find_marks
from tsforecast.io.cells.numbers import MISSING, Marks, parse_numbers
from tsforecast.io.sheet import Column, Sheet
from tsforecast.io.text.table import read_text
from tsforecast.io.time.across import find_parts, find_run

#: Below this many bytes the plain way is as fast.
SMALLEST = 1 << 18
_HEAD = 1 << 16
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?")
_ISO_UTC = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?Z")
#: Lines that may be comments, which the plain way tells from rows.
_COMMENTED = re.compile(rb'^[ \t]*"?[ \t]*(?:#|%|//)', re.MULTILINE)
_NULLS = sorted({word for token in MISSING for word in (token, token.upper(), token.title(), token.capitalize())})


def read_bulk(data: bytes, config: ReadConfig, name: str) -> Sheet | None:
    """Columns of a large UTF-8 text, equal to what `read_text` would give, or None where that has to do it.

    The head of the text tells the dialect and the type of each column; pyarrow then reads everything under those
    types. It declines at the first cell of another type, at ragged, commented or blank lines, and where lines and
    rows do not match one to one: what it returns needed no repair.
    """
    cut = data.rfind(b"\n", 0, _HEAD)
    if cut < 0 or _COMMENTED.search(data):
        return None
    try:
        grid = read_text(data[: cut + 1].decode("utf-8-sig"), config, name)
    except TsforecastError:
        return None
    facts = grid.facts
    changed = grid.ledger.counts().keys() - {"preamble-left-out"}
    odd = facts["comment_lines"] or facts["blank_lines"] or changed or facts["quote"] != '"'
    marks = (
        Marks(config.decimal)
        if config.decimal
        else find_marks([c.texts or [] for c in grid.columns], facts["delimiter"])
    )
    if odd or marks.thousands or facts["delimiter"] == "blanks" or len(grid.columns) < 2:
        return None
    named = {"unique_id", config.id_col, *(config.id_col or "").split("+")}
    names = [c.name for c in grid.columns]
    run, parts = find_run(names), find_parts(names)
    if run or parts:  # What names the rows of a table that will be turned are ids, however they look.
        first, stop = (run.first, run.stop) if run else (parts[0], parts[0] + len(parts[2])) if parts else (0, 0)
        named |= {*names[:first], *names[stop:]}
    kinds = {c.name: "text" if c.name in named else _kind(c.texts or [], marks) for c in grid.columns}
    first = int(grid.lines[0])
    start = 0
    for _ in range(first - 1):
        start = data.index(b"\n", start) + 1
    table = _parse(data, start, kinds, facts["delimiter"].replace("tab", "\t"), marks)
    if table is None or len(table) != data.count(b"\n", start) + (not data.endswith(b"\n")):
        return None
    columns = [_column(key, kind, table.column(k)) for k, (key, kind) in enumerate(kinds.items())]
    lines = np.arange(first, first + len(table), dtype="int64")
    return _without_blank_rows(replace(grid, columns=columns, lines=lines))


def _kind(texts: list[str], marks: Marks) -> str:
    """ "number", "stamp", "instant" (UTC, written with Z) or "text"."""
    values, bad = parse_numbers(texts, marks)
    if not bad.any():
        # Whole numbers beyond 2**53 (nanoseconds since 1970) are kept exact as text.
        return "number" if not (np.abs(values) >= 2**53).any() else "text"
    present = [t for t in texts if t]
    if all(map(_ISO.fullmatch, present)):
        return "stamp"
    return "instant" if all(map(_ISO_UTC.fullmatch, present)) else "text"


def _parse(data: bytes, start: int, kinds: dict[str, str], delimiter: str, marks: Marks) -> Any:
    """The body as an Arrow table, or None where it is not of these types throughout."""
    import pyarrow as pa
    from pyarrow import csv

    types = {
        "number": pa.float64(),
        "stamp": pa.timestamp("us"),
        "instant": pa.timestamp("us", tz="UTC"),
        "text": pa.dictionary(pa.int32(), pa.string()),
    }
    try:
        return csv.read_csv(
            pa.BufferReader(pa.py_buffer(data).slice(start)),
            read_options=csv.ReadOptions(column_names=list(kinds), block_size=1 << 22),
            parse_options=csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                column_types={name: types[kind] for name, kind in kinds.items()},
                null_values=_NULLS,
                strings_can_be_null=False,
                decimal_point=marks.decimal,
            ),
        )
    except pa.ArrowException:
        return None


def _column(name: str, kind: str, chunked: Any) -> Column:
    if kind == "text":
        merged = chunked.combine_chunks()
        merged = merged.chunk(0) if hasattr(merged, "chunk") else merged
        cells = np.array([c.strip() for c in merged.dictionary.to_pylist()], dtype=object)
        return Column(name, texts=cells[merged.indices.to_numpy()].tolist())
    values = chunked.to_numpy()
    if kind == "number":
        return Column(name, numbers=values)
    return Column(name, stamps=values.astype("datetime64[us]", copy=False), zone="UTC" if kind == "instant" else None)


def _without_blank_rows(grid: Sheet) -> Sheet:
    """Rows without any cell left out, and said."""
    blank = np.ones(len(grid), dtype=bool)
    for column in grid.columns:
        if not blank.any():
            return grid
        if column.numbers is not None:
            blank &= np.isnan(column.numbers)
        elif column.stamps is not None:
            blank &= np.isnat(column.stamps)
        else:
            blank &= np.array([not t for t in column.texts or []])
    if not blank.any():
        return grid
    count = int(blank.sum())
    columns = [column.keep(~blank) for column in grid.columns]
    facts = grid.facts | {"blank_rows": count}
    return Sheet(columns, grid.lines[~blank], facts, grid.notes, grid.ledger)
