"""Chaotic systems forecast as `tsforecast forecast` would: python benchmarks/dysts.py DATA [DATA ...] [--every 1]

DATA is dysts_15pts.json.gz or a sister file. Set OMP_NUM_THREADS=1, so that CPU seconds are those of one core.

The data is that of Gilpin 2021, "Chaos as an interpretable benchmark for forecasting and data-driven modelling": one
coordinate of each of 133 systems, 12 periods of 15 or 100 points. The first 5/6 is history, the rest is forecast at
one go, with default options; the score is the median over systems of sMAPE = mean(200 |y - f| / (|y| + |f|)).

Every third system of `dysts_15pts` and synthetic systems (`tsforecast.synth`) served to develop the method; nothing
was tuned on `dysts_100pts` and `dysts_100pts_noise`. Published N-BEATS medians: 50.6, 67.7 and 89.0. The interval is
that of the median over systems drawn with replacement (bootstrap): sets of 130 systems tell no finer.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import scipy
from contest import contest, series_of

import tsforecast
from tsforecast.data.panel import FloatArray
from tsforecast.data.split import split
from tsforecast.insight.season import find_season_length
from tsforecast.models.choose import Choice
from tsforecast.models.registry import AUTO


def forecast(history: FloatArray, horizon: int, model: str) -> tuple[Choice, FloatArray]:
    """Fit on all but the held-out rows, choose by validation, refit on all, as `tsforecast forecast` does."""
    values = history[:, None]
    parts = split(len(values), horizon, contested=model == AUTO)
    learned = values[: len(values) - parts.holdout]
    season_length = find_season_length(learned[: len(learned) - parts.validation, 0], 1)
    whole = series_of([values], season_length)
    known = [whole[0].until(len(learned))]
    fitted = contest(known, parts.horizon, parts.validation, model).refit(whole, parts.horizon)
    return fitted, fitted.models[fitted.chosen].predict(whole, horizon).point[0, :, 0]


def smape(actual: FloatArray, predicted: FloatArray) -> float:
    """Symmetric mean absolute percentage error, 0 to 200."""
    return float(np.mean(200 * np.abs(actual - predicted) / (np.abs(actual) + np.abs(predicted))))


def interval(scores: FloatArray) -> tuple[float, float]:
    """Bounds of the middle 90 % of medians over 2,000 bootstrap samples."""
    drawn = np.random.default_rng(0).integers(0, len(scores), (2000, len(scores)))
    low, high = np.quantile(np.median(scores[drawn], axis=1), (0.05, 0.95))
    return float(low), float(high)


def main() -> None:
    """Forecast every system and print a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, nargs="+", help="dysts_*.json.gz")
    parser.add_argument("--every", type=int, default=1, help="only every n-th system")
    parser.add_argument("--model", default="auto")
    parser.add_argument("--each", action="store_true", help="a line for each system")
    options = parser.parse_args()
    print(f"python {' '.join(sys.argv)}")
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, tsforecast {tsforecast.__version__}, Python {platform.python_version()}, "
        f"numpy {np.__version__}, scipy {scipy.__version__}\n"
    )
    print("| data | systems | median sMAPE | 90 % interval | mean | CPU s a series, median | most | chosen |")
    print("|---|---|---|---|---|---|---|---|")
    for path in options.data:
        systems = json.loads(gzip.decompress(path.read_bytes()))
        scores, seconds, chosen = [], [], Counter[str]()
        for name in list(systems)[:: options.every]:
            series = np.asarray(systems[name]["values"], dtype="float64").ravel()
            if not np.isfinite(series).all():
                print(f"{name} of {path.name} has missing values and is left out", file=sys.stderr)
                continue
            n_history = len(series) * 5 // 6
            started = time.process_time()
            fitted, predicted = forecast(series[:n_history], len(series) - n_history, options.model)
            seconds.append(time.process_time() - started)
            scores.append(smape(series[n_history:], predicted))
            chosen[fitted.chosen] += 1
            if options.each:
                print(f"{name} {fitted.chosen} {scores[-1]:.2f} {seconds[-1]:.2f} s", file=sys.stderr, flush=True)
        names = ", ".join(f"{name} {count}" for name, count in chosen.most_common())
        low, high = interval(np.array(scores))
        print(
            f"| {path.name.split('.')[0]} | {len(scores)} | {np.median(scores):.1f} | {low:.1f} to {high:.1f} "
            f"| {np.mean(scores):.1f} "
            f"| {np.median(seconds):.2f} | {max(seconds):.2f} | {names} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
