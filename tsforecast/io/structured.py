"""Formats that bring their own cells: JSON, Parquet, Excel."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.config import ReadConfig
from tsforecast.errors import DataError, MissingDependencyError, NotReadableError
from tsforecast.io.sheet import Column, Sheet
from tsforecast.io.source import CELL, check_cells, too_large, unfolded_limit
from tsforecast.io.text.table import read_text

if TYPE_CHECKING:
    import pandas as pd

# rows of Parquet at once: a few megabytes, whatever a page of it unfolds to
_BATCH = 4096
_SHAPES = "give a list of objects, an object of lists, or one object a line"


def read_json(text: str, name: str, by_line: bool, max_size: int) -> Sheet:
    """Records (a list of objects, or one object a line), columns (an object of lists), or a plain list of numbers.

    Raises:
        NotReadableError: Where it is not valid JSON.
        DataError: Where it is no table, or one of more than `max_size` bytes.
    """
    text = text.lstrip("\ufeff")
    lines: list[int] = []
    if by_line:
        records: Any = []
        for number, line in enumerate(io.StringIO(text), start=1):
            if line.strip():
                records.append(_loaded(line, f"{name} line {number}"))
                lines.append(number)
    else:
        records = _loaded(text, name)
    if by_line and len(records) == 1 and _is_columns(records[0]):
        records, lines = records[0], []
    records = _records_of(records, name)
    names: dict[str, None] = {}
    for record in records:
        names.update(dict.fromkeys(record))
    check_cells(len(records) * len(names), name, max_size)
    columns = [
        Column(str(key), texts=[_json_cell(r.get(key), str(key), i, name) for i, r in enumerate(records, start=1)])
        for key in names
    ]
    if not columns:
        raise DataError(f"{name} holds records without fields", _SHAPES)
    return Sheet(columns, np.array(lines or range(1, len(records) + 1), dtype="int64"))


def _loaded(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise NotReadableError(f"{where} is nested too deeply to be a table") from None
    except ValueError as error:
        raise NotReadableError(f"{where} is not valid JSON: {error}", "is it cut off?") from None


def _is_columns(value: Any) -> bool:
    """Whether this is an object of lists, or of objects keyed by row (as pandas writes)."""
    values = list(value.values()) if isinstance(value, dict) else []
    return bool(values) and (all(isinstance(v, list) for v in values) or all(isinstance(v, dict) for v in values))


def _records_of(value: Any, name: str) -> list[dict[str, Any]]:
    """Any of the shapes as a list of records."""
    if _is_columns(value):
        values = list(value.values())
        if len(values) == 1 and isinstance(values[0], list) and isinstance(next(iter(values[0]), None), dict):
            value = values[0]
        elif isinstance(values[0], dict):
            keys = dict.fromkeys(key for v in values for key in v)
            return [{c: v.get(key) for c, v in value.items()} for key in keys]
        elif len(set(map(len, values))) == 1:
            return [dict(zip(value, row, strict=True)) for row in zip(*values, strict=True)]
        else:
            raise DataError(f"{name}: the columns have different lengths", _SHAPES)
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list) or not value:
        raise DataError(f"{name} holds no rows", _SHAPES)
    if not any(isinstance(r, dict | list) for r in value):
        return [{"value": r} for r in value]
    for number, record in enumerate(value, start=1):
        if not isinstance(record, dict):
            raise DataError(f"{name} record {number} is no object", _SHAPES)
    return value


def _json_cell(value: Any, column: str, number: int, name: str) -> str:
    if isinstance(value, dict | list):
        raise DataError(f"{name} record {number}: field '{column}' is nested", "give flat records")
    return cell_text(value)


def cell_text(value: Any) -> str:
    """A typed cell as text that the rules for text read back equal."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return repr(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return " ".join(str(value).split())


