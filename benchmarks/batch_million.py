"""Very many short series through `tsforecast batch`: python benchmarks/batch_million.py [--series 10000,100000]

Series of 100 daily values (a level, a week and noise, seeded, as in many_series.py) as one long Parquet file. A ridge
regression is fitted on 2,000 of them; `batch --saved` then predicts 24 steps of all and judges each on its last rows.
With `--model` (theta, say), that model is fitted to each series instead. Prints seconds on the clock and of processor,
and the memory of the largest process, by the number of series; `--folder` keeps the files there.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from many_series import STEPS, made
from provenance import print_provenance

import tsforecast as ts

HORIZON, FITTED, CHUNK = 24, 2000, 10_000


def written(path: Path, series: int) -> None:
    """The series, written ten thousand at a time, so that making them takes no memory either."""
    writer = None
    for first in range(0, series, CHUNK):
        frame = made(min(CHUNK, series - first), seed=first)
        frame["unique_id"] = [f"s{first + i // STEPS:07d}" for i in range(len(frame))]
        table = pa.Table.from_pandas(frame, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def run(path: Path, output: Path, arguments: list[str]) -> tuple[float, float, float]:
    """Seconds on the clock, seconds of processor, and bytes of the largest process."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "tsforecast",
        "batch",
        str(path),
        "-o",
        str(output),
        "-H",
        str(HORIZON),
        *arguments,
    ]
    subprocess.run(command, check=True)
    clock, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peaks = [json.loads(line)["peak"] for line in (output / "timings.jsonl").read_text().splitlines()]
    return clock, spent, max(*peaks, after.ru_maxrss * 1024)


def main() -> None:
    """Fit once, then predict more and more series, and print a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--series", default="10000,100000")
    parser.add_argument("--model", default=None)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        model = folder / "ridge.tsf"
        if options.model is None:
            ts.save(str(model), ts.fit(made(FITTED), HORIZON, model="ridge"))
        for series in map(int, options.series.split(",")):
            path, output = folder / f"{series}.parquet", folder / f"out-{series}-{options.model or 'ridge'}"
            if not path.exists():
                written(path, series)
            asked = ["--saved", str(model)] if options.model is None else ["--model", options.model]
            rows.append((series, *run(path, output, asked)))
    print_provenance()
    print(f"load {os.getloadavg()[0]:.1f}")
    print("| series | seconds | of processor | per thousand series | largest process |\n|---|---|---|---|---|")
    for series, clock, spent, peak in rows:
        print(f"| {series:,} | {clock:.1f} | {spent:.1f} | {1000 * spent / series:.3f} | {peak / 2**20:,.0f} MiB |")
    if len(rows) > 1:
        slope = np.polyfit(np.log([r[0] for r in rows]), np.log([r[2] for r in rows]), 1)[0]
        print(f"seconds of processor grow as the number of series to the power of {slope:.2f}")


if __name__ == "__main__":
    main()
