"""Tourism monthly and data of its form: what `forecast` gives out by default, 24 months ahead, intervals included.

Scores of Athanasopoulos et al. 2011, The tourism forecasting competition: MASE, scaled by the mean absolute change over
a year (Hyndman & Koehler 2006, m = 12); of the intervals the coverage and MSIS (Gneiting & Raftery 2007; M4's form,
scaled like MASE). statsforecast's AutoETS has a MASE of 1.71 and its AutoTheta 1.79 on a sample of these series.

python benchmarks/tourism.py tourism_monthly_in.csv tourism_monthly_oos.csv
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from provenance import print_provenance

from tsforecast.config import FitConfig, ModelConfig
from tsforecast.data.panel import Panel
from tsforecast.workflows.fit import FitSettings, fit
from tsforecast.workflows.forecast import forecast

SEASON = 12
LEVELS = (80.0, 95.0)


def main() -> None:
    """Fit, forecast, score; print a table."""
    parser = argparse.ArgumentParser(description="Score tsforecast on tourism monthly.")
    parser.add_argument("inside", type=Path, help="CSV: one column a series; length, year, month, values")
    parser.add_argument("outside", type=Path, help="the same of what followed")
    parser.add_argument("--model", default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=int, default=1, help="take every n-th series")
    options = parser.parse_args()
    print_provenance()
    train, test = (pd.read_csv(path).iloc[:, :: options.every] for path in (options.inside, options.outside))
    histories = {name: rows_of(train[name]) for name in train}
    actual = {name: rows_of(test[name]) for name in test}
    horizon = max(len(rows) for rows in actual.values())

    began, worked = time.perf_counter(), time.process_time()
    settings = FitSettings(horizon, LEVELS, model=ModelConfig(model=options.model), fit=FitConfig(seed=options.seed))
    fitted = fit(panel_of(histories, train), settings)
    made = forecast(fitted).frame
    seconds, processor = time.perf_counter() - began, time.process_time() - worked

    print(f"chosen: {fitted.chosen}; {'; '.join(fitted.notes)}")
    print("validation: " + ", ".join(f"{name} {score:.3f}" for name, score in fitted.choice.scores.items()))
    units = {name: np.abs(rows[SEASON:] - rows[:-SEASON]).mean() for name, rows in histories.items()}
    for name in fitted.choice.models:
        points = fitted.transformed.predict(fitted.series, horizon, name)[:, :, 0]
        each = [
            np.abs(points[i] - actual[s.unique_id]).mean() / units[s.unique_id] for i, s in enumerate(fitted.series)
        ]
        print(f"{name:<18} MASE {np.mean(each):.3f}")
    truth = np.concatenate([actual[name] for name in made["unique_id"].unique()])
    unit = np.repeat([units[name] for name in made["unique_id"].unique()], horizon)
    for level in LEVELS:
        low, high = (made[f"yhat_{side}_{level:g}"].to_numpy() for side in ("lo", "hi"))
        outside = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
        covered = 100 * ((truth >= low) & (truth <= high)).mean()
        msis = ((high - low + 2 / (1 - level / 100) * outside) / unit).mean()
        print(f"{level:g} % covered {covered:.1f} %, MSIS {msis:.2f}")
    print(f"{len(histories)} series in {seconds:.0f} s, {processor:.0f} s of processor")


def rows_of(column: pd.Series) -> np.ndarray:
    """The values of a series, the first of whose rows are their number, year and month."""
    return column.to_numpy("float64")[3 : 3 + int(column.iloc[0])]


def panel_of(histories: dict[str, np.ndarray], train: pd.DataFrame) -> Panel:
    """All series on the grid of months."""
    frames = [
        pd.DataFrame(
            {
                "unique_id": name,
                "ds": pd.date_range(
                    f"{int(train[name].iloc[1])}-{int(train[name].iloc[2]):02d}-01", periods=len(rows), freq="MS"
                ).astype("datetime64[us]"),
                "y": rows,
            }
        )
        for name, rows in histories.items()
    ]
    return Panel.checked(pd.concat(frames, ignore_index=True), "MS")


if __name__ == "__main__":
    main()
