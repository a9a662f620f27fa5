"""The rolling origin with forecasters simple enough to check by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tsforecast.evaluate import detectors
from tsforecast.evaluate.rolling import rolling_origin


def plus_one(histories, _sequence, horizon, name):
    """Last value plus one a step, or the last value for ever."""
    slope = 1.0 if name == "plus-one" else 0.0
    steps = slope * np.arange(1, horizon + 1)
    return np.stack([h[-1][None, :] + steps[:, None] for h in histories])


def test_plus_one_is_perfect_on_a_line_and_naive_is_off_by_the_step():
    line = np.arange(50.0)[:, None]
    tested = rolling_origin(plus_one, [line], [[30, 40]], ["plus-one", "naive"], 4, [30])
    table = tested.table().set_index("model")
    assert table.loc["plus-one", "mae"] == 0
    assert table.loc["naive", "mae"] == pytest.approx(2.5)
    assert tested.by_step()["naive"].tolist() == [1, 2, 3, 4]
    assert tested.table()["model"].tolist() == ["plus-one", "naive"]


def test_a_forecaster_sees_only_the_rows_before_its_cutoff():
    seen = []

    def spy(histories, _sequence, horizon, _name):
        seen.extend(len(h) for h in histories)
        return np.zeros((len(histories), horizon, 1))

    rolling_origin(spy, [np.arange(50.0)[:, None]], [[10, 20]], ["spy"], 5, [10])
    assert seen == [10, 20]


def test_every_sequence_counts_the_same_in_mase():
    small, large = np.arange(40.0)[:, None], 1000 * np.arange(40.0)[:, None]
    tested = rolling_origin(plus_one, [small, large], [[30], [30]], ["naive"], 2, [30, 30])
    assert tested.mase("naive") == pytest.approx(1.5)


def test_mase_of_a_constant_is_undefined_and_mae_decides():
    flat = np.ones((40, 1))
    tested = rolling_origin(plus_one, [flat], [[30]], ["naive", "plus-one"], 2, [30])
    assert np.isnan(tested.mase("naive"))
    assert tested.table()["model"].tolist() == ["naive", "plus-one"]
    assert tested.error("plus-one") == 1.5


WAVE = np.sin(np.arange(40) / 3).reshape(2, 20, 1)


def test_a_copy_of_the_last_value_is_found():
    naive = np.repeat(WAVE[:, :1], 20, axis=1)
    assert detectors.copies_last_value(naive + 0.01, naive, WAVE)
    assert not detectors.copies_last_value(WAVE, naive, WAVE)


def test_a_flat_line_is_found():
    assert detectors.collapses_to_flat(np.full_like(WAVE, 0.3), WAVE)
    assert not detectors.collapses_to_flat(0.5 * WAVE, WAVE)


def test_running_away_is_found():
    low, high = np.full((2, 1), -1.0), np.full((2, 1), 1.0)
    assert not detectors.runs_away(WAVE, low, high)
    assert detectors.runs_away(WAVE * np.exp(np.arange(20) / 5)[None, :, None], low, high)
    assert detectors.runs_away(np.full_like(WAVE, np.nan), low, high)
