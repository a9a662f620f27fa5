"""Columns beside the target: known until now or ahead, used where they help, and never left unsaid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tsforecast as ts
from tsforecast.config import ReadConfig
from tsforecast.workflows.future import template, with_future
from tsforecast.workflows.saved.predict import end_of_training

ROWS, HORIZON = 240, 6
SETTINGS = {"target_col": "load", "model": "ridge", "calendar": "none"}
HEAT = 4.0


def table(n: int = ROWS, seed: int = 3) -> pd.DataFrame:
    """Load that follows heat and the weather of its day, a day apart; noise that it has nothing to do with."""
    rng = np.random.default_rng(seed)
    heat = rng.normal(0, 3, n)
    rain = rng.choice(["dry", "wet", "snow"], n)
    load = 100 + 5 * np.sin(2 * np.pi * np.arange(n) / 7) + HEAT * heat + 20.0 * (rain == "wet") + rng.normal(0, 0.2, n)
    days = pd.date_range("2023-01-02", periods=n, freq="D").strftime("%Y-%m-%d")
    return pd.DataFrame({"day": days, "load": load, "heat": heat, "rain": rain, "noise": rng.normal(0, 1, n)})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, pd.DataFrame]:
    """The history, what is known ahead, and all of it."""
    folder, whole = tmp_path_factory.mktemp("beside"), table()
    history, future = folder / "history.csv", folder / "future.csv"
    whole[:-HORIZON].to_csv(history, index=False)
    whole[-HORIZON:].drop(columns=["load"]).to_csv(future, index=False)
    return history, future, whole


@pytest.fixture(scope="module")
def fitted(files):
    history, future, _ = files
    return ts.fit(history, HORIZON, future=future, **SETTINGS)


def test_what_is_known_ahead_is_forecast_with(files, fitted):
    _, _, whole = files
    yhat = ts.forecast(fitted).frame["yhat"].to_numpy()
    assert yhat == pytest.approx(whole["load"].to_numpy()[-HORIZON:], abs=1.5)
    assert fitted.holdout.error("ridge") < 0.2 * fitted.holdout.error("naive")


def test_the_report_says_which_columns_helped(fitted):
    told = [note for note in fitted.notes if note.startswith("'")]
    assert [note.split("'")[1] for note in told] == ["heat", "rain", "noise"]
    assert "off the validation error" in told[0]
    assert "off the validation error" in told[1]
    assert "is not used" in told[2]


def test_a_useless_column_changes_no_digit(files):
    history, _, _ = files
    without = ts.forecast(history, HORIZON, **{**SETTINGS, "calendar": "auto"} | {"past_col": "noise"})
    frame = pd.read_csv(history)[["day", "load", "noise"]]
    alone = ts.forecast(frame.drop(columns="noise"), HORIZON, **SETTINGS)
    beside = ts.forecast(frame, HORIZON, **SETTINGS)
    pd.testing.assert_frame_equal(alone.frame, beside.frame)
    assert len(without.frame) == HORIZON


def test_rows_after_the_last_value_of_the_target_are_the_future(files, tmp_path):
    history, future, whole = files
    whole = whole.assign(load=whole["load"].where(whole.index < ROWS - HORIZON))
    whole.to_csv(tmp_path / "one.csv", index=False)
    one = ts.forecast(tmp_path / "one.csv", HORIZON, **SETTINGS)
    two = ts.forecast(history, HORIZON, future=future, **SETTINGS)
    pd.testing.assert_frame_equal(one.frame, two.frame)


def test_the_future_may_be_shuffled_and_lack_a_level(files, tmp_path):
    history, future, _ = files
    rows = pd.read_csv(future).assign(rain="dry")
    rows.iloc[::-1].to_csv(tmp_path / "f.csv", index=False)
    dry = ts.forecast(history, HORIZON, future=tmp_path / "f.csv", **SETTINGS).frame["yhat"].to_numpy()
    wet = ts.forecast(history, HORIZON, future=rows.assign(rain="wet"), **SETTINGS).frame["yhat"].to_numpy()
    assert wet - dry == pytest.approx(np.full(HORIZON, 20.0), abs=1.0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda f: f[:3], "at 6 stamps, 2023-08-24 to 2023-08-29 (daily): 3 of 6 are given"),
        (lambda f: f.assign(heat=np.nan), "'heat' must be known ahead at 6 stamps, 2023-08-24 to 2023-08-29 (daily)"),
        (lambda f: f.rename(columns={"heat": "haet"}), "--future has 'haet', which the data have not (they have heat"),
        (lambda f: f[["day"]], "--future has no column of the data"),
        (lambda f: f.assign(day=pd.to_datetime(f["day"]) + pd.Timedelta(days=30)), "0 of 6 are given|none is given"),
    ],
    ids=["too short", "empty", "misspelt", "no column", "elsewhere"],
)  # fmt: skip
def test_a_future_that_does_not_fit_is_refused_with_the_stamps(files, change, told):
    history, future, _ = files
    with pytest.raises(ts.TsforecastError) as refusal:
        ts.forecast(history, HORIZON, future=change(pd.read_csv(future)), **SETTINGS)
    assert any(part in refusal.value.message for part in told.split("|"))
    assert refusal.value.exit_code == 5
    assert "--write-future-template" in refusal.value.hint


def test_a_column_that_must_be_known_ahead_is_asked_for(files):
    history, _, _ = files
    with pytest.raises(ts.TsforecastError, match="'heat' must be known ahead at 6 stamps, 2023-08-24 to 2023-08-29"):
        ts.forecast(history, HORIZON, future_col="heat", **SETTINGS)
    assert ts.fit(history, HORIZON, future_col="heat", **SETTINGS).chosen == "ridge"


def test_without_a_future_columns_are_known_until_now_and_that_is_said(files):
    history, _, _ = files
    notes = ts.fit(history, HORIZON, **SETTINGS).notes
    assert any("'heat', 'rain' and 'noise' are used as known until now" in note for note in notes)


def test_a_saved_model_predicts_as_it_forecast(files, fitted, tmp_path):
    history, future, _ = files
    ts.save(tmp_path / "m.tsf", fitted)
    made = ts.forecast(fitted).frame
    for given in ({}, {"data": history, "future": future}):
        again = ts.predict(tmp_path / "m.tsf", **given).frame
        pd.testing.assert_frame_equal(again, made, rtol=1e-9)
    with pytest.raises(ts.TsforecastError, match="'heat' and 'rain' must be known ahead"):
        ts.predict(tmp_path / "m.tsf", history)
    with pytest.raises(ts.TsforecastError, match="there is no column 'heat'"):
        ts.predict(tmp_path / "m.tsf", pd.read_csv(history).drop(columns="heat"), future=future)


def test_a_column_known_until_now_changes_nothing_after_the_cutoff(files):
    _, _, whole = files
    lagged = whole.assign(early=whole["heat"].shift(-HORIZON).fillna(0.0))[["day", "load", "early"]]
    first = ts.fit(lagged, HORIZON, past_col="early", **SETTINGS)
    assert any("'early' takes" in note for note in first.notes), "a column that leads by the horizon helps"
    cutoff = int(first.holdout.cutoff.min())
    later = lagged["early"].where(lagged.index < cutoff, 1000.0 - 7 * lagged["early"])
    second = ts.fit(lagged.assign(early=later), HORIZON, past_col="early", **SETTINGS)
    at = first.holdout.cutoff == cutoff
    np.testing.assert_array_equal(first.holdout.predicted["ridge"][at], second.holdout.predicted["ridge"][at])
    np.testing.assert_array_equal(first.validation.predicted["ridge"], second.validation.predicted["ridge"])


def test_the_template_asks_for_what_the_model_looks_at(files, fitted, tmp_path):
    history, future, _ = files
    asked = template(ts.prepare(history, target_col="load", future_col="heat,noise", past_col="rain"), HORIZON)
    assert list(asked.columns) == ["unique_id", "ds", "heat", "noise"]
    assert [str(stamp)[:10] for stamp in asked["ds"]] == pd.read_csv(future)["day"].tolist()
    ts.save(tmp_path / "m.tsf", fitted)
    assert list(template(end_of_training(ts.load(tmp_path / "m.tsf")), HORIZON).columns[2:]) == ["heat", "rain"]


def test_what_the_future_repeats_contradicts_or_cannot_say_is_said(files):
    history, future, _ = files
    data, ahead = ts.prepare(history, target_col="load", future_col="heat"), pd.read_csv(future)[["day", "heat"]]
    assert with_future(data.panel, ahead, ReadConfig())[1] == []

    twice = ahead.iloc[[1]].assign(heat=9.0)
    past = pd.read_csv(history).tail(3)[["day", "heat"]].assign(heat=[77.0, 78.0, np.nan])
    unclear = pd.DataFrame({"day": ["whenever"], "heat": [1.0]})
    odd = pd.concat([past, ahead, twice, unclear]).assign(load=5.0)
    panel, notes = with_future(data.panel, odd, ReadConfig())
    told = "\n".join(notes)
    assert "1 duplicate stamp merged" in told
    assert "at 2 stamps the data have other values; those of --future take their place" in told
    assert "'load' is forecast: its values there are not looked at" in told
    assert "1 rows: footer left out" in told
    heat = panel.frame["heat"].to_numpy()
    assert heat[-HORIZON - 3 : -HORIZON].tolist() == [77.0, 78.0, pd.read_csv(history)["heat"].iloc[-1]]
    assert panel.frame["load"].isna().sum() == HORIZON


def test_a_row_number_that_the_future_repeats_is_said():
    n = np.arange(40)
    frame = pd.DataFrame({"n": n, "load": n % 7 + 1.0, "heat": n % 5})
    data = ts.prepare(frame, time_col="n", target_col="load", future_col="heat")
    ahead = pd.DataFrame({"n": [40, 41, 41, 42], "heat": [1.0, 2.0, 3.0, 4.0]})
    panel, notes = with_future(data.panel, ahead, ReadConfig())
    assert notes == ["--future: 1 rows repeat a stamp; of each stamp the last row counts"]
    assert panel.frame["heat"].tolist()[-3:] == [1.0, 3.0, 4.0]
