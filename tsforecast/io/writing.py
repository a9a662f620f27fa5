"""A frame to a file or stdout: the user's names and zone, whole files or none."""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
import pandas as pd

from tsforecast.data.frequency import DAY_SECONDS, Frequency
from tsforecast.data.panel import Freq, Schema
from tsforecast.data.printable import printable
from tsforecast.errors import DataError, MissingDependencyError
from tsforecast.io.files import replacing, table_format
from tsforecast.io.time.zones import to_wall, zone_of

MAX_EXCEL_ROWS = 1_048_576
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def publish(
    frame: pd.DataFrame,
    schema: Schema,
    freq: Freq,
    destination: str | None,
    format: str | None = None,  # noqa: A002
    *,
    safe: bool = False,
) -> None:
    """Write a panel's or forecast's frame under the user's names; see `external` and `write`.

    Stamps are text, but timestamps where the format has them: Parquet in the user's zone, Excel where there is no zone.
    """
    kind = table_format(destination, format)
    stamped = kind == "parquet" or (kind == "xlsx" and schema.zone is None)
    write(external(frame, schema, freq, text=not stamped), destination, kind, safe=safe)


def external(frame: pd.DataFrame, schema: Schema, freq: Freq, *, text: bool = True) -> pd.DataFrame:
    """A panel's or forecast's frame under the user's names, stamps as ISO 8601 text in the user's zone.

    Dates alone where `freq` is a day or coarser and every stamp is midnight. `unique_id` is left out where the
    schema has no id column; any further columns are kept as they are. Without `text`, stamps are timestamps in the
    user's zone.
    """
    columns: dict[str, Any] = {}
    for name in frame.columns:
        if name == "unique_id":
            if schema.id is not None:
                columns[schema.id] = frame[name].to_numpy()
        elif name == "ds":
            columns[_free_name(schema.time, frame)] = (
                stamp_texts(frame[name], schema.zone, freq) if text else _timestamps(frame[name], schema.zone)
            )
        else:
            columns[str(name)] = frame[name].to_numpy()
    return pd.DataFrame(columns)


def stamp_texts(stamps: pd.Series, zone: str | None, freq: Freq) -> Any:
    """Stamps as ISO 8601 text in `zone` `(row,)`; integers stay integers."""
    values = stamps.to_numpy()
    if values.dtype.kind != "M":
        return values
    utc = values.astype("datetime64[us]")
    wall = to_wall(utc, zone) if zone else utc
    known = wall[~np.isnat(wall)]
    daily = Frequency.of(freq).seconds >= DAY_SECONDS
    if zone is None and daily and bool((known == known.astype("datetime64[D]")).all()):
        return _texts(wall.astype("datetime64[D]"))
    whole = bool((known.astype("int64") % 1_000_000 == 0).all())
    texts = _texts(wall.astype("datetime64[s]") if whole else wall)
    if zone is not None:
        suffixes = _suffixes(utc, wall)
        texts = np.array([t + s if t else t for t, s in zip(texts, suffixes, strict=True)], dtype=object)
    return texts


def _timestamps(stamps: pd.Series, zone: str | None) -> Any:
    """Stamps in `zone`, or without one `(row,)`; integers stay integers."""
    values = stamps.to_numpy()
    if values.dtype.kind != "M":
        return values
    index = pd.DatetimeIndex(values.astype("datetime64[us]"))
    return index.tz_localize("UTC").tz_convert(zone_of(zone)) if zone else index


def _texts(stamps: Any) -> Any:
    texts = np.datetime_as_string(stamps).astype(object)
    texts[np.isnat(stamps)] = ""
    return texts


def _suffixes(utc: Any, wall: Any) -> list[str]:
    """ "Z" or "+09:00" for each row."""
    minutes = np.where(np.isnat(utc), np.timedelta64(0, "us"), wall - utc).astype("int64") // 60_000_000
    names = {0: "Z"}
    for m in np.unique(minutes):
        if m:
            hours, rest = divmod(abs(int(m)), 60)
            names[int(m)] = f"{'-' if m < 0 else '+'}{hours:02d}:{rest:02d}"
    return [names[int(m)] for m in minutes]


def _free_name(name: str, frame: pd.DataFrame) -> str:
    """The time's name, made distinct where a value column already has it."""
    taken = {str(c) for c in frame.columns if c not in ("unique_id", "ds")}
    while name in taken:
        name = f"{name}_"
    return name


