"""The pretrained network as a whole process, beside `python -c "import pandas, onnxruntime"`.

    python benchmarks/pretrained_process.py FILE [--runs 10] [--horizon 48]

`forecast --model pretrained` reads, repairs, judges on held-out rows and forecasts; `predict` forecasts by a saved
model. The commands are started alternately, so that a busy machine slows all; the fastest run and processor time say
most. Bytecode must be cached: unset PYTHONDONTWRITEBYTECODE. Linux and macOS.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from processes import FLOOR, compare
from provenance import print_provenance


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--horizon", type=int, default=48)
    given = parser.parse_args()
    print_provenance()
    ours = [sys.executable, "-m", "tsforecast"]
    asked = ["-H", str(given.horizon)]
    with tempfile.TemporaryDirectory() as folder:
        model = str(Path(folder) / "model.tsf")
        fit = [*ours, "fit", given.file, *asked, "--model", "pretrained", "-o", model]
        subprocess.run(fit, check=True, capture_output=True)
        commands = {
            'python -c "import pandas, onnxruntime"': FLOOR,
            "predict MODEL FILE": [*ours, "predict", model, given.file, *asked],
            "forecast FILE --model pretrained": [*ours, "forecast", given.file, *asked, "--model", "pretrained"],
            "forecast FILE --model naive": [*ours, "forecast", given.file, *asked, "--model", "naive"],
        }
        compare(commands, given.runs)


if __name__ == "__main__":
    main()
