"""A frame to a file or stdout: the user's names and zone, whole files or none."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from tsforecast.data.frequency import DAY_SECONDS, Frequency
from tsforecast.data.panel import Freq, Schema
from tsforecast.errors import MissingDependencyError, NotReadableError, UsageError
from tsforecast.io.time.zones import to_wall

FORMATS = ("csv", "tsv", "jsonl", "json", "parquet")
_SUFFIXES = {
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
}


def external(frame: pd.DataFrame, schema: Schema, freq: Freq) -> pd.DataFrame:
    """A panel's or forecast's frame under the user's names, stamps as ISO 8601 text in the user's zone.

    Dates alone where `freq` is a day or coarser and every stamp is midnight. `unique_id` is left out where the
    schema has no id column; any further columns are kept as they are.
    """
    columns: dict[str, Any] = {}
    for name in frame.columns:
        if name == "unique_id":
            if schema.id is not None:
                columns[schema.id] = frame[name].to_numpy()
        elif name == "ds":
            columns[_free_name(schema.time, frame)] = stamp_texts(frame[name], schema.zone, freq)
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


def write(frame: pd.DataFrame, destination: str | None, format: str | None = None) -> None:  # noqa: A002
    """Write a frame to a file, or to stdout where `destination` is None or "-".

    A file is written beside its destination, flushed to disk and renamed: readers see the old file or the new one.
    Floats are written so that they read back equal; missing is an empty cell (null in JSON).

    Args:
        frame: As it shall appear; see `external`.
        destination: A path, "-" or None.
        format: One of `FORMATS`; None takes it from the suffix, else csv.

    Raises:
        UsageError: Where the format is unknown.
        NotReadableError: Where the destination cannot be written; nothing is left behind.
        BrokenPipeError: Where the reader of stdout has gone.
    """
    kind = format or _format_of(destination)
    if kind not in FORMATS:
        raise UsageError(f"format must be one of {', '.join(FORMATS)}, received '{kind}'")
    if destination is None or destination == "-":
        _render(frame, kind, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    path = Path(destination)
    with replacing(path) as stream:
        _render(frame, kind, stream)


def _format_of(destination: str | None) -> str:
    if destination is None or destination == "-":
        return "csv"
    path = Path(destination)
    return _SUFFIXES.get(path.suffix.lower(), "csv")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A binary stream whose content becomes `path` when the block ends well, and vanishes when it does not.

    Raises:
        NotReadableError: Where the folder is absent, not writable or full.
    """
    temporary: str | None = None
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "it is a directory")
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        reason = error.strerror or str(error)
        raise NotReadableError(f"{path} cannot be written: {reason}", "choose another place with -o") from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _mode(path: Path) -> int:
    """Permissions of the file replaced, else what the umask leaves of rw-rw-rw-."""
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


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
    if kind in ("csv", "tsv"):
        separator = "," if kind == "csv" else "\t"
        for start in range(0, max(len(frame), 1), 100_000):
            piece = frame.iloc[start : start + 100_000]
            text = piece.to_csv(None, sep=separator, index=False, header=start == 0, lineterminator="\n")
            stream.write(text.encode())
        return
    records = _records(frame)
    if kind == "jsonl":
        for record in records:
            stream.write((json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n").encode())
    else:
        lines = ",\n".join(json.dumps(r, ensure_ascii=False, allow_nan=False) for r in records)
        stream.write(f"[\n{lines}\n]\n".encode() if lines else b"[]\n")


def _records(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
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
