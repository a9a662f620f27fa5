"""From a path or stdin to plain bytes: opening, decompressing, and refusing what is no table."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from tsforecast.errors import DataError, MissingDependencyError, NotReadableError

#: First bytes of a compressed stream, and its name.
_COMPRESSIONS = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstandard"}
_SUFFIXES = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstandard"}

#: First bytes of files that people hand over by mistake.
_NOT_TABLES = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"SQLite format 3": "an SQLite database",
    b"\x89HDF": "an HDF5 file",
    b"ARROW1": "an Arrow IPC file",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
}

#: No input may unfold beyond this many bytes and a hundredfold: no table does that is not a bomb.
_UNFOLDED_FLOOR = 1 << 28
_UNFOLDED_RATIO = 100
#: Bytes of a cell, at least.
CELL = 8
_PIECE = 1 << 24


@dataclass(frozen=True)
class Source:
    """An input as plain bytes.

    Attributes:
        name: As the user gave it ("-" is "stdin").
        suffix: Lower-case suffix below any compression suffix, with the dot; empty for stdin.
        data: The decompressed bytes.
        compression: "gzip", "bzip2", "xz", "zstandard" or None.
    """

    name: str
    suffix: str
    data: bytes
    compression: str | None


def too_large(name: str, max_size: int) -> DataError:
    """The refusal of what is more than `max_size` bytes."""
    return DataError(f"{name} is larger than {max_size / 1e6:,.6g} MB", "--max-size 8GB reads up to so much")


def check_cells(count: int, name: str, max_size: int) -> None:
    """Refuse a table of so many cells before they are made.

    Raises:
        DataError: They take more than `max_size` bytes.
    """
    if count * CELL > max_size:
        raise too_large(name, max_size)


def unfolded_limit(size: int, max_size: int) -> int:
    """Bytes that a compressed input of `size` bytes may unfold to."""
    return min(max_size, max(_UNFOLDED_FLOOR, _UNFOLDED_RATIO * size))


def compression_of(beginning: bytes) -> str | None:
    """How a stream that begins so is compressed; None where it is not."""
    return next((kind for magic, kind in _COMPRESSIONS.items() if beginning.startswith(magic)), None)


def load(source: str | Path, max_size: int) -> Source:
    """Read a path, or stdin where `source` is "-", and decompress it by suffix or magic bytes.

    Raises:
        NotReadableError: Where it cannot be opened or decompressed, or is a known binary file.
        DataError: Where it is empty, or more than `max_size` bytes before or after it is decompressed.
    """
    name = "stdin" if str(source) == "-" else str(source)
    raw = _read_stdin(max_size) if name == "stdin" else _read_file(Path(source), max_size)
    suffixes = [] if name == "stdin" else [s.lower() for s in Path(source).suffixes]
    compression = compression_of(raw)
    said = suffixes and _SUFFIXES.get(suffixes[-1])
    if said and raw and not compression:
        raise NotReadableError(
            f"{name} is not a {said} stream, whatever its suffix says",
            "rename it, or fetch it again: it may be damaged",
        )
    if said:
        suffixes.pop()
    data = _decompress(raw, compression, name, max_size) if compression else raw
    if len(data) < 4096 and not data.strip(b" \t\r\n\xef\xbb\xbf"):
        raise DataError(f"{name} is empty", "give a file with a header line and rows")
    for magic, kind in _NOT_TABLES.items():
        if data.startswith(magic):
            raise NotReadableError(
                f"{name} is {kind}, not a table", "give a CSV, TSV, JSON, JSONL, Parquet or Excel file"
            )
    return Source(name, suffixes[-1] if suffixes else "", data, compression)


def _read_file(path: Path, max_size: int) -> bytes:
    try:
        with path.open("rb") as stream:
            return _bounded(stream, str(path), max_size)
    except FileNotFoundError:
        raise NotReadableError(f"{path} does not exist", "check the path") from None
    except IsADirectoryError:
        raise NotReadableError(f"{path} is a directory", "name a file in it") from None
    except PermissionError:
        raise NotReadableError(f"{path} may not be read: permission denied", "check its permissions") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotReadableError(f"{path} cannot be read: {reason}") from None


def _bounded(stream: BinaryIO, name: str, max_size: int) -> bytes:
    """All bytes of a stream, which may have no end."""
    pieces, size = [], 0
    while piece := stream.read(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > max_size:
            raise too_large(name, max_size)
    return b"".join(pieces)


def _read_stdin(max_size: int) -> bytes:
    stream = sys.stdin
    if stream is None or stream.closed:
        raise NotReadableError("stdin is closed", "pipe a table in, or name a file instead of -")
    try:
        return _bounded(stream.buffer, "stdin", max_size)
    except (OSError, ValueError) as error:
        raise NotReadableError(f"stdin cannot be read: {error}", "pipe a table in, or name a file") from None


def _decompress(raw: bytes, kind: str, name: str, max_size: int) -> bytes:
    """Unfold by pieces, so that a bomb is refused before it fills the memory."""
    import lzma
    import zlib

    limit = unfolded_limit(len(raw), max_size)
    pieces: list[bytes] = []
    size = 0
    try:
        for piece in _zstandard_pieces(raw) if kind == "zstandard" else _pieces(raw, kind):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                if limit == max_size:
                    raise too_large(name, max_size)
                raise DataError(
                    f"{name} unfolds to more than {limit >> 20} MiB from {len(raw) >> 10} KiB",
                    "decompress it yourself if you trust it",
                )
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        reason = " ".join(str(error).split()) or "unexpected end"
        raise NotReadableError(f"{name} is a damaged or truncated {kind} stream ({reason})", "fetch it again") from None
    return b"".join(pieces)


def _pieces(raw: bytes, kind: str) -> Iterator[bytes]:
    import bz2
    import gzip
    import lzma

    unfold: Any = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}[kind]
    with unfold(io.BytesIO(raw), "rb") as stream:
        while piece := stream.read(1 << 24):
            yield piece


def _zstandard_pieces(raw: bytes) -> Iterator[bytes]:
    """Frame after frame, fed in crumbs: one byte of this format may unfold to thirty thousand."""
    try:
        import zstandard
    except ImportError:
        raise MissingDependencyError("zstandard", "zstd", "reading a .zst file") from None
    start = 0
    frame = zstandard.ZstdDecompressor().decompressobj()
    while start < len(raw):
        crumb = raw[start : start + 4096]
        try:
            yield frame.decompress(crumb)
        except zstandard.ZstdError as error:
            raise OSError(str(error)) from None
        start += len(crumb)
        if frame.eof and start - len(frame.unused_data) < len(raw):
            start -= len(frame.unused_data)
            frame = zstandard.ZstdDecompressor().decompressobj()
    if not frame.eof:
        raise EOFError("it ends within a frame")
