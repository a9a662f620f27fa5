"""Long files of one series, a row a second: `forecast` as a whole process, seconds and largest resident memory.

    python benchmarks/long_files.py [--rows 200000] [--models auto ridge] [--limit 300]

Two series are made: level, slow autoregressive noise, and the same with a season of 3,600 steps. Each is forecast 60
steps ahead by each model. "skill" is that of the report of the command, on the rows it held out. A command that takes
longer than the limit is ended and said to have been. Times beside the imports that none can do without, taken in the
same minute, say how busy the machine was. Linux and macOS.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from processes import FLOOR, measure
from provenance import print_provenance

HORIZON, SEASON = 60, 3600


def main() -> None:
    """Write the files, run the commands, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--models", nargs="+", default=["auto", "ridge"])
    parser.add_argument("--limit", type=int, default=300, help="seconds after which a command is ended")
    given = parser.parse_args()
    print_provenance()
    print("| series | model | wall | processor | memory | wall / imports | skill |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, season in (("no season", 0), ("season of 3,600", SEASON)):
            path = Path(folder) / "long.csv"
            written(given.rows, season).to_csv(path, index=False)
            for model in given.models:
                print(f"| {given.rows:,} rows, {name} | `{model}` | {run(path, model, given.limit)} |", flush=True)


def written(rows: int, season: int) -> pd.DataFrame:
    """The series."""
    noise = np.random.default_rng(0).standard_normal(rows)
    slow = np.convolve(noise, 0.95 ** np.arange(200), "full")[:rows]
    t = np.arange(rows)
    turn = 2 * np.pi * t / (season or 1)
    shape = 5 * np.sin(turn) + 2 * np.sin(2 * turn + 1) if season else 0.0
    stamps = pd.date_range("2025-01-01", periods=rows, freq="s")
    return pd.DataFrame({"time": stamps, "value": (50 + 0.3 * slow + shape).round(3)})


def run(path: Path, model: str, limit: int) -> str:
    """The cells of one command."""
    report = path.with_suffix(".json")
    command = [sys.executable, "-m", "tsforecast", "forecast", str(path), "-H", str(HORIZON), "--model", model]
    command += ["-o", str(path.with_suffix(".out.csv")), "--report", str(report)]
    floor = measure(FLOOR)[0]
    try:
        wall, processor, memory = measure(["timeout", str(limit), *command])
    except SystemExit:
        return f"ended after {limit} s | | | | "
    found = json.loads(report.read_text())
    return f"{wall:.1f} s | {processor:.1f} s | {memory:.0f} MB | {wall / floor:.1f} | {skill(found)}"


def skill(report: dict[str, object]) -> str:
    """Wherever the report has it."""
    for key, value in report.items():
        if key == "skill" and isinstance(value, float):
            return f"{value:.2f}"
        if isinstance(value, dict) and (found := skill(value)):
            return found
    return ""


if __name__ == "__main__":
    main()
