"""`tsforecast forecast` as a whole process, the last 48 rows held out: seconds and mean absolute error.

python benchmarks/hourly.py [DATA.csv] [--model lstm] [--seeds 0 1 2]

Without a path, on 2,000 hourly rows of 10 + 3 sin(day) + 1.5 sin(week) + 0.3 noise, whose noise alone has a mean
absolute size of 0.24. A path is a CSV of a stamp and a value column.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from peers.series import HORIZON, write
from provenance import print_provenance

TSFORECAST = str(Path(sys.executable).parent / "tsforecast")


def held_out(path: Path, folder: Path) -> tuple[Path, list[float]]:
    """The file without its last rows, and the values of those."""
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    history = folder / "history.csv"
    history.write_text("\n".join(lines[:-HORIZON]) + "\n", encoding="utf-8")
    return history, [float(row[1]) for row in csv.reader(lines[-HORIZON:])]


def scored(history: Path, actual: list[float], model: str) -> tuple[float, float]:
    """Wall-clock seconds of the process and the mean absolute error of its forecast."""
    command = [TSFORECAST, "forecast", str(history), "--horizon", str(HORIZON), "--model", model]
    began = time.perf_counter()
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\n{process.stderr}\nended with exit {process.returncode}")
    forecast = [float(row["yhat"]) for row in csv.DictReader(process.stdout.splitlines())]
    return seconds, float(np.abs(np.array(forecast) - np.array(actual)).mean())


def main() -> None:
    """Print one line a series."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("path", nargs="?", type=Path, help="CSV of a stamp and a value column")
    parser.add_argument("--model", default="lstm")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="of the generated series")
    options = parser.parse_args()
    print_provenance()
    print(f"{'series':<24} {'model':<8} {'seconds':>8} {'MAE':>7}")
    for seed in options.seeds if options.path is None else [0]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            history, actual = held_out(options.path, folder) if options.path else write(folder, seed)
            seconds, error = scored(history, actual, options.model)
        label = options.path.name if options.path else f"generated, seed {seed}"
        print(f"{label:<24} {options.model:<8} {seconds:8.1f} {error:7.3f}")


if __name__ == "__main__":
    main()
