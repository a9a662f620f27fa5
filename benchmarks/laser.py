"""The Santa Fe laser: python benchmarks/laser.py PATH/santafe_laser.dat

The first 1,000 points of a far-infrared laser (Weigend & Gershenfeld 1993, Time Series Prediction, data set A) are
learnt from and the next 100 are forecast at one go, as in the competition. The score is the mean square error over the
variance of the training points, and over that of the 100 (the competition's own; its winner had about 0.028).
Hyperparameters are chosen on the 1,000
points alone, by leave-block-out rollouts. Set OMP_NUM_THREADS=1, so that CPU seconds are those of one core.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import scipy
from contest import series_of

import tsforecast
from tsforecast.models.registry import find
from tsforecast.models.task import Task

N_TRAINING, HORIZON = 1000, 100


def main() -> None:
    """Learn, forecast and print a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    options = parser.parse_args()
    values = np.loadtxt(options.data).ravel()[: N_TRAINING + HORIZON, None]
    training, actual = values[:N_TRAINING], values[N_TRAINING:]
    series = series_of([training])
    print(f"python {' '.join(sys.argv)}")
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, tsforecast {tsforecast.__version__}, Python {platform.python_version()}, "
        f"numpy {np.__version__}, scipy {scipy.__version__}\n"
    )
    print("| model | NMSE, training variance | NMSE, variance of the 100 | CPU s to fit |\n|---|---|---|---|")
    for name in ("kernel", "dynamics"):
        started = time.process_time()
        kind = find(name)
        model = kind.fit(Task.whole(series, HORIZON), kind.Settings(), seed=0, tell=lambda _: None)
        seconds = time.process_time() - started
        ahead = model.predict(series, HORIZON).point[0]
        squared = float(np.mean((ahead - actual) ** 2))
        print(f"| {name} | {squared / training.var():.4f} | {squared / actual.var():.4f} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
