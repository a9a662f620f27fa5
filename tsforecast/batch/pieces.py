"""The pieces of a batch: whole series, few enough to be finished soon, keyed by all that decides what comes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from tsforecast.batch.inputs import Input
from tsforecast.batch.job import FORMAT, Job, digest, versions
from tsforecast.batch.remote import is_url
from tsforecast.batch.runs import Runs, cuts_at, runs_of

#: Rows of a piece, about: a few seconds of work either way (benchmarks/batch_million.py).
ROWS = {"global": 200_000, "local": 5_000}
#: Bytes of text that hold a row, about.
_BYTES_A_ROW = 30


@dataclass(frozen=True)
class Piece:
    """Some whole series of one source.

    Attributes:
        source: Its name.
        sha256: Of the bytes of the source.
        part: Which of `parts` equal shares of the series of the source, from 0.
        parts: How many shares there are.
        rows: First row and the one after the last, of a Parquet file whose series lie one after the other.
        key: What names the finished piece.
    """

    source: str
    sha256: str
    part: int = 0
    parts: int = 1
    rows: tuple[int, int] | None = None
    key: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Piece:
        """What `to_dict` gave."""
        rows = given["rows"]
        return cls(**{**given, "rows": None if rows is None else (rows[0], rows[1])})


@dataclass(frozen=True)
class Plan:
    """What a run will do.

    Attributes:
        sources: All inputs, those that cannot be read included.
        models: By step, what serves the series of that step: file, scope and why.
        model_key: Of what was fitted for all series; "" where nothing was.
        pieces: All, in order.
        job_key: Of the whole job: equal for runs that give the same bytes.
    """

    sources: Sequence[Input]
    models: Mapping[str, Mapping[str, Any]]
    model_key: str
    pieces: Sequence[Piece]
    job_key: str


def planned(sources: Sequence[Input], job: Job, identity: str, scope: str) -> Iterator[Piece]:
    """All pieces in the order of the sources; a source that cannot be read has none.

    Args:
        sources: With their hashes.
        job: Decides, with `identity`, the keys.
        identity: Of the models that the job fitted or was given.
        scope: "global" or "local": how much work a row is.

    Raises:
        DataError: A series lies in several partitions.
    """
    settings = digest(FORMAT, versions(), job.to_dict(), identity)
    partitions = Runs()
    for source in sources:
        if source.problem:
            continue
        for piece in _cut(source, job, ROWS[scope], partitions):
            yield replace(piece, key=digest(settings, piece.to_dict()))


def _cut(source: Input, job: Job, rows: int, partitions: Runs) -> Iterator[Piece]:
    whole = Piece(source.name, source.sha256)
    if source.name.lower().endswith(".parquet"):
        runs = None if is_url(source.name) else runs_of(source.name, source.sha256, job.read.id_col)
        if runs is None:
            yield whole
            return
        partitions.add(source.name, runs)
        if runs.contiguous:
            for low, high in cuts_at(runs, rows):
                yield Piece(source.name, source.sha256, rows=(low, high))
            return
        parts = max(1, runs.n_rows // rows)
    else:
        long = source.named or job.read.id_col is not None  # else there is one series, or a few side by side
        parts = max(1, source.size // (_BYTES_A_ROW * rows)) if long else 1
    for part in range(parts):
        yield Piece(source.name, source.sha256, part, parts)
