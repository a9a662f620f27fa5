"""The forecasts that cost nothing: known answers."""

from __future__ import annotations

import numpy as np
import pytest
from series_of import column, quiet, series, task

from tsforecast.model_config import WindowConfig
from tsforecast.models.drift import Drift
from tsforecast.models.naive import Naive, NoSettings
from tsforecast.models.seasonal_naive import SeasonalNaive


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Naive(), [5, 5, 5, 5, 5]),
        (SeasonalNaive(3), [2, 4, 5, 2, 4]),
        (Drift(4), [6, 7, 8, 9, 10]),
        (Drift(2), [6, 7, 8, 9, 10]),
        (Drift(1), [5, 5, 5, 5, 5]),
    ],
)
def test_forecasts_of_four_values(model, expected):
    ahead = model.predict([series([2, 2, 4, 5]), series([2, 2, 4, 5])], 5)
    assert ahead.point.shape == (2, 5, 1)
    assert ahead.point[1, :, 0].tolist() == expected


def test_the_last_value_of_every_channel_goes_on():
    assert Naive().predict([series([[1, 10], [2, 20]])], 2).point[0].tolist() == [[2, 20], [2, 20]]


def test_drift_of_one_row_is_flat():
    assert Drift(3).predict([series([3])], 2).point[0, :, 0].tolist() == [3, 3]


def test_drift_looks_as_far_back_as_the_others_do():
    given = task([np.arange(100.0)], horizon=5, n_validation=10)
    settings = WindowConfig(context_length=17)
    assert Drift.fit(given, settings, seed=0, tell=quiet).context_length == given.shape(settings).context_length == 17


def test_each_series_has_its_own_season():
    weekly, other = series([1, 2, 3, 4], 2, "weekly"), series([1, 2, 3, 4], 3, "other")
    given = task([column(*range(40))] * 3, season_length=2)
    given.series.append(other)
    given.n_validation.append(1)
    model = SeasonalNaive.fit(given, NoSettings(), seed=0, tell=quiet)
    assert model.history_length == 3
    found = model.predict([weekly, other], 4).point[:, :, 0]
    assert found.tolist() == [[3, 4, 3, 4], [2, 3, 4, 2]]


def test_without_a_season_there_is_none_to_repeat():
    assert "--season-length" in SeasonalNaive.unsuitable(task([column(*range(40))]), NoSettings())
