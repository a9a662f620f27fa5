"""M4 weekly and data of its form: a panel of short positive series, one global model, 13 steps ahead.

Scores of the M4 competition (Makridakis et al. 2020): sMAPE, MASE with m = 1, and OWA against Naive2, whose own
scores on this data are 9.161 and 2.777. The last 13 rows of each training series choose; then the closed-form part
is fitted on all of them.

python benchmarks/m4_weekly.py m4_weekly_train.parquet m4_weekly_test.csv
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from contest import contest, series_of
from provenance import print_provenance

HORIZON = 13
NAIVE2_SMAPE, NAIVE2_MASE = 9.161, 2.777


def main() -> None:
    """Fit, choose, refit, score; print a table."""
    parser = argparse.ArgumentParser(description="Score tsforecast on M4 weekly.")
    parser.add_argument("train", type=Path, help="Parquet: series, time, value")
    parser.add_argument("test", type=Path, help="CSV: series, then one column a step")
    parser.add_argument("--model", default="auto")
    parser.add_argument("--season-length", type=int, default=52, help="weeks of a year")
    parser.add_argument("--context-length", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-skip", action="store_true", help="a network alone")
    options = parser.parse_args()
    print_provenance()
    table = pd.read_parquet(options.train)
    groups = table.groupby(table.columns[0], sort=False)
    values = [group.iloc[:, 2].to_numpy("float64")[:, None] for _, group in groups]
    test = pd.read_csv(options.test)
    actual = test.set_index(test.columns[0]).loc[list(groups.groups)].to_numpy("float64")[:, :HORIZON]

    start = time.perf_counter()
    series = series_of(values, options.season_length)
    fitted = contest(
        series,
        HORIZON,
        HORIZON,
        options.model,
        options.seed,
        context_length=options.context_length,
        skip=not options.no_skip,
    )
    final = fitted.refit(series, HORIZON)
    print(f"chosen: {fitted.chosen}; {'; '.join(fitted.notes)}")
    print(f"{'forecaster':<16} {'validation':>10} {'sMAPE':>7} {'MASE':>7} {'OWA':>7}")
    for name, model in final.models.items():
        forecast = model.predict(series, HORIZON).point[:, :, 0]
        smape = float(np.mean(200 * np.abs(forecast - actual) / (np.abs(forecast) + np.abs(actual))))
        unit = np.array([np.abs(np.diff(rows[:, 0])).mean() for rows in values])
        mase = float((np.abs(forecast - actual).mean(axis=1) / unit).mean())
        owa = (smape / NAIVE2_SMAPE + mase / NAIVE2_MASE) / 2
        print(f"{name:<16} {fitted.scores[name]:10.3f} {smape:7.3f} {mase:7.3f} {owa:7.3f}")
    print(f"all in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
