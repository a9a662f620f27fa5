"""ETTh2 and data of its form: hourly channels, each forecast by itself, one global model, four horizons.

Protocol of the long-horizon literature (Zhou et al. 2021, Informer): 8,640 rows to train, 2,880 to validate, 2,880 to
test, z-scored on the training rows; error over all channels and all test windows. Everything is chosen on the
validation rows; the test rows are only scored.

python benchmarks/etth2.py ETTh2.csv
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from contest import contest, series_of
from provenance import print_provenance

from tsforecast.data.series import Series
from tsforecast.models.contract import Model

N_TRAIN, N_VALIDATION, N_TEST = 8640, 2880, 2880
HORIZONS = (96, 192, 336, 720)


def main() -> None:
    """Fit and score at each horizon; print a table."""
    parser = argparse.ArgumentParser(description="Score tsforecast on ETTh2.")
    parser.add_argument("path", type=Path, help="CSV: a stamp column, then channels")
    parser.add_argument("--model", default="auto")
    parser.add_argument("--context-length", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-skip", action="store_true", help="a network alone")
    options = parser.parse_args()
    print_provenance()
    table = pd.read_csv(options.path).iloc[:, 1:].to_numpy("float64")[: N_TRAIN + N_VALIDATION + N_TEST]
    known = table[:N_TRAIN]
    scaled = (table - known.mean(axis=0)) / known.std(axis=0)
    series = series_of(list(scaled.T[:, :, None]), 24)
    learned = [s.until(N_TRAIN + N_VALIDATION) for s in series]

    print(f"{'horizon':>7} {'forecaster':<16} {'MSE':>7} {'MAE':>7} {'seconds':>8}")
    totals: dict[str, list[tuple[float, float]]] = {}
    start = time.perf_counter()
    for horizon in HORIZONS:
        began = time.perf_counter()
        fitted = contest(
            learned,
            horizon,
            N_VALIDATION,
            options.model,
            options.seed,
            context_length=options.context_length,
            skip=not options.no_skip,
        )
        for name, model in fitted.models.items():
            mse, mae = test_errors(model, series, horizon)
            totals.setdefault(name, []).append((mse, mae))
            if name == fitted.chosen:
                totals.setdefault("chosen", []).append((mse, mae))
                seconds = time.perf_counter() - began
                print(f"{horizon:>7} {name:<16} {mse:7.4f} {mae:7.4f} {seconds:8.1f}  {'; '.join(fitted.notes)}")
    for name, errors in totals.items():
        mse, mae = np.mean(errors, axis=0)
        print(f"{'mean':>7} {name:<16} {mse:7.4f} {mae:7.4f}")
    print(f"all in {time.perf_counter() - start:.0f} s")


def test_errors(model: Model, series: list[Series], horizon: int) -> tuple[float, float]:
    """Mean squared and absolute error over all channels and test windows, one channel at a time to bound memory."""
    squared, absolute = [], []
    for own in series:
        cutoffs = range(N_TRAIN + N_VALIDATION, len(own) - horizon + 1)
        actual = np.lib.stride_tricks.sliding_window_view(own.values[cutoffs.start :, 0], horizon)
        errors = model.predict([own.until(cutoff) for cutoff in cutoffs], horizon).point[:, :, 0] - actual
        squared.append(float((errors**2).mean()))
        absolute.append(float(np.abs(errors).mean()))
    return float(np.mean(squared)), float(np.mean(absolute))


if __name__ == "__main__":
    main()
