"""Fuzz the command line: damaged real files through prepare, inspect and forecast, as many as asked for.

python scripts/fuzz.py N [FIRST_SEED] [MINUTES]

Prints each fault with the seed that repeats it, and a count of exit codes at the end; ends with 1 where there were any.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / part) for part in (".", "tests", "tests/adversarial")]

from fuzzing import fuzzed, originals  # noqa: E402 - it lies with the tests

SLOW = 60.0


def main(wanted: int, first: int = 0, minutes: float = 1e6) -> int:
    """Run `wanted` inputs, or as many as `minutes` allow."""
    warnings.simplefilter("default")
    files, codes, faults = originals(), Counter[int](), 0
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + wanted):
            start = time.monotonic()
            if start - begin > 60 * minutes:
                break
            outcome = fuzzed(seed, files, Path(folder))
            codes[outcome.code] += 1
            took = time.monotonic() - start
            said = [*outcome.faults, *([f"took {took:.0f} s"] if took > SLOW else [])]
            faults += bool(said)
            for fault in said:
                print(f"seed {seed}, {outcome.verb}: {fault}", flush=True)
    print(f"{sum(codes.values()):,} inputs, {faults} with faults; exit codes {dict(sorted(codes.items()))}")
    return int(faults > 0)


if __name__ == "__main__":
    _, asked, *more = sys.argv
    sys.exit(main(int(asked), *(int(part) for part in more[:1]), *(float(part) for part in more[1:2])))
