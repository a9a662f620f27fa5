"""How long Lorenz' x alone can be forecast: python benchmarks/lorenz.py [--seeds 3]

5,000 points of x, 0.05 apart (Lorenz 1963, the usual parameters), are learnt from; the forecasts start at 40 later
points of the same trajectory and run freely. The valid prediction time is that until the error first exceeds 0.4
standard deviations, in Lyapunov times 1 / 0.906 (the exponent: `tsforecast.synth`). Hyperparameters are chosen on the
training points alone, by leave-block-out rollouts. Set OMP_NUM_THREADS=1, so that CPU seconds are those of one core.
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
from tsforecast.data.panel import FloatArray
from tsforecast.data.series import Series
from tsforecast.models.contract import Model
from tsforecast.models.registry import find
from tsforecast.models.task import Task
from tsforecast.synth import generate

N_TRAINING, N_LATER, N_STARTS, HORIZON, STEP, EXPONENT, TOLERANCE = 5000, 2500, 40, 330, 0.05, 0.906, 0.4


def valid_times(model: Model, series: Series) -> FloatArray:
    """Lyapunov times until the error of each start exceeds the tolerance, in training deviations `(start,)`."""
    starts = np.linspace(N_TRAINING, N_TRAINING + N_LATER, N_STARTS).astype(int)
    actual = np.stack([series.values[start : start + HORIZON] for start in starts])
    ahead = model.predict([series.until(start) for start in starts], HORIZON).point
    wrong = np.abs(ahead - actual)[:, :, 0] > TOLERANCE * series.values[:N_TRAINING].std()
    steps = np.where(wrong.any(axis=1), wrong.argmax(axis=1), HORIZON)
    return np.asarray(steps * STEP * EXPONENT)


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
    print("| model | seed | mean Lyapunov times | median | shortest | CPU s to fit |\n|---|---|---|---|---|---|")
    for seed in range(options.seeds):
        table = generate("lorenz", length=N_TRAINING + N_LATER + HORIZON, step=STEP, seed=seed, coordinates=["x"])
        values = table["x"].to_numpy()[:, None]
        series = series_of([values])[0]
        for name in ("kernel", "dynamics"):
            started = time.process_time()
            kind, task = find(name), Task.whole([series.until(N_TRAINING)], 200)
            model = kind.fit(task, kind.Settings(), seed=0, tell=lambda _: None)
            seconds = time.process_time() - started
            times = valid_times(model, series)
            shown = " | ".join(f"{figure:.1f}" for figure in (times.mean(), np.median(times), times.min(), seconds))
            print(f"| {name} | {seed} | {shown} |", flush=True)


if __name__ == "__main__":
    main()
