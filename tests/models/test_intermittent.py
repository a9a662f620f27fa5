from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from alone import fitted, forecast, series, whole
from hypothesis import given, settings
from hypothesis import strategies as st

from tsforecast.models.intermittent import Intermittent


def demands(seed: int, n: int, probability: float) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return np.where(generator.random(n) < probability, generator.integers(1, 10, size=n), 0).astype("float64")


def test_the_recursion_by_hand():
    rows = series([0.0, 4.0, 0.0, 0.0, 2.0, 0.0])
    size, probability = 3.0, 1 / 3
    for value in (0, 4, 0, 0, 2, 0):
        if value:
            size += 0.2 * (value - size)
        probability += 0.1 * ((value > 0) - probability)
    model = Intermittent((rows.name,), np.array([[0.2, 0.1]]), np.array([6]))
    assert model.predict([rows], 3).point[0, :, 0] == pytest.approx([size * probability] * 3, rel=1e-12)


def test_steady_demand_is_forecast_at_its_mean():
    rows = demands(0, 400, 0.25)
    found = forecast(Intermittent, series(rows), 5)
    assert found == pytest.approx([rows.mean()] * 5, rel=0.2)


def test_what_is_no_longer_asked_for_fades_out():
    alive = demands(1, 100, 0.5)
    dead = np.concatenate([alive, np.zeros(60)])
    assert forecast(Intermittent, series(dead), 1)[0] < 0.1 * forecast(Intermittent, series(alive), 1)[0]


def test_the_constants_of_least_error_are_found():
    # demand that stops needs a fast probability, demand that stays a slow one
    alive = series(demands(2, 300, 0.4), name="alive")
    dying = series(np.concatenate([demands(3, 150, 0.8), np.zeros(150)]), name="dying")
    slow, fast = fitted(Intermittent, alive, dying).parameters[:, 1]
    assert slow < 0.05 < fast


def test_it_offers_itself_only_where_a_third_is_zero():
    few, many = demands(4, 90, 0.8), demands(5, 90, 0.4)
    assert Intermittent.unsuitable(whole(series(many)), None) is None
    assert "of the values are 0" in (Intermittent.unsuitable(whole(series(few)), None) or "")
    assert Intermittent.unsuitable(replace(whole(series(few)), asked="intermittent"), None) is None


def test_values_below_0_are_refused_even_where_it_is_asked_for():
    task = replace(whole(series([0.0, 0, 0, -1, 0, 2])), asked="intermittent")
    assert Intermittent.unsuitable(task, None) == "values below 0 are no demand"


def test_restored_it_forecasts_the_same():
    rows = series(demands(6, 80, 0.3))
    known = fitted(Intermittent, rows)
    again = Intermittent.restored(known.state())
    assert again.predict([rows], 4).point.tolist() == known.predict([rows], 4).point.tolist()
    with pytest.raises(ValueError, match="probability"):
        state = known.state()
        Intermittent.restored(replace(state, arrays={**state.arrays, "parameters": np.array([[0.1, 0.9]])}))


@settings(derandomize=True, max_examples=150)
@given(st.lists(st.one_of(st.just(0.0), st.floats(0, 1e308)), min_size=1, max_size=40))
def test_the_forecast_lies_between_0_and_the_largest_demand(values: list[float]):
    found = forecast(Intermittent, series(values), 3)
    assert (found >= 0).all()
    assert (found <= max(values)).all()


def test_a_real_file_of_slow_sellers(shared_data: Path):
    with (shared_data / "field" / "intermittent__demand.csv").open() as file:
        table = list(csv.DictReader(file))
    items = {row["item"]: [] for row in table}
    for row in table:
        items[row["item"]].append(float(row["demand"]))
    given = [series(values, name=item) for item, values in items.items()]
    assert Intermittent.unsuitable(whole(*given), None) is None
    found = fitted(Intermittent, *given).predict(given, 8).point
    means = np.array([np.mean(values) for values in items.values()])
    assert ((found[:, 0, 0] > 0.2 * means) & (found[:, 0, 0] < 5 * means)).all()
