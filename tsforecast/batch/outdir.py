"""The folder of a batch: one run at a time, and every piece either wholly there or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsforecast.errors import NotReadableError, UsageError
from tsforecast.io.files import write_whole

if TYPE_CHECKING:
    import pandas as pd

OPTION = "--output-dir"


class OutputFolder:
    """Where a batch writes.

    A piece is finished when its truth is there, which is renamed into place after its forecasts. Nothing else says so,
    so that a run may be killed at any moment.

    Args:
        path: The folder; it is made where it is absent.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.pieces = self.path / ".pieces"
        self.manifest = self.path / "manifest.json"
        self.status = self.path / "status.jsonl"
        self.timings = self.path / "timings.jsonl"
        self.report = self.path / "report.html"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else's for as long as the block lasts, whatever becomes of this process.

        Raises:
            UsageError: Another run has it, or it is a folder of other things.
            NotReadableError: It cannot be written.
        """
        try:
            self._check_own()
            self.pieces.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise NotReadableError(
                f"{self.path} cannot be written: {error.strerror}", f"choose another place with {OPTION}"
            ) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise UsageError(
                f"another run is writing into {self.path}", "wait for it, or take another folder"
            ) from None
        try:
            self._sweep()
            yield
        finally:
            self._sweep()  # of workers that were stopped in the middle of something
            os.close(handle)

    def _check_own(self) -> None:
        """Refuse a folder in which somebody keeps other things: what is not ours is never written over or removed."""
        if self.path.is_dir() and not (self.path / ".lock").exists() and any(self.path.iterdir()):
            raise UsageError(f"{self.path} is a folder with other things in it", f"name a new one with {OPTION}")

    def _sweep(self) -> None:
        """Remove the temporary files of runs that were killed; the lock says that no run is alive."""
        for place in (self.path, self.pieces, self.path / "forecasts", self.path / "models"):
            for name in place.glob(".*.tmp") if place.is_dir() else ():
                with contextlib.suppress(OSError):
                    name.unlink()

    def is_finished(self, key: str) -> bool:
        """Whether the piece of this key is there."""
        return self.truth_of(key).exists()

    def truth_of(self, key: str) -> Path:
        """Where the rows of `status.jsonl` of a piece are."""
        return self.pieces / f"{key}.jsonl"

    def forecasts_of(self, key: str) -> Path:
        """Where the forecasts of a piece are."""
        return self.pieces / f"{key}.parquet"

    def finish(self, key: str, forecasts: pd.DataFrame, rows: Iterable[dict[str, Any]]) -> None:
        """Put a piece into its place.

        Raises:
            NotReadableError: There is no room for it; the piece is not finished then.
        """
        write_whole(self.forecasts_of(key), parquet(forecasts), OPTION)
        write_whole(self.truth_of(key), lines(rows), OPTION)

    def keep_only(self, keys: set[str]) -> None:
        """Remove the pieces of earlier jobs."""
        for name in self.pieces.iterdir():
            if name.name.partition(".")[0] not in keys:
                with contextlib.suppress(OSError):
                    name.unlink()


def lines(rows: Iterable[dict[str, Any]]) -> bytes:
    """One JSON object a line."""
    return "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows).encode()


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of `lines`."""
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def parquet(frame: pd.DataFrame) -> bytes:
    """The frame as Parquet, without anything that differs from run to run."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
