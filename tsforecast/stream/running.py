"""The loop of `stream`: bytes in as they come, one flushed line out for every row, the state now and then."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import IO

from tsforecast.errors import NotReadableError
from tsforecast.io.source import compression_of
from tsforecast.stream.engine import Engine
from tsforecast.stream.incoming import LineReader, StreamRow

_CHUNK = 1 << 16
MOST_TOGETHER = 32
"""Lines that are forecast from together where so many have come: more would keep the first waiting."""
LONGEST_LINE = 1 << 20
# writing the state takes at most this part of the time
_SHARE = 0.05
_UNFOLDED_BY = {"gzip": "zcat", "bzip2": "bzcat", "xz": "xzcat", "zstandard": "zstdcat"}


def run(
    source: IO[bytes],
    write: Callable[[str], None],
    engine: Engine,
    reader: LineReader,
    save: Callable[[], None] | None,
    every: float,
) -> None:
    """Read to the end; the state is saved every so many seconds, and however this ends.

    Args:
        source: Where lines come from, as they come.
        write: Takes the lines of some rows, and flushes them.
        engine: What forecasts.
        reader: What understands lines.
        save: Writes the state; None to keep none.
        every: Seconds between two states, at least; more where writing one takes long.

    Raises:
        NotReadableError: What comes is compressed.
    """
    due = time.monotonic() + every
    try:
        for lines in _lines(source):
            rows = [row for line in lines if (row := _row(reader, line)) is not None]
            said = [json.dumps(facts, ensure_ascii=False, allow_nan=False) for facts in engine.feed(rows)]
            if said:
                write("\n".join(said) + "\n")
            if save is not None and time.monotonic() >= due:
                began = time.monotonic()
                save()
                due = time.monotonic() + max(every, (time.monotonic() - began) / _SHARE)
    finally:
        if save is not None:
            save()


def _row(reader: LineReader, line: bytes | None) -> StreamRow | None:
    if line is None:
        return reader.skipped(f"the line is longer than {LONGEST_LINE:,} bytes")
    return reader.row(line.decode("utf-8", errors="replace"))


def _lines(source: IO[bytes]) -> Iterator[list[bytes | None]]:
    """The lines that have come, at most `MOST_TOGETHER` at once; None for one that was too long to be kept."""
    rest, too_long, begun = b"", False, False
    read: Callable[[int], bytes] = getattr(source, "read1", source.read)
    while chunk := read(_CHUNK):
        if not begun:
            begun = True
            _refuse_compressed(chunk)
        *whole, rest = (rest + chunk).split(b"\n")
        lines: list[bytes | None] = list(whole)
        if too_long and lines:
            lines[0], too_long = None, False
        if len(rest) > LONGEST_LINE or (too_long and not lines):
            rest, too_long = b"", True
        for low in range(0, len(lines), MOST_TOGETHER):
            yield lines[low : low + MOST_TOGETHER]
    if rest or too_long:
        yield [None if too_long else rest]


def _refuse_compressed(beginning: bytes) -> None:
    kind = compression_of(beginning)
    if kind is not None:
        raise NotReadableError(
            f"the rows are compressed ({kind}), which stream does not unfold",
            f"{_UNFOLDED_BY[kind]} FILE | tsforecast stream MODEL",
        )


def summary(engine: Engine, counts_before: dict[str, int]) -> str:
    """What became of the rows, in words."""
    told = [f"{n:,} {name}" for name, n in counted(engine, counts_before).items()]
    return ", ".join(told) or "no row"


def counted(engine: Engine, counts_before: dict[str, int]) -> dict[str, int]:
    """Rows by what became of them, those that there are."""
    now = {name: n - counts_before.get(name, 0) for name, n in engine.counts.items()}
    return {name: n for name, n in now.items() if n}
