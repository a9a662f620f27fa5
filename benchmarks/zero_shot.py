"""The pretrained network on the single series of a folder of CSV files, beside the naive forecasts.

Every series that `tsforecast.prepare` gives counts; codes for missing values are not told apart. Ten origins are spread
over its last quarter, a season (24 to 64 steps) ahead of each; how the network is used is chosen on earlier origins.
Series on which a naive forecast makes no error are left out.

python benchmarks/zero_shot.py FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from provenance import print_provenance

import tsforecast as ts
from tsforecast.data.series import Series
from tsforecast.errors import TsforecastError
from tsforecast.models.drift import Drift
from tsforecast.models.naive import Naive
from tsforecast.models.pretrained import Pretrained
from tsforecast.models.seasonal_naive import SeasonalNaive
from tsforecast.models.task import Task
from tsforecast.workflows.usable import usable, with_seasons

ORIGINS, LEAST_ROWS, MOST_ROWS = 10, 100, 20_000


def main() -> None:
    """Score every series; print a table, the geometric mean and the shares."""
    parser = argparse.ArgumentParser(description="Score the pretrained network without training.")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    print_provenance()
    ratios: list[float] = []
    beaten: list[bool] = []
    files: list[str] = []
    print(f"{'series':<58} {'/ best naive':>12} {'/ seasonal':>11} {'season':>7}  weighs most")
    for path in sorted(options.folder.glob("*.csv")):
        try:
            panel, found, _ = usable(ts.prepare(path))
        except TsforecastError as error:
            print(f"{path.name[:40]:<40} left out: {error}")
            continue
        training = [len(series) - len(series) // 4 for series in found]
        for series in with_seasons(found, training, panel.frequency, None):
            if not len(series) >= LEAST_ROWS:
                continue
            errors, used = scored(series.with_values(series.values[-MOST_ROWS:]))
            best = min(errors[1:])
            if best <= 0:
                continue
            name = f"{path.stem[:34]} {series.name[:22]}"
            ratios.append(errors[0] / best)
            files.append(path.name)
            if series.season_length > 1:
                beaten.append(errors[0] < errors[2])
            print(f"{name:<58} {ratios[-1]:12.3f} {errors[0] / errors[2]:11.3f} {series.season_length:7d}  {used}")
    logs, of = np.log(ratios), np.array(files)
    each = [logs[of == name].mean() for name in np.unique(of)]
    print(f"{len(logs)} series of {len(each)} files: geometric mean of error / best naive {np.exp(logs.mean()):.3f},")
    print(
        f"with every file weighing the same {np.exp(np.mean(each)):.3f}; above 1.05 on {(logs > np.log(1.05)).sum()},"
    )
    print(
        f"worst {np.exp(logs.max()):.1f}; better than seasonal naive on {np.mean(beaten):.0%} of the"
        f" {len(beaten)} with a season"
    )


def scored(series: Series) -> tuple[list[float], str]:
    """Errors of pretrained, last value, seasonal naive and drift over ten origins, and what weighs most."""
    horizon = min(max(24, series.season_length), 64)
    quarter = len(series) // 4
    earlier = series.until(len(series) - quarter)
    models = [
        model.fit(Task([earlier], horizon, [quarter]), model.Settings(), seed=0, tell=str)
        for model in (Pretrained, Naive, SeasonalNaive, Drift)
    ]
    task = Task([series], horizon, [quarter]).thinned(ORIGINS)
    used = str(next(iter(models[0].members[series.name])))
    return [float(task.errors(model).mean()) for model in models], used


if __name__ == "__main__":
    main()
