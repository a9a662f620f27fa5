"""Time of a chaos card, whole process: start of Python, imports, reading a numpy file, card.

python benchmarks/chaos_card.py [--lengths 10000,100000] [--systems lorenz,white-noise,mackey-glass]
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import scipy

from tsforecast.synth import generate

CHILD = (
    "import sys, numpy as np; from tsforecast.insight.chaos.card import chaos_card;"
    "card = chaos_card(np.load(sys.argv[1])); assert 'tensorflow' not in sys.modules; print(card.verdict)"
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lengths", default="10000,100000")
    parser.add_argument("--systems", default="lorenz,mackey-glass,white-noise,ar1,sine")
    options = parser.parse_args()
    print(f"# python {' '.join(sys.argv)}")
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}"
    print(f"# {datetime.now(UTC).date()}, {versions}")
    print(f"{'system':<16}{'length':>8}{'wall s':>8}  verdict")
    with tempfile.TemporaryDirectory() as folder:
        for name in options.systems.split(","):
            for length in map(int, options.lengths.split(",")):
                path = Path(folder) / f"{name}.npy"
                np.save(path, generate(name, length=length).iloc[:, 1].to_numpy())
                began = time.perf_counter()
                done = subprocess.run(
                    [sys.executable, "-c", CHILD, str(path)], check=True, capture_output=True, text=True
                )
                elapsed = time.perf_counter() - began
                print(f"{name:<16}{length:>8}{elapsed:>8.1f}  {done.stdout.strip()}", flush=True)


if __name__ == "__main__":
    main()
