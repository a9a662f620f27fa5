"""Does choosing how to fill beat always filling by a straight line? python benchmarks/impute.py DATA_DIR [--seeds 5]

In every CSV of DATA_DIR, stretches of 1 to about 200 rows are hidden where everything was observed, and filled by
each method as `prepare` does it, which sees only what is left. Prints, for each file and channel, the mean absolute
error in per cent of the straight line's, and their geometric mean: below 100 beats it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from tsforecast import io
from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.data.panel import Panel, Table
from tsforecast.errors import TsforecastError
from tsforecast.preparation import prepare

METHODS = ("auto", "linear", "pchip", "previous", "seasonal")
LENGTHS = (1, 1, 1, 2, 3, 6, 12, 24, 48, 96, 200)
LARGEST_SHARE = 0.03


def hide(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Stretches of observed values, at least one row apart, in up to a tenth of the rows `(row,)`."""
    hidden = np.zeros(len(values), dtype=bool)
    for length in rng.permutation(LENGTHS):
        if length > LARGEST_SHARE * len(values):
            continue
        for _ in range(20):
            start = int(rng.integers(1, len(values) - length - 1))
            around = slice(start - 1, start + length + 1)
            if not hidden[around].any() and not np.isnan(values[around]).any():
                hidden[start : start + length] = True
                break
    return hidden


def errors(panel: Panel, channel: str, seed: int) -> dict[str, float]:
    """Mean absolute error of each method on hidden values; a method that finds no season is left out."""
    rng = np.random.default_rng(seed)
    values = panel.frame[channel].to_numpy()
    hidden = hide(values, rng)
    frame = panel.frame[["unique_id", "ds"]].assign(y=np.where(hidden, np.nan, values))
    table = Table(frame, np.arange(2, len(frame) + 2), panel.schema)
    found = {}
    for method in METHODS:
        config = PrepareConfig(freq=str(panel.freq), impute=method, seed=seed)
        try:
            filled = prepare(table, config).filled.values[:, 0]
        except TsforecastError:
            continue
        found[method] = float(np.abs(filled[hidden] - values[hidden]).mean())
    return found


def main() -> None:
    """Score every channel of every file and print a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--channels", type=int, default=6, help="channels of a file at most")
    options = parser.parse_args()
    print(f"| file | channel | {' | '.join(METHODS)} |\n|---|---|{'---|' * len(METHODS)}")
    ratios = []
    for path in sorted(options.data.glob("*.csv")):
        try:
            panel = prepare(io.read(str(path), ReadConfig()), PrepareConfig(impute="none")).panel
        except TsforecastError as error:
            print(f"| {path.name} | not read: {error.message} |")
            continue
        for channel in panel.channels[: options.channels]:
            values = panel.frame[channel].to_numpy()
            if np.isnan(values).mean() > 0.5 or np.nanstd(values) == 0:
                continue
            runs = pd.DataFrame([errors(panel, channel, seed) for seed in range(options.seeds)]).mean()
            if not runs["linear"] > 0:  # nothing to hide, or a line there
                continue
            percent = (100 * runs / runs["linear"]).clip(lower=1)
            ratios.append(percent["auto"])
            shown = " | ".join(f"{percent[m]:.0f}" if m in percent else "–" for m in METHODS)
            print(f"| {path.name} | {channel} | {shown} |", flush=True)
    print(f"\nauto / linear, geometric mean over {len(ratios)} channels: {np.exp(np.mean(np.log(ratios))):.1f} %")


if __name__ == "__main__":
    main()
