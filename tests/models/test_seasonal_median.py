"""The median of the last few seasons: known answers, and what stands out does not move it."""

from __future__ import annotations

import numpy as np
import pytest
from series_of import quiet, series, task

from tsforecast.models.contract import State
from tsforecast.models.naive import NoSettings
from tsforecast.models.seasonal_median import MedianRecipe, SeasonalMedian


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (MedianRecipe(1, 3, levelled=False), [7, 7, 7, 7]),
        (MedianRecipe(1, 100, levelled=False), [4.5, 4.5, 4.5, 4.5]),
        (MedianRecipe(3, 3, levelled=False), [2, 4, 10, 2]),
        # seasons less their medians: (-1, 0, 96), (-2, 0, 5), (-2, 0, 3); the last median is 7
        (MedianRecipe(3, 3, levelled=True), [5, 7, 12, 5]),
        # fewer rows than one season
        (MedianRecipe(30, 3, levelled=True), [4.5, 4.5, 4.5, 4.5]),
    ],
)
def test_forecasts_of_ten_values(recipe: MedianRecipe, expected: list[float]):
    rows = [4, 1, 2, 98, 2, 4, 9, 5, 7, 10]
    made = SeasonalMedian({"y": recipe}).predict([series(rows)], 4).point[0, :, 0]
    assert made.tolist() == expected


def test_what_is_missing_is_not_counted():
    rows = [1, 2, np.nan, 20, 3, 20]
    made = SeasonalMedian({"y": MedianRecipe(2, 3, levelled=False)}).predict([series(rows)], 2).point[0, :, 0]
    assert np.isfinite(made).all()
    assert made.tolist() == [2, 20]


def test_each_series_has_the_recipe_that_forecasts_it_best():
    rng = np.random.default_rng(0)
    season = np.tile([0.0, 5, 9, 2], 60)
    steady = season + np.where(rng.random(240) < 0.1, 50, 0)
    wandering = season + 0.5 * np.arange(240.0)
    flat = rng.standard_normal(240)
    given = task([steady, wandering, flat], 8, 80, season_length=4)
    made = SeasonalMedian.fit(given, NoSettings(), seed=0, tell=quiet)
    assert made.recipes["y0"] == MedianRecipe(4, 7, levelled=False)
    assert made.recipes["y1"][::2] == (4, True)
    assert made.recipes["y2"] == MedianRecipe(1, 100, levelled=False)


@pytest.mark.parametrize("recipe", [[4, 3], [0, 3, True], [4, 1000, True], [4, 3, 1], "x"])
def test_a_forged_recipe_is_refused(recipe):
    state = State({"recipes": {"y": recipe}, "common": [1, 25, False]})
    with pytest.raises((ValueError, TypeError)):
        SeasonalMedian.restored(state)
