"""The manifest of a batch: what went in, how, and what came out, enough to run it again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tsforecast.batch.job import FORMAT, Job, versions

if TYPE_CHECKING:
    from tsforecast.batch.gathering import Totals
    from tsforecast.batch.pieces import Plan


def manifest(plan: Plan, job: Job, totals: Totals, names: Sequence[str], kind: str, lost: Mapping[str, str]) -> bytes:
    """The manifest as it is written: equal runs give equal bytes.

    Args:
        plan: What was done.
        job: As it was asked for.
        totals: What became of the series.
        names: Of the files of forecasts.
        kind: Of these files.
        lost: Why pieces could not be made, by key; the next run tries them again.
    """
    document = {
        "format": FORMAT,
        "job": plan.job_key,
        "inputs": [{"name": s.name, "sha256": s.sha256, "bytes": s.size, "problem": s.problem} for s in plan.sources],
        "settings": {**job.to_dict(), "input": list(job.batch.input), "saved": job.batch.saved},
        "versions": versions(),
        "seed": job.fit.seed,
        "threads": {"OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1")},
        "models": dict(plan.models),
        "pieces": len(plan.pieces),
        "unfinished": {key: lost[key] for key in sorted(lost)},
        "series": {"all": totals.series, **dict(sorted(totals.states.items()))},
        "forecasts": {"kind": kind, "rows": totals.rows, "files": list(names)},
    }
    return (json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
