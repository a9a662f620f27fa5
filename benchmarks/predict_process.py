"""How long `tsforecast predict` takes as a whole process, and how much memory, beside the imports it cannot avoid.

    python benchmarks/predict_process.py MODEL FILE [--runs 15] [--horizon 48]

MODEL is written by `tsforecast fit FILE --horizon 48 -o MODEL`. Both commands are started alternately, so that a busy
machine slows both. The table is printed as Markdown: the fastest and the median run, processor time (which other work
on the machine disturbs less), and the largest resident memory. Bytecode must be cached: unset
PYTHONDONTWRITEBYTECODE. Linux and macOS.
"""

from __future__ import annotations

import argparse
import sys

from processes import FLOOR, compare
from provenance import print_provenance


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("file")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--horizon", type=int, default=48)
    given = parser.parse_args()
    print_provenance()
    tsforecast = [sys.executable, "-m", "tsforecast", "predict", given.model]
    commands = {
        'python -c "import pandas, onnxruntime"': FLOOR,
        f"tsforecast predict MODEL FILE -H {given.horizon}": [*tsforecast, given.file, "-H", str(given.horizon)],
        f"tsforecast predict MODEL -H {given.horizon}": [*tsforecast, "-H", str(given.horizon)],
    }
    compare(commands, given.runs)


if __name__ == "__main__":
    main()
