from __future__ import annotations

import numpy as np
import pytest

from tsforecast.models.smoothing.batch import Batch, batches
from tsforecast.models.smoothing.deseasonalise import ADDITIVE, MULTIPLICATIVE, NONE, decompose, seasonal


def batch(*histories: np.ndarray, season_length: int) -> Batch:
    """Of one length, so that the order is kept."""
    (_, found), *_ = batches(histories, [season_length] * len(histories))
    return found


def kinds(found: Batch, kind: int) -> np.ndarray:
    return np.full(len(found.lengths), kind)


@pytest.mark.parametrize("m", [4, 5, 7, 12])
@pytest.mark.parametrize("n", [60, 67])
def test_a_line_with_a_fixed_season_comes_apart_exactly(m: int, n: int):
    t = np.arange(n)
    season = np.sin(np.arange(m) ** 2)
    season -= season.mean()
    found = batch(3 + 0.5 * t + season[t % m], season_length=m)
    seasons = decompose(found, kinds(found, ADDITIVE))
    np.testing.assert_allclose(seasons.added[:, 0], season, atol=1e-12)
    np.testing.assert_allclose(seasons.removed(found).values[:, 0], 3 + 0.5 * t, atol=1e-11)


def test_a_constant_times_a_season_comes_apart_exactly():
    season = np.array([0.5, 1.0, 2.0, 0.5])
    found = batch(np.tile(season, 6) * 7, season_length=4)
    seasons = decompose(found, kinds(found, MULTIPLICATIVE))
    np.testing.assert_allclose(seasons.factor[:, 0], season, rtol=1e-12)
    np.testing.assert_allclose(seasons.removed(found).values, 7, rtol=1e-12)
    np.testing.assert_allclose(seasons.restored(np.full((5, 1), 7.0), found.lengths)[:, 0], 7 * season[[0, 1, 2, 3, 0]])


def test_the_season_of_statsmodels():
    # statsmodels 0.14, seasonal_decompose(y, model="multiplicative", period=4).seasonal
    y = np.array([5.0, 8, 6, 9, 7, 10, 7, 12, 8, 11, 9, 14, 9])
    found = batch(y, season_length=4)
    expected = [0.842734478, 1.118563654, 0.815576541, 1.223125327]
    np.testing.assert_allclose(decompose(found, kinds(found, MULTIPLICATIVE)).factor[:, 0], expected, rtol=1e-6)


def test_series_of_several_lengths_are_as_they_are_alone():
    t = np.arange(80)
    rows = 20 + 0.1 * t + 3 * np.sin(2 * np.pi * t / 7) + np.sin(1.7 * t**2)
    (_, together), *_ = batches([rows, rows[:50], rows[:33]], [7, 7, 7])
    kind = seasonal(together)
    seasons = decompose(together, kind)
    for i, n in enumerate((80, 50, 33)):
        alone = batch(rows[:n], season_length=7)
        assert seasonal(alone)[0] == kind[i] == MULTIPLICATIVE
        np.testing.assert_allclose(decompose(alone, kind[i : i + 1]).factor[:, 0], seasons.factor[:, i], rtol=1e-12)


def test_the_test_finds_seasons_and_hardly_any_where_there_are_none():
    generator = np.random.default_rng(0)
    noise = generator.normal(size=(400, 72))
    cycle = np.sin(2 * np.pi * np.arange(72) / 12)
    assert (seasonal(batch(*noise, season_length=12)) > 0).mean() < 0.1
    assert (seasonal(batch(*(noise + 2 * cycle), season_length=12)) == ADDITIVE).mean() > 0.99
    assert (seasonal(batch(*(noise + 2 * cycle + 20), season_length=12)) == MULTIPLICATIVE).mean() > 0.99


def test_the_test_written_out():
    walks = np.random.default_rng(1).normal(size=(100, 60)).cumsum(axis=1)
    for walk, kind in zip(walks, seasonal(batch(*walks, season_length=6)), strict=True):
        x = walk - walk.mean()
        r = [(x[k:] * x[:-k]).sum() / (x * x).sum() for k in range(1, 7)]
        found = abs(r[5]) > 1.6448536 * np.sqrt((1 + 2 * sum(value**2 for value in r[:5])) / 60)
        assert (kind != NONE) == found


def test_what_is_too_short_or_not_positive_has_no_such_season():
    t = np.arange(24)
    cycle = np.sin(2 * np.pi * t / 12)
    short = batch(cycle[:23], season_length=12)
    assert seasonal(short).tolist() == [NONE]
    assert decompose(short, kinds(short, ADDITIVE)).kind.tolist() == [NONE]
    negative = batch(cycle, season_length=12)
    assert decompose(negative, kinds(negative, MULTIPLICATIVE)).kind.tolist() == [ADDITIVE]
    # every twelfth value is next to nothing
    pulses = batch(np.where(t % 12 == 0, 1e-4, 1.0), season_length=12)
    assert decompose(pulses, kinds(pulses, MULTIPLICATIVE)).kind.tolist() == [ADDITIVE]
