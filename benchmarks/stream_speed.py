"""What a row of an endless series costs: python benchmarks/stream_speed.py [--rows 200000] [--paced 3000]

A saved ridge of a generated day (48 steps a day, 60 days; 12 steps ahead, two levels) reads rows from a pipe, on one
core:

- all at once: rows per second from the first line out to the last, of the clock and of processor time, and the peak of
  memory at a tenth of the rows and at the end, which must be alike;
- one by one, each written after the line of the one before has been read: what a row waits for its line.

One row in a hundred is missing, late or twice there. The stream itself runs in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from provenance import print_provenance

import tsforecast as ts

A_DAY, DAYS, HORIZON = 48, 60, 12
START, STEP = np.datetime64("2024-01-01T00:00:00"), np.timedelta64(1800, "s")


def value(i: int, rng: np.random.Generator) -> float:
    """A day, a week and noise."""
    return float(100 + 30 * np.sin(2 * np.pi * i / A_DAY) + 10 * np.sin(2 * np.pi * i / 336) + rng.standard_normal())


def lines(first: int, count: int) -> Iterator[bytes]:
    """Rows from step `first` on; of each hundred one is left out, one comes late and one twice."""
    rng = np.random.default_rng(1)
    held = b""
    for i in range(first, first + count):
        line = f"{START + i * STEP},{value(i, rng):.3f}\n".encode()
        if i % 100 == 37:
            continue
        if i % 100 == 50:
            held = line
            continue
        yield line
        if i % 100 == 52:
            yield held
        if i % 100 == 80:
            yield line


def started(model: Path) -> subprocess.Popen[bytes]:
    """The stream on one core, its first row read and said."""
    core = str(min(os.sched_getaffinity(0)))
    command = ["taskset", "-c", core, sys.executable, "-m", "tsforecast", "stream", str(model), "-q"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def peak(pid: int) -> float:
    """Largest resident memory of a process so far, in MB."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) / 1024


def processor(pid: int) -> float:
    """Seconds of processor time that a process has taken."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def at_once(model: Path, rows: int) -> tuple[float, float, float, float]:
    """Rows per second of the clock and of processor time, and the peaks of memory at a tenth and at the end."""
    made = list(lines(A_DAY * DAYS, rows))
    with tempfile.TemporaryFile() as file, started(model) as stream:
        file.writelines(made)
        assert stream.stdin
        assert stream.stdout
        feeder = os.fork()
        if not feeder:
            file.seek(0)
            while piece := file.read(1 << 16):
                stream.stdin.write(piece)
            stream.stdin.close()
            os._exit(0)
        stream.stdin.close()
        stream.stdout.readline()
        began, used, early = time.perf_counter(), processor(stream.pid), 0.0
        for n in range(1, len(made)):
            stream.stdout.readline()
            if n == len(made) // 10:
                early = peak(stream.pid)
            if n == len(made) - 1:
                late, used = peak(stream.pid), processor(stream.pid) - used
        seconds = time.perf_counter() - began
        os.waitpid(feeder, 0)
    return (len(made) - 1) / seconds, (len(made) - 1) / used, early, late


def paced(model: Path, rows: int) -> np.ndarray:
    """Milliseconds that each row waits for its line `(row,)`, after the first hundred."""
    found = []
    with started(model) as stream:
        assert stream.stdin
        assert stream.stdout
        for line in lines(A_DAY * DAYS, rows + 100):
            began = time.perf_counter()
            stream.stdin.write(line)
            stream.stdin.flush()
            stream.stdout.readline()
            found.append(1000 * (time.perf_counter() - began))
        stream.stdin.close()
    return np.array(found[100:])


def main() -> None:
    """Fit, then measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--paced", type=int, default=3000)
    options = parser.parse_args()
    print_provenance()
    rng = np.random.default_rng(0)
    stamps = pd.to_datetime(START + np.arange(A_DAY * DAYS) * STEP)
    frame = pd.DataFrame({"ds": stamps, "y": [value(i, rng) for i in range(A_DAY * DAYS)]})
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "ridge.tsf"
        ts.save(str(model), ts.fit(frame, HORIZON, model="ridge"))
        waits = paced(model, options.paced)
        rate, of_processor, early, late = at_once(model, options.rows)
    middle, rare = np.quantile(waits, [0.5, 0.99])
    print(f"one by one: median {middle:.2f} ms, p99 {rare:.2f} ms, worst {waits.max():.1f} ms")
    print(f"at once:    {rate:,.0f} rows/s, {of_processor:,.0f} rows a second of processor time")
    print(f"memory:     {early:.0f} MB at a tenth of {options.rows:,} rows, {late:.0f} MB at the end")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
