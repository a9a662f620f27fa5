"""What a batch would take, from a few of its series: nothing is written where it would write."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tsforecast.batch.batch_run import BatchRun
from tsforecast.batch.crew import Inline
from tsforecast.batch.hand import peak
from tsforecast.batch.outdir import OutputFolder
from tsforecast.batch.pieces import Piece
from tsforecast.batch.piecework import Pieceworker
from tsforecast.batch.tables import Reader, some
from tsforecast.bundle import load
from tsforecast.errors import TsforecastError
from tsforecast.workflows.asked import horizon_of

#: Pieces that are looked at, and series of each that are forecast.
_PIECES, _SERIES = 3, {"global": 300, "local": 3}
#: Series that the model of all is fitted on to see how long that takes.
_SAMPLE = 60


@dataclass(frozen=True)
class Estimate:
    """What there is to do, and about what it takes.

    Attributes:
        sources: Files, `unreadable` of them.
        size: Bytes.
        pieces: All, `finished` of them there already.
        series: About so many, in `rows` rows, from which `windows` forecasts of the horizon can be learnt.
        models: By step, what serves its series.
        seconds: For what is left, with so many `workers`.
        memory: Bytes, of all workers together.
        lost: Of the series that were tried, the share that cannot be forecast.
    """

    sources: int
    unreadable: int
    size: int
    pieces: int
    finished: int
    series: int
    rows: int
    windows: int
    models: Mapping[str, Mapping[str, Any]]
    seconds: float
    memory: int
    workers: int
    lost: float


def estimated(run: BatchRun) -> Estimate:
    """Look at some pieces, forecast some series, and multiply.

    Raises:
        TsforecastError: There is nothing to read, or a package is missing.
    """
    with tempfile.TemporaryDirectory(prefix="tsforecast-dry-") as folder:
        return _in(OutputFolder(folder), run)


def _in(folder: OutputFolder, run: BatchRun) -> Estimate:
    folder.pieces.mkdir()
    sources = run.sources()
    batch = run.job.batch
    small = replace(run, job=replace(run.job, batch=replace(batch, sample=min(batch.sample, _SAMPLE))), folder=folder)
    small.engine = Inline
    began = time.perf_counter()
    plan = small.planned(sources)
    fitting = time.perf_counter() - began if plan.model_key else 0.0
    shared = {step: said for step, said in plan.models.items() if said["scope"] == "global"}
    bundles = {step: load(said.get("path") or folder.pieces / said["file"]) for step, said in shared.items()}
    tried = _tried(run, plan.pieces, bundles)
    # the keys of what is there are known only where no model had to be fitted for them
    finished = 0 if plan.model_key else sum(run.folder.is_finished(piece.key) for piece in plan.pieces)
    n = len(plan.pieces)
    series = round(n * tried["series"])
    fitting *= max(1.0, min(batch.sample, series) / _SAMPLE)
    workers = max(1, min(run.workers, n - finished))
    work = (n - finished) * (tried["reading"] + tried["series"] * tried["seconds"]) / workers
    return Estimate(
        sources=len(sources),
        unreadable=sum(bool(source.problem) for source in sources),
        size=sum(max(0, source.size) for source in sources),
        pieces=n,
        finished=finished,
        series=series,
        rows=round(n * tried["rows"]),
        windows=round(n * tried["windows"]),
        models=plan.models,
        seconds=fitting + work,
        memory=peak() * workers,
        workers=workers,
        lost=tried["lost"],
    )


def _tried(run: BatchRun, pieces: Sequence[Piece], bundles: Mapping[str, Any]) -> dict[str, float]:
    """Means over some pieces: of a piece its series, rows and seconds to read; of a series its seconds."""
    reader = Reader(run.job.read)
    worker = Pieceworker(run.job, bundles)
    most = _SERIES["global" if bundles else "local"]
    looked: list[tuple[float, ...]] = []
    tried = lost = 0
    spent = 0.0
    at = {i * (len(pieces) - 1) // (_PIECES - 1) for i in range(_PIECES)} if pieces else set()
    for piece in (pieces[i] for i in sorted(at)):
        began = time.perf_counter()
        try:
            table = reader.table(piece)
        except TsforecastError:
            looked.append((1.0, 0.0, 0.0, time.perf_counter() - began))
            continue
        reading = time.perf_counter() - began
        lengths = table.frame["unique_id"].value_counts().to_numpy() * 1.0
        counted = len(lengths) * len(table.channels)
        windows = float(np.maximum(0, lengths - 2 * _horizon(run, table)).sum()) * len(table.channels)
        looked.append((counted, float(lengths.sum()), windows, reading))
        began = time.perf_counter()
        rows = worker.forecast(some(table, most))[1]
        spent += time.perf_counter() - began
        tried += len(rows)
        lost += sum(row["state"] == "left out" for row in rows)
    means = np.mean(looked, axis=0).tolist() if looked else [0.0] * 4
    found = dict(zip(("series", "rows", "windows", "reading"), means, strict=True))
    return {**found, "seconds": spent / max(1, tried), "lost": lost / max(1, tried)}


def _horizon(run: BatchRun, table: Any) -> int:
    from tsforecast.preparation import prepare

    asked = run.job.forecast.horizon
    if not isinstance(asked, str):
        return asked or 1
    try:
        return horizon_of(asked, prepare(some(table, 1), run.job.prepare).panel) or 1
    except TsforecastError:
        return 1
