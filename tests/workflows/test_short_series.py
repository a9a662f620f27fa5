"""Nine to thirty rows: lines go on, short series have sensible forecasts, and how little judged them is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from series_of import panel_of

import tsforecast as ts
from tsforecast.models.registry import everything

FIELD = Path(__file__).parents[1] / "io" / "field"
CLASSICAL = {"theta", "ets"}


@pytest.mark.parametrize("rows", [9, 12, 16, 20, 24])
@pytest.mark.parametrize("horizon", [1, 4, 12])
def test_a_line_goes_on(rows, horizon):
    fitted = ts.fit(str(FIELD / f"min__lin{rows}.csv"), horizon)
    right = 100 + 10.0 * np.arange(rows, rows + horizon)
    np.testing.assert_allclose(ts.forecast(fitted).frame["yhat"], right, rtol=1e-6)
    assert any("little to judge by" in note for note in fitted.notes)


@pytest.mark.parametrize("file", ["min__drift.csv", "decline__v.csv"])
def test_a_decline_goes_on_to_0(file):
    yhat = ts.forecast(str(FIELD / file), 6).frame["yhat"].to_numpy()
    assert yhat[0] == pytest.approx(100, abs=10)
    assert yhat[1] == pytest.approx(0, abs=10)
    assert yhat[2:].tolist() == [0.0] * 4


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rows", [9, 15, 30])
def test_noise_on_a_line_or_a_level_is_looked_through(rows, seed):
    noise = np.random.default_rng(seed).standard_normal(rows)
    for slope in (0.0, 3.0):
        values = 50 + slope * np.arange(rows) + noise
        yhat = ts.forecast(panel_of(freq="D", y=values), 3).frame["yhat"].to_numpy()
        np.testing.assert_allclose(yhat, 50 + slope * np.arange(rows, rows + 3), atol=6 + 1.5 * slope)


@pytest.mark.parametrize("rows", [60, 1000])
def test_the_classical_models_are_tried(rows):
    noise = np.random.default_rng(0).standard_normal(rows)
    assert ts.fit(panel_of(y=np.sin(np.arange(rows)) + noise), 3).choice.models.keys() >= CLASSICAL


@pytest.mark.parametrize("name", sorted(CLASSICAL))
def test_who_asks_for_one_gets_it_on_any_length(name):
    assert ts.fit(panel_of(y=np.random.default_rng(0).standard_normal(1000)), 3, model=name).chosen == name
    assert everything()[name].info.auto


def test_many_forecasts_are_enough_to_judge_by():
    fitted = ts.fit(panel_of(y=np.sin(np.arange(200.0))), 3)
    assert not any("little to judge by" in note for note in fitted.notes)
