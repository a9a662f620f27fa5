"""What the models that learn each series by itself have in common."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alone import fitted, forecast, reference, series, whole, wobble
from hypothesis import given, settings
from hypothesis import strategies as st

from tsforecast.errors import DataError
from tsforecast.models.ets import ETS
from tsforecast.models.smoothing.local import MOST_ROWS
from tsforecast.models.theta import Theta

EACH = pytest.mark.parametrize("model", [Theta, ETS])
NAMES = ("trend", "level", "short", "seasonal", "negative")


def panel() -> list[Any]:
    return [replace(reference(name), unique_id=name) for name in NAMES]


@EACH
def test_many_series_are_forecast_as_if_each_were_alone(model: Any):
    together = fitted(model, *panel()).predict(panel(), 6).point
    for i, each in enumerate(panel()):
        np.testing.assert_allclose(together[i, :, 0], forecast(model, each, 6), rtol=1e-8)


@EACH
def test_known_series_keep_their_parameters_whatever_the_history(model: Any):
    rows = reference("level")
    known = fitted(model, rows)
    for history in (rows.until(50), rows.until(31), rows.with_values(rows.values[-40:])):
        found = known.predict([history], 3).point
        anew = fitted(model, history).predict([history], 3).point
        assert not np.allclose(found, anew, rtol=1e-9)
        # a model without these names estimates
        np.testing.assert_allclose(known.predict([replace(history, unique_id="other")], 3).point, anew, rtol=1e-9)


@EACH
@pytest.mark.parametrize("n", [25, 130])
def test_histories_of_quite_another_length_are_estimated_anew(model: Any, n: int):
    rows = series(50 + np.cumsum(wobble(150)))
    known = fitted(model, rows.until(60))
    history = rows.until(n)
    np.testing.assert_allclose(known.predict([history], 4).point[0, :, 0], forecast(model, history, 4), rtol=1e-9)


@EACH
def test_what_comes_later_changes_nothing(model: Any):
    rows = reference("seasonal")
    changed = rows.with_values(np.concatenate([rows.values[:60], -7 * rows.values[60:]]))
    known = fitted(model, rows.until(60))
    before = known.predict([rows.until(60)], 6).point
    assert known.predict([changed.until(60)], 6).point.tolist() == before.tolist()


@EACH
def test_refit_and_update_estimate_on_all_rows(model: Any):
    short, full = (reference("level").until(40), reference("level"))
    extra = replace(reference("trend"), unique_id="b")
    first = fitted(model, short, extra)
    assert first.refit(whole(full)).parameters.tolist() == fitted(model, full).parameters.tolist()
    updated = first.update(whole(full), model.Settings(), seed=0, tell=lambda line: None)
    assert dict(zip(updated.names, updated.parameters.tolist(), strict=True)) == {
        full.name: fitted(model, full).parameters[0].tolist(),
        extra.name: first.parameters[1].tolist(),
    }
    assert updated.rows.tolist() == [40, 60]


@EACH
def test_only_the_latest_rows_are_looked_at(model: Any):
    rows = series(100 + np.cumsum(wobble(MOST_ROWS + 200)))
    known = fitted(model, rows)
    assert known.history_length == MOST_ROWS
    latest = rows.with_values(rows.values[-MOST_ROWS:])
    assert known.predict([latest], 5).point.tolist() == known.predict([rows], 5).point.tolist()


@EACH
def test_restored_it_forecasts_the_same(model: Any):
    known = fitted(model, *panel())
    again = model.restored(known.state())
    assert again.predict(panel(), 12).point.tolist() == known.predict(panel(), 12).point.tolist()
    assert again.notes == known.notes


@EACH
@pytest.mark.parametrize(
    "damage",
    [
        {"settings": {}},
        {"settings": {"names": ["a", "b", "c", "d", 5]}},
        {"settings": {"names": ["a", "b", "c", "d", "d"]}},
        {"settings": {"names": ["a"]}},
        {"settings": {"names": "abcde"}},
        {"arrays": {}},
        {"rows": np.array([1, 2, 3, 4, 0])},
        {"rows": np.array([1, 2, 3, 4, MOST_ROWS + 1])},
        {"rows": np.ones(5)},
        {"parameters": np.full((5, 3), np.nan)},
        {"parameters": np.full((5, 6), np.nan)},
        {"parameters": np.full((5, 3), 99.0)},
        {"parameters": np.full((5, 6), 99.0)},
        {"parameters": np.full((5, 2), 0.5)},
        {"parameters": np.zeros((5, 3), dtype="float32")},
    ],
    ids=str,
)
def test_a_damaged_state_is_refused(model: Any, damage: dict[str, Any]):
    state = fitted(model, *panel()).state()
    arrays = {**state.arrays, **{name: damage[name] for name in ("rows", "parameters") if name in damage}}
    hostile = replace(state, settings=damage.get("settings", state.settings), arrays=damage.get("arrays", arrays))
    with pytest.raises((ValueError, KeyError, TypeError)):
        model.restored(hostile)


@EACH
def test_each_parameter_is_held_to_its_bounds(model: Any):
    state = fitted(model, *panel()).state()
    for column, (name, bounds) in enumerate(model.BOUNDS.items()):
        for beyond in (bounds[0] - 0.01, bounds[1] + 0.01):
            parameters = state.arrays["parameters"].copy()
            parameters[2, column] = beyond
            with pytest.raises(ValueError, match=name):
                model.restored(replace(state, arrays={**state.arrays, "parameters": parameters}))


@EACH
@pytest.mark.parametrize("value", [0.0, 7.0, -3.25, 1e300, 1e-300])
@pytest.mark.parametrize("n", [1, 3, 5, 40])
def test_a_constant_goes_on_exactly(model: Any, value: float, n: int):
    assert forecast(model, series(np.full(n, value), 4), 6).tolist() == [value] * 6


@EACH
def test_of_very_few_rows_the_last_goes_on(model: Any):
    assert forecast(model, series([1.0, 5.0, 2.0, 8.0]), 2).tolist() == [8.0, 8.0]
    assert "5 rows" in model.unsuitable(whole(series([1.0, 5.0, 2.0, 8.0])), None)
    assert model.unsuitable(whole(series([1.0, 5.0, 2.0, 8.0, 3.0])), None) is None


@EACH
def test_missing_edges_and_gaps_that_nobody_filled(model: Any):
    line = 5 + 2.0 * np.arange(40)
    rows = line.copy()
    rows[[0, 1, 12, 13, 30, 38, 39]] = np.nan
    np.testing.assert_allclose(forecast(model, series(rows), 3), line[37] + 2 * np.arange(1, 4), rtol=1e-9)


@EACH
def test_a_series_without_a_value_is_named(model: Any):
    nothing = series(np.full(20, np.nan), name="void")
    known = fitted(model, reference("level"), nothing)
    with pytest.raises(DataError, match="void has no value"):
        known.predict([nothing], 3)


@EACH
def test_several_channels_are_several_series(model: Any):
    a, b = reference("seasonal"), reference("negative")
    both = series(np.column_stack([a.values, b.values]), 12, name="both")
    found = fitted(model, both).predict([both, both], 6).point
    assert found.shape == (2, 6, 2)
    np.testing.assert_allclose(found[1, :, 0], forecast(model, a, 6), rtol=1e-8)
    np.testing.assert_allclose(found[0, :, 1], forecast(model, b, 6), rtol=1e-8)


@EACH
@pytest.mark.parametrize("scale", [1e-200, 1e-3, 1e3, 1e250])
def test_the_unit_does_not_matter(model: Any, scale: float):
    for each in panel():
        found = forecast(model, each.with_values(each.values * scale), 6)
        np.testing.assert_allclose(found / scale, forecast(model, each, 6), rtol=1e-5)


@EACH
@settings(derandomize=True, max_examples=150)
@given(
    values=st.lists(
        st.one_of(st.floats(-1e308, 1e308), st.floats(0, 10), st.integers(0, 3).map(float)), min_size=1, max_size=40
    ),
    season_length=st.sampled_from([1, 2, 4, 7, 30]),
)
def test_finite_values_have_finite_forecasts(model: Any, values: list[float], season_length: int):
    assert np.isfinite(forecast(model, series(values, season_length), 50)).all()


@EACH
@pytest.mark.parametrize("length", [9, 12, 16, 20, 24])
def test_short_straight_lines_of_real_files(model: Any, length: int, shared_data: Path):
    with (shared_data / "field" / f"min__lin{length}.csv").open() as file:
        rows = [float(row["y"]) for row in csv.DictReader(file)]
    assert len(rows) == length
    step = rows[1] - rows[0]
    np.testing.assert_allclose(forecast(model, series(rows, 7), 4), rows[-1] + step * np.arange(1, 5), rtol=1e-9)


@EACH
def test_a_straight_decline_of_a_real_file(model: Any, shared_data: Path):
    with (shared_data / "field" / "decline__v.csv").open() as file:
        rows = [float(row["y"]) for row in csv.DictReader(file)]
    found = forecast(model, series(rows), 2)
    slope, level = np.polyfit(np.arange(len(rows)), rows, 1)
    np.testing.assert_allclose(found, level + slope * np.arange(len(rows), len(rows) + 2), atol=30)
