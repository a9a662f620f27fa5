"""What kind of file the bytes are, and the formats that come with types of their own."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from tsforecast.config import ReadConfig
from tsforecast.errors import DataError, MissingDependencyError, NotReadableError
from tsforecast.io.cells import Column, Grid
from tsforecast.io.encoding import find_encoding
from tsforecast.io.source import Source
from tsforecast.io.text import read_text


def find_format(source: Source) -> str:
    """ "parquet", "excel", "json", "jsonl" or "csv", by magic bytes, then suffix, then the first character."""
    data = source.data
    if data.startswith(b"PAR1"):
        return "parquet"
    if data.startswith(b"PK\x03\x04"):
        if b"xl/" in data or source.suffix in (".xlsx", ".xlsm"):
            return "excel"
        raise NotReadableError(f"{source.name} is a zip archive, not a table", "unpack it first")
    for suffix, kind in ((".parquet", "Parquet"), (".xlsx", "Excel"), (".xlsm", "Excel")):
        if source.suffix == suffix:
            raise NotReadableError(f"{source.name} is no {kind} file, whatever its suffix says", "it may be damaged")
    first = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if source.suffix in (".jsonl", ".ndjson") or (first == b"{" and source.suffix != ".json"):
        return "jsonl"
    if source.suffix == ".json" or (first == b"[" and source.suffix not in (".csv", ".tsv", ".txt")):
        return "json"
    return "csv"


def read_grid(source: Source, config: ReadConfig) -> Grid:
    """The columns of any supported file.

    Raises:
        NotReadableError: Where the bytes do not decode or parse.
        DataError: Where they hold no table.
        MissingDependencyError: Where the format needs an optional package.
    """
    kind = find_format(source)
    if kind == "parquet":
        grid = _read_parquet(source)
    elif kind == "excel":
        grid = _read_excel(source)
    else:
        encoding = find_encoding(source.data, config.encoding, source.name)
        text = source.data.decode(encoding)
        if kind == "csv":
            grid = read_text(text, config, source.name)
        else:
            grid = _read_json(text, source.name, kind)
        grid.facts["encoding"] = encoding
        if encoding not in ("utf-8", "utf-8-sig"):
            grid.notes.insert(0, f"read as {encoding} (not UTF-8)")
    if kind == "csv" and grid.facts.get("delimiter") == "tab":
        kind = "tsv"
    grid.facts["format"] = kind
    return grid


def _read_json(text: str, name: str, kind: str) -> Grid:
    """Records (a list of objects, or one object a line), columns (an object of lists), or a plain list of numbers."""
    text = text.lstrip("\ufeff")
    records: Any
    lines: list[int] = []
    try:
        records = json.loads(text)
        if isinstance(records, dict) and kind == "jsonl" and "\n" not in text.strip():
            records = [records] if not any(isinstance(v, list) for v in records.values()) else records
    except RecursionError:
        raise NotReadableError(f"{name} is nested too deeply to be a table") from None
    except ValueError as error:
        if kind == "json":
            raise NotReadableError(f"{name} is not valid JSON: {error}", "is it cut off?") from None
        records = []
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                try:
                    records.append(json.loads(line))
                except (ValueError, RecursionError) as problem:
                    raise NotReadableError(f"{name} line {number} is not valid JSON: {problem}") from None
                lines.append(number)
    if isinstance(records, dict):
        records = _records_of(records, name)
    if not isinstance(records, list) or not records:
        raise DataError(f"{name} holds no rows", "give a list of objects, an object of lists, or one object a line")
    if not isinstance(records[0], dict):
        records = [{"value": r} for r in records]
    names: dict[str, None] = {}
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise DataError(f"{name} record {number} is no object", "give a list of objects or one object a line")
        names.update(dict.fromkeys(map(str, record)))
    columns = [Column(k, texts=[_text_of(r.get(k), k, i, name) for i, r in enumerate(records, 1)]) for k in names]
    if not columns:
        raise DataError(f"{name} holds records without fields")
    return Grid(columns, np.array(lines or range(1, len(records) + 1), dtype="int64"))


def _records_of(columns: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """An object of lists, or of objects keyed by row (pandas' default), as a list of records."""
    values = list(columns.values())
    if len(values) == 1 and isinstance(values[0], list) and values[0] and isinstance(values[0][0], dict):
        return list(values[0])
    if values and all(isinstance(v, list) for v in values) and len({len(v) for v in values}) == 1:
        return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]
    if values and all(isinstance(v, dict) for v in values):
        keys = dict.fromkeys(k for v in values for k in v)
        return [{c: v.get(k) for c, v in columns.items()} for k in keys]
    raise DataError(f"{name} is JSON but no table", "give a list of objects, an object of lists, or one object a line")


def _text_of(value: Any, column: str, number: int, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return repr(value)
    raise DataError(f"{name} record {number}: field '{column}' is nested", "give flat records")


def _read_parquet(source: Source) -> Grid:
    try:
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingDependencyError("pyarrow", "parquet", "reading Parquet") from None
    try:
        table = pq.read_table(pa.BufferReader(source.data))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NotReadableError(f"{source.name} is a damaged Parquet file: {error}", "fetch it again") from None
    columns = []
    for field, chunked in zip(table.schema, table.columns, strict=True):
        kind = field.type
        if pa.types.is_dictionary(kind):
            chunked, kind = chunked.cast(kind.value_type), kind.value_type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind):
            raise DataError(f"{source.name}: column '{field.name}' is {kind}, not flat", "write flat columns")
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            zone = kind.tz if pa.types.is_timestamp(kind) else None
            stamps = pc.cast(chunked, pa.timestamp("us"), safe=False).to_numpy().astype("datetime64[us]")
            columns.append(Column(field.name, stamps=stamps, zone=zone))
        elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            columns.append(Column(field.name, numbers=_floats(pc.cast(chunked, pa.float64(), safe=False))))
        else:
            texts = [_cell_text(v) for v in chunked.to_pylist()]
            columns.append(Column(field.name, texts=texts))
    if not columns or not len(table):
        raise DataError(f"{source.name} holds no rows")
    return Grid(columns, np.arange(1, len(table) + 1))


def _floats(chunked: Any) -> Any:
    return np.array(chunked.to_numpy(), dtype="float64")


def _cell_text(value: Any) -> str:
    """A typed cell as text that the text rules read back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return repr(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return str(value).strip()


def _read_excel(source: Source) -> Grid:
    """The first sheet that has rows, its cells as text and cut into header and body like a CSV."""
    import csv
    import zipfile

    try:
        import openpyxl
    except ImportError:
        raise MissingDependencyError("openpyxl", "excel", "reading Excel files") from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(source.data), read_only=True, data_only=True)
        sheets = [(sheet.title, list(sheet.iter_rows(values_only=True))) for sheet in book.worksheets]
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise NotReadableError(f"{source.name} is a damaged Excel file: {error}", "save it again") from None
    filled = [(title, rows) for title, rows in sheets if any(v is not None for row in rows for v in row)]
    if not filled:
        raise DataError(f"{source.name} holds no rows")
    title, rows = filled[0]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([_cell_text(v).replace("\n", " ") for v in row] for row in rows)
    grid = read_text(text.getvalue(), ReadConfig(delimiter=","), source.name)
    grid.facts["sheet"] = title
    if len(filled) > 1:
        grid.notes.append(f"read sheet '{title}', the first of {len(filled)}")
    return grid