def read_parquet(data: bytes, name: str, max_size: int) -> Sheet:
    """The flat columns of a Parquet file; a pandas index becomes columns.

    Raises:
        NotReadableError: Where the file is damaged.
        DataError: Where a column is nested or binary, there are no rows, or they take more than `max_size` bytes.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        check_cells(file.metadata.num_rows * file.metadata.num_columns, name, max_size)
        batches, size = [], 0
        for batch in file.iter_batches(batch_size=_BATCH):
            size += batch.nbytes
            if size > max_size:
                raise too_large(name, max_size)
            batches.append(batch)
        table = pa.Table.from_batches(batches, schema=file.schema_arrow)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NotReadableError(f"{name} is a damaged Parquet file: {error}", "fetch it again") from None
    if not table.num_columns or not len(table):
        raise DataError(f"{name} holds no rows", "is this the right file?")
    return _arrow_grid(table, name)


def read_frame(frame: pd.DataFrame) -> Sheet:
    """The columns of a pandas DataFrame; a named index, or one of stamps, is a column too.

    Raises:
        DataError: Where a column is nested or of mixed kinds, or there are no rows.
    """
    import pandas as pd
    import pyarrow as pa

    if frame.index.name is not None or isinstance(frame.index, pd.DatetimeIndex):
        frame = frame.rename_axis(index="ds" if frame.index.name is None else str(frame.index.name)).reset_index()
    try:
        table = pa.Table.from_pandas(frame.rename(columns=str), preserve_index=False)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise DataError(f"the frame is no table of plain columns: {error}", "give numbers, texts and stamps") from None
    if not table.num_columns or not len(table):
        raise DataError("the frame holds no rows")
    return _arrow_grid(table, "the frame")


def _arrow_grid(table: Any, name: str) -> Sheet:
    columns = [_arrow_column(table.field(k), table.column(k), name) for k in range(table.num_columns)]
    return Sheet(columns, np.arange(1, len(table) + 1))


def _arrow_column(field: Any, chunked: Any, name: str) -> Column:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = field.type
    if pa.types.is_dictionary(kind):
        chunked, kind = chunked.cast(kind.value_type), kind.value_type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise DataError(f"{name}: column '{field.name}' is {kind}, not flat", "write flat columns")
    try:
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            stamps = pc.cast(chunked, pa.timestamp("us"), safe=False).to_numpy().astype("datetime64[us]")
            return Column(field.name, stamps=stamps, zone=kind.tz if pa.types.is_timestamp(kind) else None)
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            numbers = np.array(pc.cast(chunked, pa.float64(), safe=False).to_numpy(), dtype="float64")
            return Column(field.name, numbers=numbers)
    except pa.ArrowException as error:
        raise DataError(f"{name}: column '{field.name}' ({kind}) cannot be read: {error}") from None
    # a column of ids says the same few things in many rows: each becomes text once
    values = chunked.to_pylist()
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return Column(field.name, texts=[cell_text(v) for v in values])
    known = {value: cell_text(value) for value in set(values)}
    return Column(field.name, texts=[known[value] for value in values])


def read_excel(data: bytes, name: str, max_size: int) -> Sheet:
    """The first sheet that has rows, its cells as text and cut into header and body like a CSV.

    Raises:
        MissingDependencyError: Without openpyxl.
        NotReadableError: Where the file is damaged.
        DataError: Where no sheet has rows, or they are more than `max_size` bytes.
    """
    import csv
    import zipfile

    try:
        import openpyxl
    except ImportError:
        raise MissingDependencyError("openpyxl", "excel", "reading Excel files") from None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > unfolded_limit(len(data), max_size):
                raise too_large(name, max_size)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [(sheet.title, _rows_of(sheet, name, max_size)) for sheet in book.worksheets]
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, EOFError, SyntaxError) as error:
        raise NotReadableError(f"{name} is a damaged Excel file: {error}", "save it again") from None
    filled = [(title, rows) for title, rows in sheets if any(v is not None for row in rows for v in row)]
    if not filled:
        raise DataError(f"{name} holds no rows", "is this the right file?")
    title, rows = filled[0]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([cell_text(v) for v in row] for row in rows)
    grid = read_text(text.getvalue(), ReadConfig(delimiter=","), name)
    grid.facts |= {"sheet": title, "delimiter": None}
    if len(filled) > 1:
        grid.notes.append(f"read sheet '{title}', the first of {len(filled)}")
    return grid


def _rows_of(sheet: Any, name: str, max_size: int) -> list[tuple[Any, ...]]:
    """All rows of a sheet, whose cells may be far apart: those between count."""
    rows, cells = [], 0
    for row in sheet.iter_rows(values_only=True):
        cells += len(row)
        if cells * CELL > max_size:
            raise too_large(name, max_size)
        rows.append(row)
    return rows
