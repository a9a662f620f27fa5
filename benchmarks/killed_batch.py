"""`kill -9` at random moments of a batch: python benchmarks/killed_batch.py [--kills 200] [--seed 0]

A batch of 40 small series is run to its end once. Then, again and again in a new folder, the same command is started,
and killed after a random time, the process alone or all of its group, until it comes to its end. It must have written
the bytes of the undisturbed run, but for `timings.jsonl`. Ends with 1 at the first difference.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from provenance import print_provenance

SERIES, ROWS = 40, 120
COMMAND = [sys.executable, "-m", "tsforecast", "batch", "per", "-o", "out", "-H", "7", "--model", "ridge", "--quiet"]


def written(folder: Path) -> None:
    """One file a series, two of them bad."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=ROWS)
    for i in range(SERIES):
        values = 20 + 5 * np.sin(2 * np.pi * np.arange(ROWS) / 7) + rng.normal(size=ROWS)
        pd.DataFrame({"day": days, "sold": values.round(2)}).to_csv(folder / f"shop{i:02d}.csv", index=False)
    (folder / "empty.csv").write_text("")


def contents(folder: Path) -> dict[str, str]:
    """The hash of every file but those that say when and how long."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {"timings.jsonl", ".lock"}
    }


def run(place: Path, seconds: float | None, whole: bool) -> int:
    """The exit code of a run that is killed after so many seconds, if it is not over by then."""
    process = subprocess.Popen(COMMAND, cwd=place, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            if whole:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        return process.wait()


def main() -> None:
    """Kill it so often, and print what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    kills = runs = alone = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        written(place / "per")
        began = time.perf_counter()
        assert run(place, None, whole=False) == 7
        length = time.perf_counter() - began
        expected = contents(place / "out")
        while kills < options.kills:
            shutil.rmtree(place / "out")
            while True:
                whole = rng.random() < 0.5
                code = run(place, rng.uniform(0.02, 1.1) * length, whole)
                if code != -signal.SIGKILL:
                    break
                kills += 1
                alone += not whole
            runs += 1
            found = contents(place / "out")
            if code != 7 or found != expected:
                differing = sorted(n for n in found.keys() | expected.keys() if found.get(n) != expected.get(n))
                sys.exit(f"after {kills} kills, exit {code}: {differing[:5]} differ")
    print_provenance()
    print(f"{kills} kills ({alone} of the process alone) over {runs} runs of {length:.1f} s: the bytes are the same")


if __name__ == "__main__":
    main()
