"""From a panel to a forecast: known answers, and nothing of the future in what is fitted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from series_of import panel_of

from tsforecast.config import FitConfig, ModelConfig
from tsforecast.data.panel import Panel, Schema
from tsforecast.errors import DataError
from tsforecast.workflows.backtest import backtest
from tsforecast.workflows.fit import FitSettings, fit
from tsforecast.workflows.forecast import forecast

RIDGE = ModelConfig(model="ridge")


def day(length: int = 600, noise: float = 0.1, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 10 + 3 * np.sin(2 * np.pi * np.arange(length) / 24) + noise * rng.standard_normal(length)


def test_a_clean_sine_goes_on():
    values = day(620, noise=0.0)
    made = forecast(fit(panel_of(y=values[:600]), FitSettings(horizon=20, model=RIDGE)))
    assert made.frame["yhat"].to_numpy() == pytest.approx(values[600:], abs=0.05)
    assert made.frame["ds"].iloc[0] == pd.Timestamp("2024-01-26")


def said_of_columns(panel: Panel) -> list[str]:
    model = ModelConfig(model="seasonal-naive")
    notes = fit(panel, FitSettings(horizon=2, model=model)).notes
    return [note for note in notes if "column" in note]


def test_several_columns_unlike_each_other_are_told_how_to_name_the_target():
    demand, weather = day(120), day(120, seed=1)
    told = "each of 2 columns is forecast by itself (demand, weather); --target-col names the one meant"
    assert said_of_columns(panel_of(demand=demand, weather=weather)) == [told]
    assert said_of_columns(panel_of(sensor_1=demand, sensor_2=weather)) == []
    assert said_of_columns(panel_of(demand=demand)) == []


def test_a_column_that_is_no_target_is_not_left_aside_in_silence():
    rows = panel_of(demand=day(120), weather=day(120, seed=1)).frame
    panel = Panel.from_frame(rows, roles={"weather": "future"})
    assert said_of_columns(panel) == ["seasonal-naive looks at the target alone: no other column is used"]


def test_a_line_goes_on_by_drift():
    made = forecast(fit(panel_of(y=2.0 * np.arange(300)), FitSettings(horizon=5, model=ModelConfig(model="drift"))))
    assert made.frame["yhat"].to_numpy() == pytest.approx(2.0 * np.arange(300, 305))


def test_a_constant_is_forecast_as_itself_with_no_width():
    made = forecast(fit(panel_of(y=np.full(200, 45.0)), FitSettings(horizon=5)))
    assert (made.frame["yhat"] == 45).all()
    assert (made.frame["yhat_hi_95"] == 45).all()


def test_the_report_judges_every_candidate_on_the_same_origins():
    fitted = fit(panel_of(y=day()), FitSettings(horizon=24, model=RIDGE))
    assert set(fitted.holdout.predicted) == {"naive", "seasonal-naive", "drift", "ridge"}
    assert fitted.season_length == 24
    assert fitted.chosen == "ridge"
    assert fitted.skill > 0
    assert fitted.coverage[80.0] == pytest.approx(80, abs=15)


@pytest.mark.parametrize("seed", [0, 1])
def test_on_a_random_walk_nothing_has_skill_and_naive_is_the_yardstick(seed: int):
    walk = np.cumsum(np.random.default_rng(seed).standard_normal(6000))
    fitted = fit(panel_of(y=walk), FitSettings(horizon=3, model=RIDGE))
    assert fitted.reference == "naive"
    assert abs(fitted.skill) < 0.02


def test_columns_that_end_early_are_forecast_from_their_own_end():
    fitted = fit(panel_of(a=day(400), b=day(380)), FitSettings(horizon=6, model=RIDGE))
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
    made = forecast(fit(panel, FitSettings(horizon=6, model=RIDGE)))
    assert made.frame.groupby("unique_id").size().to_dict() == {f"s{i}": 6 for i in range(4)}


def test_a_short_series_says_what_was_not_measured():
    fitted = fit(panel_of(y=day(40)), FitSettings(horizon=24))
    assert any("up to step 10 only" in note for note in fitted.notes)
    assert forecast(fitted).frame["yhat_hi_80"].notna().sum() <= 10
    assert any(note.startswith("no ") and "window" in note for note in fitted.notes)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_too_few_rows_are_refused(length):
    with pytest.raises(DataError, match="row"):
        fit(panel_of(y=day(length)), FitSettings(horizon=3))


def test_only_what_follows_a_gap_is_used_and_that_is_said():
    values = day(200)
    values[100] = np.nan
    fitted = fit(panel_of(y=values), FitSettings(horizon=3, model=RIDGE))
    assert [len(own) for own in fitted.series] == [99]
    (status,) = fitted.status
    assert status.state == "doubtful"
    assert "only what follows is used" in status.reason
    values[198] = np.nan
    with pytest.raises(DataError, match="1 usable row"):
        fit(panel_of(y=values), FitSettings(horizon=3))


def test_one_bad_series_is_left_out_and_said_and_the_others_are_forecast():
    parts = []
    for name, length in (("good", 100), ("short", 2), ("fine", 90)):
        frame = panel_of(y=day(length)).frame
        frame["unique_id"] = name
        parts.append(frame)
    panel = Panel.checked(pd.concat(parts, ignore_index=True), "h", Schema(id="unit"))
    made = forecast(fit(panel, FitSettings(horizon=3, model=RIDGE)))
    assert set(made.frame["unique_id"]) == {"good", "fine"}
    status = {own.unique_id: own for own in made.status}
    assert {name: own.state for name, own in status.items()} == {"good": "ok", "short": "left out", "fine": "ok"}
    assert "2 usable rows" in status["short"].reason


def test_skill_is_against_the_best_reference_of_the_rows_it_is_measured_on():
    fitted = fit(panel_of(y=day(400)), FitSettings(horizon=24, model=RIDGE))
    errors = {name: fitted.holdout.error(name) for name in fitted.choice.references}
    assert fitted.reference == min(errors, key=lambda name: errors[name]) == "seasonal-naive"
    assert fitted.skill == pytest.approx(1 - fitted.holdout.error("ridge") / errors["seasonal-naive"])


def test_a_backtest_judges_every_model_from_the_last_cutoffs():
    settings = FitSettings(horizon=10, model=RIDGE)
    tested = backtest(panel_of(y=day(400)), settings, n_windows=3).tested
    assert tested.cutoff.tolist() == [370, 380, 390]
    assert set(tested.predicted) >= {"naive", "drift", "ridge"}
    assert tested.error("ridge") < tested.error("naive")


def test_a_backtest_that_needs_more_rows_says_how_many():
    with pytest.raises(DataError, match="need 70 rows"):
        backtest(panel_of(y=day(60)), FitSettings(horizon=10, model=RIDGE), n_windows=5)


def test_after_the_time_limit_no_network_begins_to_train_and_that_is_said():
    fitted = fit(panel_of(y=day()), FitSettings(24, model=ModelConfig(train=True), fit=FitConfig(time_limit=1e-9)))
    assert "no gru: the time limit of 1e-09 s was over" in fitted.notes
    assert fitted.choice.models.keys() >= {"naive", "seasonal-naive", "drift", "ridge"}
