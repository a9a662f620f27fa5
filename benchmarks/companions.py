"""The classical companions, Theta and exponential smoothing, on M4 weekly and tourism monthly, and how fast they are.

sMAPE, MASE (scaled by the mean absolute change over a season; over a step for M4 weekly, as in the competition) and OWA
against the naive forecast of the deseasonalised series (Naive2 of Makridakis et al. 2020). Everything is fitted on all
rows; nothing is chosen by validation. With `--statsforecast` the same by statsforecast, run by a Python that has it.

python benchmarks/companions.py M4_TRAIN.parquet M4_TEST.csv TOURISM_IN.csv TOURISM_OOS.csv [--statsforecast PYTHON]
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from provenance import print_provenance

from tsforecast.data.series import Series
from tsforecast.models.ets import ETS
from tsforecast.models.smoothing.batch import batches
from tsforecast.models.smoothing.deseasonalise import decompose, seasonal
from tsforecast.models.task import Task
from tsforecast.models.theta import Theta

SPEED_SERIES = 4000
MODELS: tuple[Any, ...] = (Theta, ETS)


@dataclass(frozen=True)
class Panel:
    """Histories and what followed `(series, step)`; the season to look for, and that of the error's unit."""

    name: str
    histories: list[np.ndarray]
    actual: np.ndarray
    season_length: int
    unit_season: int


def m4_weekly(train: Path, test: Path) -> Panel:
    """359 series, 13 weeks ahead."""
    table = pd.read_parquet(train)
    groups = table.groupby(table.columns[0], sort=False)
    held_out = pd.read_csv(test)
    actual = held_out.set_index(held_out.columns[0]).loc[list(groups.groups)].to_numpy("float64")[:, :13]
    return Panel("M4 weekly", [rows.iloc[:, 2].to_numpy("float64") for _, rows in groups], actual, 52, 1)


def tourism_monthly(inside: Path, outside: Path) -> Panel:
    """366 series, 24 months ahead; the first three rows are length, year and month."""
    train, test = pd.read_csv(inside), pd.read_csv(outside)
    histories = [train[name].to_numpy("float64")[3 : 3 + int(train[name][0])] for name in train]
    actual = np.array([test[name].to_numpy("float64")[3 : 3 + int(test[name][0])] for name in test])
    return Panel("tourism monthly", histories, actual, 12, 12)


def task(histories: list[np.ndarray], season_length: int, horizon: int) -> Task:
    """All rows to learn from."""
    seasons = (season_length,) if season_length > 1 else ()
    series = [Series(str(i), ("y",), y[:, None], 0, np.arange(len(y)), seasons) for i, y in enumerate(histories)]
    return Task.whole(series, horizon)


def quiet(line: str) -> None:
    """What is being done is of no interest here."""


def forecasts(panel: Panel) -> dict[str, np.ndarray]:
    """Of each model `(series, step)`, their mean and their median with the naive forecast."""
    horizon = panel.actual.shape[1]
    all_rows = task(panel.histories, panel.season_length, horizon)
    made = {"naive2": naive2(panel.histories, panel.unit_season, horizon)}
    for model in MODELS:
        began = time.process_time()
        fitted = model.fit(all_rows, model.Settings(), seed=0, tell=quiet)
        made[model.info.name] = fitted.predict(all_rows.series, horizon).point[:, :, 0]
        notes = "; ".join(fitted.notes)
        print(f"{panel.name}, {model.info.name}: {time.process_time() - began:.1f} s of processor; {notes}")
    made["mean of the two"] = (made["theta"] + made["ets"]) / 2
    made["median with naive2"] = np.median([made["theta"], made["ets"], made["naive2"]], axis=0)
    return made


