"""What each of many short series costs: python benchmarks/many_series.py [--series 10000]

Series of 100 daily values (a level, a week and noise, seeded) as one long Parquet file; ridge is fitted on the first
2,000 of them. Prints seconds of processor for reading, preparing (with the status of each series) and predicting 24
steps of all, per thousand series, and the load of the machine.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from provenance import print_provenance

import tsforecast as ts

STEPS, HORIZON, FITTED = 100, 24, 2000


def made(series: int, seed: int = 0) -> pd.DataFrame:
    """The series as a long table: `unique_id`, `ds`, `y`."""
    rng = np.random.default_rng(seed)
    days = np.arange(STEPS)
    level, swing = 10 + 50 * rng.random((series, 1)), 5 * rng.random((series, 1))
    week = np.sin(2 * np.pi * (days + rng.integers(0, 7, (series, 1))) / 7)
    values = level + swing * week + rng.standard_normal((series, STEPS))
    stamps = pd.date_range("2024-01-01", periods=STEPS, freq="D").to_numpy()
    ids = np.repeat([f"s{i:07d}" for i in range(series)], STEPS)
    return pd.DataFrame({"unique_id": ids, "ds": np.tile(stamps, series), "y": values.ravel()})


def main() -> None:
    """Fit once, then measure each step and print a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--series", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, first, model = (Path(folder) / name for name in ("series.parquet", "first.parquet", "ridge.tsf"))
        frame = made(options.series)
        frame.to_parquet(path, index=False)
        frame.iloc[: FITTED * STEPS].to_parquet(first, index=False)
        ts.save(str(model), ts.fit(ts.prepare(ts.read(str(first))), HORIZON, model="ridge"))
        bundle = ts.load(str(model))
        marks = [time.process_time()]
        table = ts.read(str(path))
        marks.append(time.process_time())
        prepared = ts.prepare(table)
        len(prepared.status)  # found only when asked for
        marks.append(time.process_time())
        ts.predict(bundle, prepared)
        marks.append(time.process_time())
    print_provenance()
    spent = [*np.diff(marks), marks[-1] - marks[0]]
    print(f"{options.series:,} series of {STEPS} steps, load {os.getloadavg()[0]:.1f}")
    print("| step | seconds of processor per thousand series |\n|---|---|")
    for name, seconds in zip(("read", "prepare", "predict", "together"), spent, strict=True):
        print(f"| {name} | {1000 * seconds / options.series:.3f} |")


if __name__ == "__main__":
    main()
