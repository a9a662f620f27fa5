"""What recurrent forecasters do wrong, found by its look."""

from __future__ import annotations

import numpy as np
import pytest
from series_of import several

from tsforecast.evaluate import detectors

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


def test_a_forecast_that_runs_away_beyond_what_can_be_squared_is_not_flat():
    wild = WAVE.copy()
    wild[0] = 1e200 * np.arange(20)[:, None]
    assert not detectors.collapses_to_flat(wild, WAVE)
    assert detectors.runs_away(wild, np.full((2, 1), -1.0), np.full((2, 1), 1.0))


@pytest.mark.parametrize(("last", "found"), [(8.0, False), (5e3, False), (9e3, True), (-9e3, True), (np.nan, False)])
def test_a_series_explodes_beyond_a_thousand_times_its_earlier_range(last, found):
    (own,) = several([np.append(np.arange(50.0) % 8, last)])
    assert detectors.exploded(own, 50) is found
    assert not detectors.exploded(own, 51)


def test_origins_without_a_value_say_nothing_and_warn_of_nothing():
    actual = np.random.default_rng(0).standard_normal((9, 4, 1))
    actual[3] = np.nan
    assert detectors.collapses_to_flat(np.zeros_like(actual), actual)
    assert not detectors.collapses_to_flat(np.nan_to_num(actual), actual)
    assert not detectors.collapses_to_flat(np.zeros_like(actual), np.full_like(actual, np.nan))
