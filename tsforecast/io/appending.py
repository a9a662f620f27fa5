"""Rows behind those of a CSV file: a header once, whole rows or none, one writer at a time."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tsforecast.errors import DataError, NotReadableError
from tsforecast.io.files import is_stream, write_whole

_RETRIES = 100


def append_row(path: str, row: Mapping[str, Any], option: str) -> list[dict[str, str]]:
    """Put a row behind those of a CSV file, which is made where it is not there; all its rows, this one included.

    Readers see the file before or after. Of two writers one waits, so that neither loses its row.

    Args:
        path: A regular file.
        row: Cells by column; None and NaN are empty.
        option: What the user chose the place with, for a hint.

    Raises:
        DataError: The file has other columns.
        NotReadableError: It cannot be read or written.
    """
    if is_stream(path):
        raise NotReadableError(f"{path} is no file that rows can be kept in", f"choose another place with {option}")
    header, cells = list(row), [_text(value) for value in row.values()]
    with _held(path, option):
        before = read_rows(path, header, option)
        rows = [*before, dict(zip(header, cells, strict=True))]
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_whole(path, text.getvalue().encode(), option)
    return rows


def read_rows(path: str, header: Sequence[str], option: str) -> list[dict[str, str]]:
    """The rows of a CSV file with exactly these columns; none where there is no file, or nothing in it.

    Raises:
        DataError: It has other columns, or a row that does not fit them.
        NotReadableError: It cannot be read.
    """
    try:
        with open(path, encoding="utf-8", newline="") as stream:
            lines = list(csv.reader(stream))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NotReadableError(f"{path} cannot be read: {error}", f"choose another place with {option}") from None
    if not lines:
        return []
    if lines[0] != list(header):
        raise DataError(
            f"{path} has other columns ({', '.join(lines[0])[:120]}) than {', '.join(header)}",
            f"choose another file with {option}",
        )
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            raise DataError(f"{path} line {number} has {len(line)} cells, not {len(header)}", "mend it, or begin anew")
    return [dict(zip(header, line, strict=True)) for line in lines[1:]]


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    return repr(value) if isinstance(value, float) else str(value)


@contextlib.contextmanager
def _held(path: str, option: str) -> Iterator[None]:
    """Holds the file's lock, so that others who append wait; the file is made empty where it is not there."""
    path = os.path.realpath(path)
    try:
        for _ in range(_RETRIES):
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                # Whoever held it before has put another file in its place.
                if _is(path, handle):
                    yield
                    return
            finally:
                os.close(handle)
    except OSError as error:
        raise NotReadableError(
            f"{path} cannot be written: {error.strerror}", f"choose another place with {option}"
        ) from None
    raise NotReadableError(f"{path} is always being written by others", "try again")


def _is(path: str, handle: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except FileNotFoundError:
        return False
