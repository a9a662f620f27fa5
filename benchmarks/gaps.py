"""How much the intervals cover, and say to cover, where rows are missing: removed at random over all, or of the newest.

python benchmarks/gaps.py DATA.csv [DATA.csv ...] [--model ridge] [--shares 0.3 0.5 0.7] [--horizon 12]

From each of several origins spread over the second half of a file, the rows before it lose a share of themselves; what
is forecast is compared with all rows that came. `claimed` is the coverage that the fit measured on its own held-out
rows (mean over origins), `covered` that of the forecasts.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from provenance import print_provenance

import tsforecast as ts

NEWEST = 0.2
LEVEL = 80.0


def main() -> None:
    """Print one line a file, place of the gaps and share."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--model", default="ridge")
    parser.add_argument("--shares", type=float, nargs="+", default=[0.0, 0.3, 0.5, 0.7])
    parser.add_argument("--horizon", type=int, default=12)
    parser.add_argument("--origins", type=int, default=8)
    parser.add_argument("--rows", type=int, default=1500, help="looked back on from each origin")
    options = parser.parse_args()
    print_provenance()
    print(f"{'series':<34} {'gaps':<7} {'share':>5} {'claimed':>8} {'covered':>8} {'width':>8}")
    for path in options.paths:
        frame = ts.prepare(ts.read(path)).panel.frame
        column = str(frame.columns[2])
        frame = frame.loc[frame["unique_id"] == frame["unique_id"].iloc[0], ["ds", column]].reset_index(drop=True)
        for where in ("all", "newest"):
            for share in options.shares:
                print(line(path.stem, frame, column, where, share, options), flush=True)


def line(name: str, frame: pd.DataFrame, column: str, where: str, share: float, options: argparse.Namespace) -> str:
    """Claimed and true coverage, and the mean width in units of the spread of the differences."""
    claimed, covered, width = [], [], []
    n, ahead = len(frame), options.horizon
    for k, origin in enumerate(np.linspace(max(n // 2, min(n - ahead, 300)), n - ahead, options.origins).astype(int)):
        past = frame.iloc[max(0, origin - options.rows) : origin].copy()
        gone = np.random.default_rng(k).random(len(past)) < share
        gone[:10] = gone[-1:] = False
        if where == "newest":
            gone[: int((1 - NEWEST) * len(past))] = False
        future = frame[column].to_numpy()[origin : origin + ahead]
        seen = past.loc[~gone]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            freq = pd.infer_freq(frame["ds"].iloc[:50])
            made = ts.fit(seen, horizon=ahead, model=options.model, freq=freq)
            table = ts.forecast(made).frame
        low, high = (table[f"yhat_{side}_{LEVEL:g}"].to_numpy() for side in ("lo", "hi"))
        told = np.isfinite(future)
        covered.append(((low <= future) & (future <= high))[told].mean())
        claimed.append(made.coverage.get(LEVEL, np.nan))
        width.append((high - low).mean() / (np.nanstd(np.diff(frame[column])) or 1.0))
    numbers = np.nanmean(claimed), 100 * np.nanmean(covered), np.nanmean(width)
    return f"{name:<34} {where:<7} {share:>5} {numbers[0]:>8.1f} {numbers[1]:>8.1f} {numbers[2]:>8.2f}"


if __name__ == "__main__":
    main()
