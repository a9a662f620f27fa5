"""Who trains, who chooses, who judges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.data.split import MOST_ORIGINS, Split, most_origins, origins, spaced_origins, split

LENGTHS = st.integers(4, 5000)
HORIZONS = st.integers(1, 600)


def test_a_long_series_gives_a_tenth_to_each_part():
    parts = split(2000, 48)
    assert (parts.horizon, parts.validation, parts.holdout) == (48, 200, 200)


def test_where_models_compete_validation_is_a_fifth():
    parts = split(2000, 48, contested=True)
    assert (parts.horizon, parts.validation, parts.holdout) == (48, 400, 200)


@pytest.mark.parametrize(("n_series", "validation"), [(1, 80), (2, 48), (4, 40), (1000, 40)])
def test_of_a_short_series_so_much_that_forecasts_enough_lie_apart(n_series: int, validation: int):
    assert split(200, 24, contested=True, n_series=n_series) == Split(24, validation, 40)


def test_a_short_series_is_measured_over_fewer_steps():
    parts = split(40, 24)
    assert parts.horizon == 10
    assert parts.validation == parts.holdout == 10


@given(LENGTHS, HORIZONS)
def test_training_keeps_at_least_half_and_every_part_holds_a_horizon(length, horizon):
    parts = split(length, horizon)
    assert 1 <= parts.horizon <= horizon
    assert parts.validation >= parts.horizon
    assert length - parts.validation - parts.holdout >= length / 2 - 1


@given(LENGTHS, HORIZONS)
def test_origins_leave_their_targets_inside_the_part(length, horizon):
    parts = split(length, horizon)
    found = origins(length, parts.holdout, parts.horizon)
    assert found
    assert len(found) <= MOST_ORIGINS + 1
    assert found[0] >= length - parts.holdout
    assert found[-1] + parts.horizon == length


def test_no_origin_where_the_part_is_shorter_than_the_horizon():
    assert origins(100, 5, 6) == []


def test_of_many_series_each_is_judged_from_fewer_origins():
    assert [most_origins(n) for n in (1, 50, 500, 100_000)] == [100, 100, 10, 4]
    assert len(origins(1000, 100, 10, most_origins(500))) == 10


def test_spaced_origins_end_with_the_last_possible():
    assert spaced_origins(100, 10, 3, 5) == [80, 85, 90]
    assert spaced_origins(12, 10, 3, 5) == [2]
