"""Mackey-Glass, 84 steps ahead: python benchmarks/mackey_glass.py [--seeds 3]

3,000 points one time unit apart (Mackey & Glass 1977, delay 17) are learnt from; the forecasts start at each of the
next 500 points and run freely for 84 steps. The score is the root mean square error of the last step over the standard
deviation, NRMSE84 (Jaeger & Haas 2004). Hyperparameters are chosen on the training points alone, by leave-block-out
rollouts. Set OMP_NUM_THREADS=1, so that CPU seconds are those of one core.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from datetime import UTC, datetime

import numpy as np
import scipy
from contest import series_of

import tsforecast
from tsforecast.data.series import Series
from tsforecast.models.contract import Model
from tsforecast.models.registry import find
from tsforecast.models.task import Task
from tsforecast.synth import generate

N_TRAINING, N_STARTS, HORIZON = 3000, 500, 84


def error(model: Model, series: Series) -> float:
    """NRMSE at the last step."""
    starts = np.arange(N_TRAINING, N_TRAINING + N_STARTS)
    ahead = model.predict([series.until(start) for start in starts], HORIZON).point[:, -1]
    return float(np.sqrt(np.mean((ahead - series.values[starts + HORIZON - 1]) ** 2)) / series.values.std())


def main() -> None:
    """Learn, forecast and print a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    print(f"python {' '.join(sys.argv)}")
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, tsforecast {tsforecast.__version__}, Python {platform.python_version()}, "
        f"numpy {np.__version__}, scipy {scipy.__version__}\n"
    )
    print("| model | seed | NRMSE84 | CPU s to fit |\n|---|---|---|---|")
    for seed in range(options.seeds):
        table = generate("mackey-glass", length=N_TRAINING + N_STARTS + HORIZON, step=1.0, seed=seed)
        values = table["x"].to_numpy()[:, None]
        series = series_of([values])[0]
        for name in ("kernel", "dynamics"):
            started = time.process_time()
            kind, task = find(name), Task.whole([series.until(N_TRAINING)], HORIZON)
            model = kind.fit(task, kind.Settings(), seed=0, tell=lambda _: None)
            seconds = time.process_time() - started
            print(f"| {name} | {seed} | {error(model, series):.1e} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
