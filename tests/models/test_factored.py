"""The factored model: series it fits exactly, kinds of periods, errors that fade, and what does not suit it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from series_of import quiet, series, task

from tsforecast.errors import DataError
from tsforecast.models.contract import State
from tsforecast.models.factored import Factored
from tsforecast.models.factors import Way, _faded, continued
from tsforecast.models.task import Task

SHAPE = np.array([0.5, 1.0, 2.0, 0.5])


@pytest.mark.parametrize(
    ("way", "values", "expected"),
    [
        (Way(4, multiplicative=True), np.outer(np.full(9, 7.0), SHAPE).ravel(), [3.5, 7, 14, 3.5, 3.5, 7]),
        (Way(4), (np.full(9, 7.0)[:, None] + SHAPE - 1).ravel(), [6.5, 7, 8, 6.5, 6.5, 7]),
        (Way(4), np.full(3, 5.0), np.full(6, 5.0)),
        (Way(4, multiplicative=True), np.zeros(20), np.zeros(6)),
        # two kinds that take turns: what follows is of the first
        (Way(2, 2), np.tile([1.0, 3.0, 13.0, 11.0], 40), [1.3, 2.7, 12.7, 11.3, 1.3, 2.7]),
    ],
)
def test_what_follows_a_series_it_fits(way: Way, values: np.ndarray, expected: object):
    np.testing.assert_allclose(continued(values, way, 6), expected, atol=0.35 if way.kinds > 1 else 1e-9)


def test_levels_that_come_again_are_learnt():
    """Weeks of five high days and two low ones, each of four steps."""
    levels = np.tile([10.0, 10, 10, 10, 10, 4, 4], 12)
    values = np.outer(levels, SHAPE).ravel()
    found = continued(values, Way(4, 7, multiplicative=True), 28).reshape(7, 4).mean(axis=1)
    np.testing.assert_allclose(found, levels[:7], atol=0.5)


def test_what_the_newest_row_lies_above_its_shape_fades_as_it_did_before():
    ended = np.array([4.0, -2.0, 3.0])
    missed = np.outer(ended, 0.5 * np.exp(-np.arange(1, 13) / 4))  # half of it, over a third of a period
    np.testing.assert_allclose(_faded(ended, missed, 5), 0.5 * np.exp(-np.arange(1, 6) / 4), rtol=1e-6)
    np.testing.assert_array_equal(_faded(ended, -missed, 5), np.zeros(5))
    np.testing.assert_array_equal(_faded(ended[:0], missed[:0], 5), np.zeros(5))


def test_it_finds_that_levels_are_factors_and_keeps_within_its_rows():
    rng = np.random.default_rng(0)
    levels = 50 * np.exp(np.cumsum(0.2 * rng.standard_normal(60)))
    values = np.outer(levels, SHAPE).ravel() * np.exp(0.01 * rng.standard_normal(240))
    given = task([values], horizon=8, n_validation=48, season_length=4, asked="factored")
    model = Factored.fit(given, Factored.Settings(), seed=0, tell=quiet)
    assert model.ways == {"y0": Way(4, multiplicative=True)}
    assert model.history_length == 4 * 84
    assert "level times shape of 4 steps" in model.notes[0]


def test_who_suits_it():
    short, seasonal = (task([np.arange(float(n))], 4, 8, season_length=100) for n in (300, 900))
    assert "4 periods" in str(Factored.unsuitable(short, Factored.Settings()))
    assert Factored.unsuitable(seasonal, Factored.Settings()) is None
    daily = task([np.arange(300.0)], 4, 8, season_length=24)
    assert "longer than 95" in str(Factored.unsuitable(daily, Factored.Settings()))
    assert Factored.unsuitable(replace(daily, asked="factored"), Factored.Settings()) is None
    mixed = Task([seasonal.series[0], replace(daily.series[0], season_lengths=())], 4, [8, 8])
    assert "1 series have no season" in str(Factored.unsuitable(mixed, Factored.Settings()))


def test_a_missing_row_is_refused():
    values = np.arange(40.0)
    values[-3] = np.nan
    with pytest.raises(DataError, match="misses values"):
        Factored({"y": Way(4)}).predict([series(values)], 4)


@pytest.mark.parametrize("way", [[], [4, 1], [1, 1, True], [4, 0, True], [4, 1, 1], "4", [4, 1, True, True]])
def test_forged_ways_are_refused(way: object):
    with pytest.raises(ValueError, match="way|number"):
        Factored.restored(State({"ways": {"y": way}}))
