"""Gaps make no skill and take no coverage: what is scored is observed, and widths are those of gappy series.

Averages over seeds; what they must lie within is the issue's: skill within 0.05 of none, coverage within 5 points.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tsforecast.config import ModelConfig, PrepareConfig
from tsforecast.data.panel import FloatArray, Table
from tsforecast.preparation import prepare
from tsforecast.workflows.fit import Fit, FitSettings, fit

HORIZON = 6


def fitted(values: FloatArray, model: str) -> Fit:
    stamps = pd.date_range("2024-01-01", periods=len(values), freq="h", unit="us")
    table = Table(pd.DataFrame({"unique_id": "", "ds": stamps, "y": values}), np.arange(2, len(values) + 2))
    made = prepare(table, PrepareConfig(freq="h"))
    return fit(made, FitSettings(HORIZON, model=ModelConfig(model=model)))


def walk(n: int, rng: np.random.Generator) -> FloatArray:
    return np.cumsum(rng.standard_normal(n))


def day(n: int, rng: np.random.Generator) -> FloatArray:
    return 10 + 3 * np.sin(2 * np.pi * np.arange(n) / 24) + rng.standard_normal(n) / 2


@pytest.mark.parametrize("model", ["naive", "ridge"])
def test_a_random_walk_seen_every_fourth_hour_has_no_skill_and_honest_coverage(model: str):
    found = []
    for seed in range(6):
        values = walk(2000, np.random.default_rng(seed))
        values[np.arange(len(values)) % 4 != 0] = np.nan
        made = fitted(values, model)
        found.append((made.skill, made.coverage[80.0], made.coverage[95.0]))
    skill, at_80, at_95 = np.mean(found, axis=0)
    assert skill == pytest.approx(0, abs=0.05)
    assert at_80 == pytest.approx(80, abs=5)
    assert at_95 == pytest.approx(95, abs=5)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
@pytest.mark.parametrize(("of", "model", "n_rows"), [(walk, "naive", 1000), (day, "naive", 1000), (day, "ridge", 1500)])
def test_rows_removed_at_random_keep_coverage(of: Callable[..., FloatArray], model: str, n_rows: int, share: float):
    """Of those that validate and those held out; what is missing is filled to look back on, and judges nothing."""
    found = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        values = of(n_rows, rng)
        gone = rng.random(n_rows) < share
        gone[: int(0.8 * n_rows)] = False
        values[gone] = np.nan
        found.append(fitted(values, model).coverage[80.0])
    assert np.mean(found) == pytest.approx(80, abs=5)


def test_gaps_of_the_newest_rows_alone_widen_the_intervals():
    """Of a level under noise one value says less than six, and no row that validated tells how much less."""
    widths = []
    for gone in (0, 5):
        rng = np.random.default_rng(2)
        values = walk(600, rng) + 3 * rng.standard_normal(600)
        values[len(values) - 1 - gone : len(values) - 1] = np.nan
        made = fitted(values, "ridge")
        widths.append(made.calibration.factor(made.series[0])[0])
    assert widths[0] == 1
    assert widths[1] > 1.02
