"""Commands as whole processes, started alternately, so that a busy machine slows all alike; printed as Markdown."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

FLOOR = [sys.executable, "-c", "import pandas, onnxruntime"]
UNIT = 1 if sys.platform == "darwin" else 1024


def measure(command: Sequence[str]) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and largest resident memory (MB) of one run."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if status:
        raise SystemExit(f"{' '.join(command)} failed: {errors.decode()}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * UNIT / 1e6


def compare(commands: Mapping[str, Sequence[str]], runs: int) -> None:
    """Run each so often, and print the table: fastest and median, processor and memory, and ratios to the first."""
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            measured = measure(command)
            if turn:  # the first fills the caches of the disk and of Python
                found[name].append(measured)
    floor = [min(times) for times in zip(*next(iter(found.values())), strict=True)]
    print("| process | fastest | median | processor | memory | ratio of fastest | ratio of processor |")
    print("|---|---|---|---|---|---|---|")
    for name, times in found.items():
        wall, processor, memory = zip(*times, strict=True)
        print(
            f"| `{name}` | {min(wall):.2f} s | {statistics.median(wall):.2f} s | {min(processor):.2f} s "
            f"| {max(memory):.0f} MB | {min(wall) / floor[0]:.2f} | {min(processor) / floor[1]:.2f} |"
        )
    print(f"\n{runs} runs each, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
