"""From a panel to a forecast: known answers, and nothing of the future in what is fitted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsforecast.config import ModelConfig
from tsforecast.data.panel import Panel, Schema
from tsforecast.errors import DataError
from tsforecast.workflows.backtest import backtest
from tsforecast.workflows.fit import Settings, fit
from tsforecast.workflows.forecast import forecast

RIDGE = ModelConfig(model="ridge")


def panel_of(freq: str = "h", **channels: np.ndarray) -> Panel:
    length = max(len(v) for v in channels.values())
    frame = pd.DataFrame({"unique_id": "", "ds": pd.date_range("2024-01-01", periods=length, freq=freq, unit="us")})
    for name, values in channels.items():
        frame[name] = np.concatenate([values, np.full(length - len(values), np.nan)])
    return Panel.checked(frame, freq)


def day(length: int = 600, noise: float = 0.1, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 10 + 3 * np.sin(2 * np.pi * np.arange(length) / 24) + noise * rng.standard_normal(length)


def test_a_clean_sine_goes_on():
    values = day(620, noise=0.0)
    made = forecast(fit(panel_of(y=values[:600]), Settings(horizon=20, model=RIDGE)))
    assert made.frame["yhat"].to_numpy() == pytest.approx(values[600:], abs=0.05)
    assert made.frame["ds"].iloc[0] == pd.Timestamp("2024-01-26")


def test_a_line_goes_on_by_drift():
    made = forecast(fit(panel_of(y=2.0 * np.arange(300)), Settings(horizon=5, model=ModelConfig(model="drift"))))
    assert made.frame["yhat"].to_numpy() == pytest.approx(2.0 * np.arange(300, 305))


def test_a_constant_is_forecast_as_itself_with_no_width():
    made = forecast(fit(panel_of(y=np.full(200, 45.0)), Settings(horizon=5)))
    assert (made.frame["yhat"] == 45).all()
    assert (made.frame["yhat_hi_95"] == 45).all()


def test_the_report_judges_every_candidate_on_the_same_origins():
    fitted = fit(panel_of(y=day()), Settings(horizon=24, model=RIDGE))
    assert set(fitted.holdout.predicted) == {"naive", "seasonal-naive", "drift", "ridge"}
    assert fitted.season_length == 24
    assert fitted.chosen == "ridge"
    assert fitted.skill > 0
    assert fitted.coverage[80.0] == pytest.approx(80, abs=15)


def test_a_random_walk_is_left_to_the_naive_forecast_or_nearly_so():
    walk = np.cumsum(np.random.default_rng(1).standard_normal(800))
    fitted = fit(panel_of(y=walk), Settings(horizon=12, model=RIDGE))
    assert fitted.skill < 0.3


@pytest.mark.parametrize("transforms", [(), ("standard",), ("diff",)])
def test_the_holdout_does_not_reach_what_is_fitted(transforms):
    settings = Settings(horizon=12, model=RIDGE, transforms=transforms)
    values = day(400)
    changed = values.copy()
    changed[-40:] += 100.0  # the holdout: a tenth
    seen = fit(panel_of(y=values), settings).holdout
    other = fit(panel_of(y=changed), settings).holdout
    first = other.cutoff == other.cutoff.min()
    assert other.predicted["ridge"][first] == pytest.approx(seen.predicted["ridge"][first], rel=1e-12)


def test_columns_that_end_early_are_forecast_from_their_own_end():
    fitted = fit(panel_of(a=day(400), b=day(380)), Settings(horizon=6, model=RIDGE))
    table = forecast(fitted).frame
    starts = table.groupby("channel")["ds"].min()
    assert starts["a"] - starts["b"] == pd.Timedelta(hours=20)
    assert any("different stamps" in note for note in fitted.notes)


def test_a_long_panel_is_one_model_over_all_series():
    parts = []
    for i in range(4):
        frame = panel_of(y=day(300, seed=i)).frame
        frame["unique_id"] = f"s{i}"
        parts.append(frame)
    panel = Panel.checked(pd.concat(parts, ignore_index=True), "h", Schema(id="unit"))
    made = forecast(fit(panel, Settings(horizon=6, model=RIDGE)))
    assert made.frame.groupby("unique_id").size().to_dict() == {f"s{i}": 6 for i in range(4)}


def test_a_short_series_says_what_was_not_measured():
    fitted = fit(panel_of(y=day(40)), Settings(horizon=24))
    assert any("up to step 10 only" in note for note in fitted.notes)
    assert forecast(fitted).frame["yhat_hi_80"].notna().sum() <= 10
    assert any("fewer than" in note or "naive only" in note for note in fitted.notes)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_too_few_rows_are_refused(length):
    with pytest.raises(DataError, match="row"):
        fit(panel_of(y=day(length)), Settings(horizon=3))


def test_gaps_are_refused_with_the_remedy():
    values = day(200)
    values[100] = np.nan
    with pytest.raises(DataError, match="missing value") as refusal:
        fit(panel_of(y=values), Settings(horizon=3))
    assert "--impute" in refusal.value.hint


def test_a_backtest_trains_before_the_first_cutoff_only():
    values = day(400)
    changed = values.copy()
    changed[-30:] += 100.0
    settings = Settings(horizon=10, model=RIDGE)
    tested, _ = backtest(panel_of(y=values), settings, n_windows=3)
    other, _ = backtest(panel_of(y=changed), settings, n_windows=3)
    assert tested.cutoff.tolist() == [370, 380, 390]
    assert other.predicted["ridge"][0] == pytest.approx(tested.predicted["ridge"][0], rel=1e-12)


def test_a_backtest_that_needs_more_rows_says_how_many():
    with pytest.raises(DataError, match="need 70 rows"):
        backtest(panel_of(y=day(60)), Settings(horizon=10, model=RIDGE), n_windows=5)