def naive2(histories: list[np.ndarray], season_length: int, horizon: int) -> np.ndarray:
    """The last value without its season, then with those that follow `(series, step)`."""
    made = np.empty((len(histories), horizon))
    for which, batch in batches(histories, [season_length] * len(histories)):
        seasons = decompose(batch, seasonal(batch))
        last = seasons.removed(batch).values[batch.lengths - 1, np.arange(len(which))]
        made[which] = seasons.restored(np.tile(last, (horizon, 1)), batch.lengths).T
    return made


def statsforecasts(panel: Panel, python: Path) -> dict[str, np.ndarray]:
    """The same by statsforecast."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given.npz", Path(folder) / "made.npz"
        lengths = [len(y) for y in panel.histories]
        np.savez(
            given,
            values=np.concatenate(panel.histories),
            lengths=lengths,
            season_length=panel.season_length,
            horizon=panel.actual.shape[1],
        )
        runner = Path(__file__).parent / "peers" / "run_statsforecast.py"
        subprocess.run([str(python), str(runner), str(given), str(made)], check=True)
        with np.load(made) as found:
            return {f"{name} of statsforecast": found[name] for name in found.files}


def print_scores(panel: Panel, made: Mapping[str, np.ndarray]) -> None:
    """A table: forecaster, sMAPE, MASE, OWA."""
    m = panel.unit_season
    unit = np.array([np.abs(y[m:] - y[:-m]).mean() for y in panel.histories])
    scores = {}
    for name, forecast in made.items():
        error = np.abs(forecast - panel.actual)
        smape = float(np.mean(200 * error / (np.abs(forecast) + np.abs(panel.actual))))
        scores[name] = smape, float((error.mean(axis=1) / unit).mean())
    print(f"\n{panel.name:<26} {'sMAPE':>7} {'MASE':>7} {'OWA':>7}")
    for name, (smape, mase) in scores.items():
        owa = (smape / scores["naive2"][0] + mase / scores["naive2"][1]) / 2
        print(f"{name:<26} {smape:7.3f} {mase:7.3f} {owa:7.3f}")
    print()


def print_speed(season_length: int) -> None:
    """Fitting and forecasting random walks of 50 to 100 steps, as many a minute as that makes."""
    generator = np.random.default_rng(0)
    cycle = 1 + 0.1 * np.sin(2 * np.pi * np.arange(100) / 12)
    lengths = generator.integers(50, 101, size=SPEED_SERIES)
    histories = [(50 + np.cumsum(generator.normal(size=n))) * cycle[:n] for n in lengths]
    all_rows = task(histories, season_length, 12)
    for model in MODELS:
        began, worked = time.perf_counter(), time.process_time()
        model.fit(all_rows, model.Settings(), seed=0, tell=quiet).predict(all_rows.series, 12)
        wall, processor = time.perf_counter() - began, time.process_time() - worked
        print(
            f"{model.info.name}, season {season_length}: {60 * SPEED_SERIES / wall:,.0f} series a minute, "
            f"{60 * SPEED_SERIES / processor:,.0f} a minute of processor"
        )


def main() -> None:
    """Score, then time; print tables."""
    parser = argparse.ArgumentParser(description="Score and time Theta and exponential smoothing.")
    parser.add_argument("m4_train", type=Path, help="Parquet: series, time, value")
    parser.add_argument("m4_test", type=Path, help="CSV: series, then one column a step")
    parser.add_argument("tourism_in", type=Path, help="CSV: one column a series; length, year, month, values")
    parser.add_argument("tourism_oos", type=Path, help="the same of what followed")
    parser.add_argument("--statsforecast", type=Path, help="a Python that has statsforecast")
    options = parser.parse_args()
    print_provenance()
    for panel in (
        m4_weekly(options.m4_train, options.m4_test),
        tourism_monthly(options.tourism_in, options.tourism_oos),
    ):
        made = forecasts(panel)
        if options.statsforecast:
            made |= statsforecasts(panel, options.statsforecast)
        print_scores(panel, made)
    for season_length in (1, 12):
        print_speed(season_length)


if __name__ == "__main__":
    main()
