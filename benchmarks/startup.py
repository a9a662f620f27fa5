"""How long the command line takes to start, as whole processes: python benchmarks/startup.py [--repeats 10]

Prints the median wall-clock time and the peak memory of `tsforecast --help` and its like, beside what Python itself
and importing pandas and ONNX Runtime cost, so that the ratios can be read on any machine. The commands alternate, so
that a busy moment falls on all of them. `predict` is measured by benchmarks/predict_process.py.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

TSFORECAST = str(Path(sys.executable).parent / "tsforecast")
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import typer'": [sys.executable, "-c", "import typer"],
    "python -c 'import pandas, onnxruntime'": [sys.executable, "-c", "import pandas, onnxruntime"],
    "tsforecast --help": [TSFORECAST, "--help"],
    "tsforecast --version": [TSFORECAST, "--version"],
    "tsforecast forecast --help": [TSFORECAST, "forecast", "--help"],
}


def measured(command: list[str]) -> tuple[float, float]:
    """Wall-clock seconds and peak resident MB of one process."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with exit {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=10)
    options = parser.parse_args()
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for repeat in range(options.repeats + 1):
        for name, command in COMMANDS.items():
            result = measured(command)
            if repeat:  # the first round fills the file cache
                runs[name].append(result)
    print("| process | seconds (median) | peak MB |\n|---|---|---|")
    for name, results in runs.items():
        seconds, megabytes = zip(*results, strict=True)
        print(f"| `{name}` | {statistics.median(seconds):.2f} | {max(megabytes):.0f} |")


if __name__ == "__main__":
    main()
