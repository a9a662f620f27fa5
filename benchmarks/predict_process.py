"""How long `tsforecast predict` takes as a whole process, and how much memory, beside the imports it cannot avoid.

    python benchmarks/predict_process.py MODEL FILE [--runs 15] [--horizon 48]

MODEL is written by `tsforecast fit FILE --horizon 48 -o MODEL`. Both commands are started alternately, so that a busy
machine slows both. The table is printed as Markdown: the fastest and the median run, processor time (which other work
on the machine disturbs less), and the largest resident memory. Bytecode must be cached: unset
PYTHONDONTWRITEBYTECODE. Linux and macOS.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

FLOOR = [sys.executable, "-c", "import pandas, onnxruntime"]
UNIT = 1 if sys.platform == "darwin" else 1024


def measure(command: list[str]) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and largest resident memory (MB) of one run."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if status:
        raise SystemExit(f"{' '.join(command)} failed: {errors.decode()}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * UNIT / 1e6


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("file")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--horizon", type=int, default=48)
    given = parser.parse_args()
    tsforecast = [sys.executable, "-m", "tsforecast", "predict", given.model]
    commands = {
        'python -c "import pandas, onnxruntime"': FLOOR,
        f"tsforecast predict MODEL FILE -H {given.horizon}": [*tsforecast, given.file, "-H", str(given.horizon)],
        f"tsforecast predict MODEL -H {given.horizon}": [*tsforecast, "-H", str(given.horizon)],
    }
    runs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
    for command in commands.values():
        measure(command)  # fills the caches of the disk and of Python
    for _ in range(given.runs):
        for name, command in commands.items():
            runs[name].append(measure(command))
    floor = [min(times) for times in zip(*runs[next(iter(runs))], strict=True)]
    print("| process | fastest | median | processor | memory | ratio of fastest | ratio of processor |")
    print("|---|---|---|---|---|---|---|")
    for name, measured in runs.items():
        wall, processor, memory = zip(*measured, strict=True)
        print(
            f"| `{name}` | {min(wall):.2f} s | {statistics.median(wall):.2f} s | {min(processor):.2f} s "
            f"| {max(memory):.0f} MB | {min(wall) / floor[0]:.2f} | {min(processor) / floor[1]:.2f} |"
        )
    print(f"\n{given.runs} runs each, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
