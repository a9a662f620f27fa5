"""The rolling origin with forecasters simple enough to check by hand."""

from __future__ import annotations

import numpy as np
import pytest
from series_of import series

from tsforecast.evaluate.rolling import rolling_origin


def plus_one(histories, horizon, name):
    """Last value plus one a step, or the last value for ever."""
    slope = 1.0 if name == "plus-one" else 0.0
    steps = slope * np.arange(1, horizon + 1)
    return np.stack([h.values[-1][None, :] + steps[:, None] for h in histories])


def test_plus_one_is_perfect_on_a_line_and_naive_is_off_by_the_step():
    line = series(np.arange(50.0))
    tested = rolling_origin(plus_one, [line], [[30, 40]], ["plus-one", "naive"], 4, [30])
    table = tested.table().set_index("model")
    assert table.loc["plus-one", "mae"] == 0
    assert table.loc["naive", "mae"] == pytest.approx(2.5)
    assert tested.by_step()["naive"].tolist() == [1, 2, 3, 4]
    assert tested.table()["model"].tolist() == ["plus-one", "naive"]


def test_a_forecaster_sees_only_the_rows_before_its_cutoff():
    seen = []

    def spy(histories, horizon, _name):
        seen.extend(h.values[:, 0].tolist() for h in histories)
        return np.zeros((len(histories), horizon, 1))

    rolling_origin(spy, [series(np.arange(50.0))], [[10, 20]], ["spy"], 5, [10])
    assert seen == [list(range(10)), list(range(20))]


def test_every_sequence_counts_the_same_in_mase():
    small, large = series(np.arange(40.0)), series(1000 * np.arange(40.0))
    tested = rolling_origin(plus_one, [small, large], [[30], [30]], ["naive"], 2, [30, 30])
    assert tested.mase("naive") == pytest.approx(1.5)


def test_mase_of_a_constant_is_undefined_and_mae_decides():
    flat = series(np.ones(40))
    tested = rolling_origin(plus_one, [flat], [[30]], ["naive", "plus-one"], 2, [30])
    assert np.isnan(tested.mase("naive"))
    assert tested.table()["model"].tolist() == ["naive", "plus-one"]
    assert tested.error("plus-one") == 1.5


def test_what_was_not_observed_is_not_counted():
    rows = np.arange(40.0)
    rows[31] = np.nan
    tested = rolling_origin(plus_one, [series(rows)], [[30]], ["naive"], 3, [30])
    assert np.isnan(tested.actual[0, 1, 0])
    assert float(tested.table()["mae"].iloc[0]) == (1 + 3) / 2


def test_an_error_of_rounding_is_none():
    rows = 1e6 + np.arange(40.0)

    def nearly(histories, horizon, _name):
        return plus_one(histories, horizon, "plus-one") * (1 + 1e-15)

    tested = rolling_origin(nearly, [series(rows)], [[30]], ["nearly"], 3, [30])
    assert tested.error("nearly") == 0


def test_series_without_a_cutoff_are_not_judged():
    tested = rolling_origin(plus_one, [series(np.arange(9.0))] * 2, [[], [5]], ["naive"], 2, [9, 5])
    assert tested.sequence.tolist() == [1]
    nothing = rolling_origin(plus_one, [series(np.arange(9.0))], [[]], ["naive"], 2, [9])
    assert (nothing.n_origins, nothing.predicted) == (0, {})