def write(
    frame: pd.DataFrame,
    destination: str | None,
    format: str | None = None,  # noqa: A002
    *,
    safe: bool = False,
) -> None:
    """Write a frame to a file, or to stdout where `destination` is None or "-".

    A file is written beside its destination, flushed to disk and renamed: readers see the old file or the new one.
    Floats are written so that they read back equal; missing is an empty cell (null in JSON).

    Args:
        frame: As it shall appear; see `external`.
        destination: A path, "-" or None.
        format: One of `TABLE_FORMATS`; None takes it from the suffix, else csv.
        safe: Put ' before text that a spreadsheet would take for a formula (=, +, -, @, tab or carriage return first),
            in csv and tsv. In xlsx text is never a formula.

    Raises:
        UsageError: Where the format is unknown, or the suffix says none.
        NotReadableError: Where the destination cannot be written; nothing is left behind.
        BrokenPipeError: Where the reader of stdout has gone.
    """
    kind = table_format(destination, format)
    if safe and kind in ("csv", "tsv"):
        frame = _without_formulas(frame)
    if destination is None or destination == "-":
        _render(frame, kind, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    with replacing(destination) as stream:
        _render(frame, kind, stream)


def _without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    def safe(cell: Any) -> Any:
        return f"'{cell}" if isinstance(cell, str) and cell[:1] in _FORMULA else cell

    text = {str(name): column.map(safe) for name, column in frame.items() if column.dtype.kind not in "biufcmM"}
    return frame.assign(**text).rename(columns=safe)


def _render(frame: pd.DataFrame, kind: str, stream: IO[bytes]) -> None:
    if kind == "parquet":
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise MissingDependencyError("pyarrow", "parquet", "writing Parquet") from None
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), buffer)
        stream.write(buffer.getbuffer())
        return
    if kind == "xlsx":
        _render_excel(frame, stream)
        return
    if kind in ("csv", "tsv"):
        separator = "," if kind == "csv" else "\t"
        for start in range(0, max(len(frame), 1), 100_000):
            piece = frame.iloc[start : start + 100_000]
            text = piece.to_csv(None, sep=separator, index=False, header=start == 0, lineterminator="\n")
            stream.write(text.encode())
        return
    rows = records(frame)
    if kind == "jsonl":
        for record in rows:
            stream.write((json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n").encode())
    else:
        lines = ",\n".join(json.dumps(r, ensure_ascii=False, allow_nan=False) for r in rows)
        stream.write(f"[\n{lines}\n]\n".encode() if lines else b"[]\n")


def _render_excel(frame: pd.DataFrame, stream: IO[bytes]) -> None:
    """One sheet; text is text, whatever it begins with, and what Excel has no place for is escaped."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    if len(frame) >= MAX_EXCEL_ROWS:
        raise DataError(f"Excel holds {MAX_EXCEL_ROWS:,} rows, the table has {len(frame):,}", "take csv or parquet")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")

    def cell(value: Any) -> Any:
        if value is None or value != value:
            return None
        if isinstance(value, float) and np.isfinite(value):
            # All digits: openpyxl would write sixteen, which do not always read back equal.
            made, made_type = WriteOnlyCell(sheet, value=repr(value)), "n"
        elif isinstance(value, (str, float)):
            made, made_type = WriteOnlyCell(sheet, value=printable(str(value))[:32_767]), "s"
        else:
            return value
        made.data_type = made_type
        return made

    columns = [
        [None if v is pd.NaT else v.to_pydatetime() for v in column] if column.dtype.kind == "M" else column.tolist()
        for column in (frame[name] for name in frame.columns)
    ]
    sheet.append([cell(str(name)) for name in frame.columns])
    for row in zip(*columns, strict=True):
        sheet.append([value if isinstance(value, dt.datetime) else cell(value) for value in row])
    buffer = io.BytesIO()
    book.save(buffer)
    stream.write(buffer.getbuffer())


def records(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows as plain JSON values; missing and infinite numbers are null, which JSON has no word for."""
    columns = []
    for name in frame.columns:
        values = frame[name].to_numpy()
        if values.dtype.kind == "f":
            plain: list[Any] = [v if np.isfinite(v) else None for v in values.tolist()]
        elif values.dtype.kind == "M":
            plain = [v or None for v in _texts(values)]
        else:
            plain = [None if v is None or v != v else v for v in values.tolist()]
        columns.append(plain)
    names = [str(c) for c in frame.columns]
    for row in zip(*columns, strict=True):
        yield dict(zip(names, row, strict=True))
