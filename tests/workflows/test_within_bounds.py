"""Forecasts and intervals stay within what values can be: files as people have them, saved models, backtests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from series_of import panel_of

import tsforecast as ts
from tsforecast.cli.reports.fitted import fit_lines
from tsforecast.config import ModelConfig
from tsforecast.workflows.fit import FitSettings, fit

FIELD = Path(__file__).parents[1] / "io" / "field"
CASES = [
    ("percent__soc.csv", 0, 100),
    ("sales-zero__sales.csv", 0, np.inf),
    ("decline__v.csv", 0, np.inf),
    ("decline__long.csv", 0, np.inf),
    ("min__neg.csv", 0, np.inf),
    ("intermittent__demand.csv", 0, np.inf),
]


def numbers(frame):
    return frame.filter(regex="^yhat").to_numpy()


@pytest.mark.parametrize(("file", "low", "high"), CASES)
def test_every_number_of_a_forecast_lies_within(file, low, high, tmp_path):
    names = {"id_col": "item"} if file.startswith("intermittent") else {}
    fitted = ts.fit(str(FIELD / file), 30, model="ridge", **names)
    made = numbers(ts.forecast(fitted).frame)
    assert np.nanmin(made) >= low
    assert np.nanmax(made) <= high
    for yhat in fitted.holdout.predicted.values():
        assert np.nanmin(yhat) >= low
        assert np.nanmax(yhat) <= high
    ts.save(tmp_path / "model.tsf", fitted)
    again = ts.predict(tmp_path / "model.tsf")
    np.testing.assert_allclose(numbers(again.frame), made, rtol=1e-9, atol=1e-9)


def test_without_them_it_would_not():
    held = ts.fit(str(FIELD / "min__neg.csv"), 30, model="ridge")
    free = ts.fit(str(FIELD / "min__neg.csv"), 30, model="ridge", bounds="none")
    assert np.nanmin(numbers(ts.forecast(free).frame)) < -10
    assert [line for line in fit_lines(held) if line.startswith("bounds")]
    assert not [line for line in fit_lines(free) if line.startswith("bounds")]


def test_what_is_asked_for_holds_here_and_in_the_saved_model_and_in_a_backtest(tmp_path):
    file = str(FIELD / "sales-zero__sales.csv")
    fitted = ts.fit(file, 14, model="ridge", bounds=(10, 40))
    ts.save(tmp_path / "model.tsf", fitted)
    for frame in (ts.forecast(fitted).frame, ts.predict(tmp_path / "model.tsf", file).frame):
        assert numbers(frame).min() == 10
        assert numbers(frame).max() == 40
    lines = fit_lines(fitted)
    assert any("10 to 40, as asked" in line for line in lines)
    beyond = int(((fitted.panel.values < 10) | (fitted.panel.values > 40)).sum())
    assert any(f"values of the history beyond what was asked for: {beyond}" in line for line in lines)
    tested = ts.backtest(file, 14, 2, model="ridge", bounds=(10, 40)).tested
    assert tested.predicted["ridge"].min() >= 10


def test_the_coverage_is_that_of_what_is_given_out():
    """What lies beyond the bounds that were asked for is covered by no interval."""
    values = 50 + 10 * np.random.default_rng(0).standard_normal(400)
    settings = {"horizon": 5, "model": ModelConfig(model="ridge")}
    free = fit(panel_of(y=values), FitSettings(**settings))
    narrow = fit(panel_of(y=values), FitSettings(**settings, bounds=(45.0, 55.0)))
    assert free.coverage[95.0] > 85
    share = 100 * np.mean((narrow.holdout.actual >= 45) & (narrow.holdout.actual <= 55))
    assert not any("than chance allows" in note for note in narrow.notes)
    assert narrow.coverage[95.0] <= share + 1e-9 < 60


def test_intervals_are_centred_on_what_is_forecast():
    """A forecast that was put on the edge has an interval as wide as its errors there, not one of no width."""
    made = ts.forecast(str(FIELD / "min__neg.csv"), 8, model="ridge").frame
    on_the_edge = made[made["yhat"] == 0]
    assert len(on_the_edge) > 3
    assert (on_the_edge["yhat_hi_80"] > 0).all()


def test_what_the_future_shows_does_not_bound_the_held_out_forecasts():
    """Held-out rows below 0 do not lift the bound that the training rows show, and the forecast has none."""
    line = np.linspace(100, -4, 200)
    fitted = fit(panel_of(y=line), FitSettings(horizon=10, model=ModelConfig(model="drift")))
    assert fitted.bounds.found == {}
    assert fitted.holdout.predicted["drift"].min() == 0
    assert ts.forecast(fitted).frame["yhat"].iloc[-1] < -4


@pytest.mark.parametrize(
    ("file", "bounded"),
    [("grafana-units__panel.csv", False), ("min__toa5.dat", False), ("grafana-units__power.csv", True)],
)
def test_units_in_cells_and_in_rows_below_the_names_are_heeded(file, bounded):
    """Degrees are no quantity that ends at 0, kilowatts are."""
    assert bool(ts.fit(str(FIELD / file), 2, model="naive").bounds.found) is bounded


def test_the_report_names_a_few_series_and_counts_many():
    few = fit(panel_of(a=np.linspace(100, 1, 99), b=np.linspace(10, 100, 99)), FitSettings(horizon=9))
    (line,) = [line for line in fit_lines(few) if line.startswith("bounds")]
    assert "0 and up (a), as all of the history is" in line
    many = fit(panel_of(**{f"s{i}": np.linspace(100 + i, 1, 99) for i in range(5)}), FitSettings(horizon=9))
    (line,) = [line for line in fit_lines(many) if line.startswith("bounds")]
    assert "0 and up (5 series)" in line


def test_intervals_of_logarithms_that_the_user_asks_for_are_ratios():
    """Errors in proportion to the level: with `--transform log` what lies above is farther off than what lies below."""
    steps = np.random.default_rng(4).standard_normal(300)
    growing = np.exp(np.linspace(0, 4, 300) + 0.2 * steps)
    plain, logs = (ts.fit(panel_of(y=growing), 5, model="naive", transform=t) for t in ((), ("log",)))
    assert (plain.calibration.log, logs.calibration.log) == (False, True)
    made = ts.forecast(logs).frame
    above, below = made["yhat_hi_80"] - made["yhat"], made["yhat"] - made["yhat_lo_80"]
    assert (above > 1.1 * below).all()
    assert (made["yhat_lo_95"] > 0).all()
    assert not ts.fit(panel_of(y=growing), 5, model="naive", transform=("diff",)).calibration.log
