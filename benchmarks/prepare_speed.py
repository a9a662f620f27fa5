"""Reading, repairing and resampling a big CSV: python benchmarks/prepare_speed.py FILE [--rows 10000000] [--runs 3]

Generates FILE (two columns, one row a second, one stamp in ten thousand absent) unless it is there, then measures, each
in a process of its own and in turn: pandas' fastest engine merely reading and parsing the file, and this project
reading, repairing and resampling it to hourly means. Prints seconds, peak memory, and both as a multiple: of pandas'
time and of the file's size. With --growth also a tenth of the rows, to see that the time is linear; with --series N
also a long file of as many rows in N series.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

PANDAS = """
import sys, pandas as pd
frame = pd.read_csv(sys.argv[1], engine="pyarrow", parse_dates=["timestamp"])
assert frame["timestamp"].dtype.kind == "M", frame.dtypes
"""
PREPARE = """
import sys
from tsforecast import io
from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.preparation import prepare
table = io.read(sys.argv[1], ReadConfig(id_col=sys.argv[2] or None))
prepared = prepare(table, PrepareConfig(freq="h"))
assert prepared.panel.freq == "h", prepared.panel.freq
"""
CHUNK = 1_000_000


def generate(path: Path, rows: int, series: int) -> None:
    """Write `rows` rows, evenly in `series` series, in pieces, so that the size does not matter to the memory."""
    rng = np.random.default_rng(0)
    length = rows // series
    start = np.datetime64("2020-01-01T00:00:00", "s")
    with path.open("w", encoding="utf-8") as file:
        file.write("timestamp,value\n" if series == 1 else "series,timestamp,value\n")
        for name in range(series):
            for low in range(0, length, CHUNK):
                seconds = np.arange(low, min(low + CHUNK, length))
                seconds = seconds[rng.random(len(seconds)) > 1e-4]
                value = 20 + 5 * np.sin(seconds * (2 * np.pi / 86_400)) + rng.normal(size=len(seconds))
                frame = pd.DataFrame({"timestamp": np.datetime_as_string(start + seconds), "value": value.round(6)})
                if series > 1:
                    frame.insert(0, "series", f"s{name:05d}")
                frame["timestamp"] = frame["timestamp"].str.replace("T", " ")
                frame.to_csv(file, header=False, index=False)


def measured(program: str, *arguments: str) -> tuple[float, float]:
    """Wall-clock seconds and peak resident MB of one fresh process."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", program, *arguments])
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"a measured process ended with exit {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


def compare(path: Path, rows: int, series: int, runs: int) -> None:
    """Measure both programs in turn and print a row of the table."""
    if not path.exists():
        # In a process of its own: a child's peak memory is counted from what its parent had.
        writer = multiprocessing.Process(target=generate, args=(path, rows, series))
        writer.start()
        writer.join()
    size = path.stat().st_size / 2**20
    theirs, ours = [], []
    for _ in range(runs):
        theirs.append(measured(PANDAS, str(path)))
        ours.append(measured(PREPARE, str(path), "" if series == 1 else "series"))
    pandas_s, pandas_mb = (statistics.median(v) for v in zip(*theirs, strict=True))
    seconds, megabytes = (statistics.median(v) for v in zip(*ours, strict=True))
    print(
        f"| {rows:,} | {series:,} | {size:.0f} | {pandas_s:.1f} | {pandas_mb:.0f} | {seconds:.1f} | {megabytes:.0f}"
        f" | {seconds / pandas_s:.2f} | {megabytes / size:.2f} |",
        flush=True,
    )


def main() -> None:
    """Generate, measure, print a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--growth", action="store_true", help="also a tenth of the rows")
    parser.add_argument("--series", type=int, help="also a long file of this many series")
    options = parser.parse_args()
    print("| rows | series | file MB | pandas s | pandas MB | ours s | ours MB | × pandas' time | × file size |")
    print("|---|---|---|---|---|---|---|---|---|")
    compare(options.file, options.rows, 1, options.runs)
    if options.growth:
        tenth = options.file.with_name(f"{options.file.stem}-tenth.csv")
        compare(tenth, options.rows // 10, 1, options.runs)
    if options.series:
        long = options.file.with_name(f"{options.file.stem}-long.csv")
        compare(long, options.rows, options.series, options.runs)


if __name__ == "__main__":
    main()
