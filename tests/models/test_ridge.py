"""Ridge regression on windows: known answers, honest choice, and what it does with a panel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from series_of import quiet, series, several, sine, task
from sklearn.linear_model import Ridge as SklearnRidge

from tsforecast.data.windows import Windows, last_contexts, make_windows
from tsforecast.errors import DataError
from tsforecast.model_config import WindowConfig
from tsforecast.models.ridge import PENALTIES, Ridge
from tsforecast.models.scale import SeriesScaler
from tsforecast.models.task import Task
from tsforecast.models.windowed import training_windows

PLAIN = SeriesScaler(("y",), np.zeros((1, 1)), np.ones((1, 1)))


def fitted(given: Task, **settings: Any) -> Ridge:
    return Ridge.fit(given, WindowConfig(**settings), seed=0, tell=quiet)


def on_windows(windows: Windows, penalty: float, prior: Any = None) -> Ridge:
    return Ridge.path(windows, PLAIN, [penalty], prior)[0]


@given(seed=st.integers(0, 1000), penalty=st.sampled_from([0.1, 7.0, 300.0]), n_channels=st.integers(1, 2))
def test_it_agrees_with_scikit_learn(seed: int, penalty: float, n_channels: int):
    rows = np.random.default_rng(seed).standard_normal((60, n_channels)).cumsum(axis=0)
    windows = make_windows([rows], context_length=5, horizon=3)
    last = windows.inputs[:, -1:]
    x, y = (windows.inputs - last).reshape(len(windows), -1), (windows.targets - last).reshape(len(windows), -1)
    reference = SklearnRidge(alpha=penalty, fit_intercept=False, solver="svd").fit(x, y)
    expected = reference.predict(x).reshape(windows.targets.shape) + last
    np.testing.assert_allclose(on_windows(windows, penalty).ahead(windows.inputs, 3), expected, atol=1e-8)


def test_it_continues_a_sine_for_many_periods():
    rows = np.sin(2 * np.pi * np.arange(600) / 25)[:, None]
    model = on_windows(make_windows([rows[:300]], 50, 1), 1e-9)
    np.testing.assert_allclose(model.predict([series(rows[:300])], 300).point[0], rows[300:], atol=1e-4)


@given(shift=st.floats(-1e3, 1e3))
def test_it_does_not_care_where_zero_is(shift: float):
    rows = np.random.default_rng(1).standard_normal((80, 1)).cumsum(axis=0)
    model = on_windows(make_windows([rows], 6, 2), 1.0)
    context = rows[None, -6:]
    np.testing.assert_allclose(model.ahead(context + shift, 4), model.ahead(context, 4) + shift, atol=1e-6)


def test_nothing_in_the_validation_part_reaches_the_coefficients():
    # values of either sign keep logarithms out of play, so that only the penalty is for validation to choose
    values = sine(240)
    changed = values.copy()
    changed[-60:] = 5 - 3 * values[-60:]
    before, after = (task([rows], season_length=12) for rows in (values, changed))
    expected = _paths(before)
    np.testing.assert_array_equal(_paths(after), expected)
    for own in (before, after):
        model = fitted(own, context_length=24, segment_length=12)
        assert not model.scaler.log
        np.testing.assert_array_equal(model.coefficients, expected[PENALTIES.index(model.penalty)])
        np.testing.assert_array_equal(model.scaler.centre, [[values[:180].mean()]])
        np.testing.assert_array_equal(model.scaler.scale, [[values[:180].std()]])


def _paths(given: Task) -> np.ndarray:
    """The coefficients that each penalty gives on the first 180 rows `(penalty, input, output)`."""
    known = Task.whole([s.until(180) for s in given.series], given.horizon)
    scaler = SeriesScaler.fit(known.training)
    windows = training_windows(known, scaler, 24, 12)
    assert windows.cutoffs.max() + 12 == 180 - 1
    return np.stack([model.coefficients for model in Ridge.path(windows, scaler, PENALTIES)])


def test_the_penalty_is_the_best_of_validation():
    given = task([sine(200, noise=0.5)], season_length=12)
    model = fitted(given)
    windows = model.windows(given)
    scores = [given.score(other) for other in Ridge.path(windows, model.scaler, PENALTIES)]
    assert model.penalty == PENALTIES[int(np.argmin(scores))]
    assert given.score(model) == min(scores)


def test_logarithms_are_chosen_for_growth_in_per_cent_and_only_there():
    t = np.arange(240)
    growth = np.exp(0.02 * t + 0.5 * np.sin(2 * np.pi * t / 12))
    assert fitted(task([growth], season_length=12)).space == "log"
    assert fitted(task([sine(240)], season_length=12)).space == "plain"


def test_series_of_any_length_in_one_panel():
    values = [sine(200), sine(40, 1), sine(5, 2), sine(61, 3)]
    model = fitted(task(values, n_validation=[60, 15, 2, 60], season_length=12))
    ahead = model.refit(Task.whole(several(values, 12), 12)).predict(several(values, 12), 30)
    assert ahead.point.shape == (4, 30, 1)
    assert np.isfinite(ahead.point).all()


def test_gaps_are_no_windows_but_no_obstacle():
    values = sine(300)
    values[100:110] = np.nan
    given = task([values], season_length=12)
    model = fitted(given, context_length=24, segment_length=12)
    cutoffs = model.windows(given).cutoffs
    assert not set(range(100 - 12, 110 + 23)) & set(cutoffs.tolist())
    assert {87, 133, 300 - 60 - 12 - 1} <= set(cutoffs.tolist())
    assert given.score(model) < 0.5


def test_without_a_window_free_of_gaps_it_says_so():
    values = sine(80)
    values[::4] = np.nan
    values[-22:] = sine(22)
    with pytest.raises(DataError, match="without a gap"):
        fitted(task([values], n_validation=12, season_length=12), context_length=6, segment_length=6)


def test_joint_channels_are_forecast_together():
    t = np.arange(300)
    values = np.stack([np.sin(t / 5), np.cos(t / 5)], axis=1)
    given = Task([series(values)], 20, [60])
    point = fitted(given, context_length=4, segment_length=1).predict(given.series, 50).point[0]
    later = t[-1] + 1 + np.arange(50)
    np.testing.assert_allclose(point, np.stack([np.sin(later / 5), np.cos(later / 5)], axis=1), atol=0.15)


def test_new_series_are_scaled_by_themselves():
    model = fitted(task([sine(240)], season_length=12), context_length=36, segment_length=12)
    known = model.predict([series(sine(240), name="y0")], 12).point
    new = model.predict([series(1000 + 50 * sine(240), name="new")], 12).point
    np.testing.assert_allclose((new - 1000) / 50, known, atol=0.02)


def test_refit_learns_from_the_validation_part_with_the_same_settings():
    given = task([sine(240)], season_length=12)
    before = fitted(given)
    after = before.refit(Task.whole(given.series, 12))
    assert after.penalty == before.penalty
    assert after.scaler == before.scaler
    assert not np.array_equal(after.coefficients, before.coefficients)
    assert len(after.windows(Task.whole(given.series, 12))) == len(before.windows(given)) + 60


def test_an_update_is_shrunk_towards_what_was_learnt_before():
    given = task([sine(240)], season_length=12)
    before = fitted(given, context_length=24, segment_length=12)
    few = Task.whole([series(sine(40, seed=9), 12, "y0")], 12)
    updated = before.update(few, WindowConfig(), seed=0, tell=quiet)
    anew = before.refit(few)
    distance = [np.abs(model.coefficients - before.coefficients).sum() for model in (updated, anew)]
    assert 0 < distance[0] < 0.5 * distance[1]
    assert updated.scaler == before.scaler


def test_a_task_without_a_window_leaves_it_as_it_is():
    before = fitted(task([sine(240)], season_length=12))
    nothing = Task.whole([series(sine(3), name="y0")], 12)
    assert before.refit(nothing) is before
    assert before.update(nothing, WindowConfig(), seed=0, tell=quiet) is before


def test_constant_series_are_forecast_as_they_are():
    values = [np.full((240, 1), 7.0), sine(240, level=9)]
    given = task(values, season_length=12)
    point = fitted(given).predict(given.series, 12).point
    np.testing.assert_allclose(point[0], 7.0, atol=0.05)


def long_season(n: int = 4000, season: int = 700) -> np.ndarray:
    """A season longer than the context, and a little noise `(time,)`."""
    rng = np.random.default_rng(5)
    shape = rng.standard_normal(season)
    return np.tile(shape, -(-n // season))[:n] + 0.05 * rng.standard_normal(n)


@pytest.fixture(scope="module")
def lagged() -> tuple[Task, Ridge]:
    given = task([long_season()], horizon=30, n_validation=300, season_length=700)
    return given, fitted(given)


def test_a_season_longer_than_the_context_is_seen_by_its_lags(lagged: tuple[Task, Ridge]):
    given, model = lagged
    assert model.lags is not None
    assert {0, 700, 701 - 30} <= set(model.lags.tolist())
    assert model.context_length == 701
    whole = fitted(given, context_length=given.shape(WindowConfig()).context_length)
    assert whole.lags is None
    assert given.score(model) < 0.2 * given.score(whole)
    again = Ridge.restored(model.refit(Task.whole(given.series, 30)).state())
    np.testing.assert_array_equal(again.lags, model.lags)
    assert "rows at the seasons" in again.notes[-1]


def test_by_lags_it_forecasts_what_the_context_says(lagged: tuple[Task, Ridge]):
    """Beyond its own segments too, and where the history is shorter than the context."""
    given, model = lagged
    for rows in (given.series[0], given.series[0].until(500)):
        point = model.predict([rows], 95).point
        scaler = model.scaler.matching([rows])
        inputs = scaler.transform_windows(last_contexts([rows.filled], model.context_length), slice(0, 1))
        np.testing.assert_allclose(point, scaler.inverse_windows(model.ahead(inputs, 95), slice(0, 1)), atol=1e-9)
    with pytest.raises(DataError, match="misses values"):
        model.predict([series(np.full(900, np.nan))], 5)


def test_lags_are_those_rows_of_the_context():
    rows = sine(300)
    windows = make_windows([rows], 40, 5)
    lags = np.array([0, 3, 11, 39])
    inputs, targets = windows.lagged(np.array([0, 7]), lags)
    whole, expected = windows.batch(np.array([0, 7]))
    np.testing.assert_array_equal(inputs, whole[:, 39 - lags])
    np.testing.assert_array_equal(targets, expected)


def test_a_season_within_the_context_needs_no_lags():
    assert fitted(task([sine(600)], season_length=12)).lags is None


@pytest.mark.parametrize("lags", [[], [3, 1], [0, 0, 700], [0, 7], [0, 701], ["0"], 5])
def test_forged_lags_are_refused(lagged: tuple[Task, Ridge], lags: Any):
    state = lagged[1].state()
    with pytest.raises(ValueError, match=r"lags|number|coefficients"):
        Ridge.restored(replace(state, settings={**state.settings, "lags": lags}))


def test_too_short_a_series_does_not_suit_it():
    given = task([sine(62)], season_length=12)
    assert "training window" in Ridge.unsuitable(given, WindowConfig())
    assert Ridge.unsuitable(replace(given, n_validation=[20]), WindowConfig()) is None
