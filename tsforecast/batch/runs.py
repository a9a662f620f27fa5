"""Where the series of a Parquet file begin and end, by its id column alone, a row group at a time."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tsforecast.batch.inputs import USUAL_ID
from tsforecast.data.panel import IntArray
from tsforecast.errors import DataError

#: Of the bits of the hash of an id; two of ten million series share one in a run of three hundred thousand.
_HASH = "uint64"


@dataclass(frozen=True)
class FileRuns:
    """The runs of equal ids of one file.

    Attributes:
        starts: First row of each run `(run,)`.
        hashes: Of the id of each run `(run,)`.
        n_rows: Of the file.
    """

    starts: IntArray
    hashes: Any
    n_rows: int

    @property
    def contiguous(self) -> bool:
        """Whether the rows of each series lie one after the other."""
        return len(np.unique(self.hashes)) == len(self.hashes)


@dataclass
class Runs:
    """The ids of all partitions so far, by their hashes: eight bytes a series."""

    _seen: list[tuple[str, Any]] = field(default_factory=list)

    def add(self, name: str, runs: FileRuns) -> None:
        """Take in another partition.

        Raises:
            DataError: It holds a series that lies in an earlier one, too.
        """
        own = np.unique(runs.hashes)
        for other, known in self._seen:
            both = np.intersect1d(own, known, assume_unique=True)
            if len(both):
                raise DataError(
                    f"{len(both):,} series lie in both {other} and {name}; a series must be whole in one partition",
                    "write the data set again, partitioned by series and not by time",
                )
        self._seen.append((name, own))


@functools.cache
def runs_of(path: str, sha256: str, id_col: str | None) -> FileRuns | None:  # noqa: ARG001 - what is known of it
    """The runs of a file; None where it has no such id column, or is no Parquet file that can be read.

    Args:
        path: Of the file.
        sha256: Of its bytes, by which what was found is remembered.
        id_col: Column of the ids, None for "unique_id".
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path, memory_map=True)
        column = id_col or USUAL_ID
        if column not in file.schema_arrow.names:
            return None
        return _runs(file, column)
    except (pa.ArrowException, OSError):
        return None


def _runs(file: Any, column: str) -> FileRuns:
    import pandas as pd

    starts, hashes = [], []
    row, last = 0, None
    for batch in file.iter_batches(batch_size=1 << 18, columns=[column]):
        encoded = batch.column(0)
        if hasattr(encoded, "dictionary_encode"):
            encoded = encoded.dictionary_encode()
        codes = encoded.indices.to_numpy(zero_copy_only=False)
        names = pd.array(encoded.dictionary.cast("string").to_pylist(), dtype=object)
        own = pd.util.hash_array(np.asarray(names, dtype=object), categorize=False).astype(_HASH)[codes]
        first = np.flatnonzero(np.diff(own)) + 1
        if len(own) and own[0] != last:
            first = np.concatenate([[0], first])
        starts.append(first + row)
        hashes.append(own[first])
        row, last = row + len(own), own[-1] if len(own) else last
    return FileRuns(np.concatenate(starts).astype("int64"), np.concatenate(hashes), row)


def cuts_at(runs: FileRuns, rows: int) -> Iterator[tuple[int, int]]:
    """Stretches of about so many rows that cut no series apart."""
    low = 0
    for stop in [*runs.starts[1:].tolist(), runs.n_rows]:
        if stop - low >= rows or stop == runs.n_rows:
            if stop > low:
                yield low, stop
            low = stop
