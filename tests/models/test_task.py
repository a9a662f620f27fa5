"""The task: which rows teach, which score, and how much each counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from series_of import column, series, several, sine, task

from tsforecast.data.series import Series
from tsforecast.errors import DataError
from tsforecast.models.naive import Naive
from tsforecast.models.task import Task, group_means, longest_season


def before(series: Series) -> np.ndarray:
    """Gaps filled with the last value seen."""
    values = series.values.copy()
    for t in range(1, len(values)):
        values[t] = np.where(np.isnan(values[t]), values[t - 1], values[t])
    return values


def test_the_training_rows_are_those_before_the_validation_rows():
    given = task([np.arange(20.0), np.arange(9.0)], horizon=2, n_validation=[5, 0])
    assert [len(s) for s in given.training] == [15, 9]


def test_origins_reach_from_the_last_training_row_to_a_horizon_before_the_end():
    given = task([np.arange(20.0), np.arange(9.0), np.arange(4.0)], horizon=3, n_validation=[5, 3, 2])
    assert given.origins == [(0, 15), (0, 16), (0, 17), (1, 6)]
    assert given.of_origin.tolist() == [0, 0, 0, 1]
    assert [h.values[-1, 0] for h in given.histories] == [14, 15, 16, 5]
    assert given.targets[:, :, 0].tolist() == [[15, 16, 17], [16, 17, 18], [17, 18, 19], [6, 7, 8]]


def test_a_series_that_only_trains_has_no_origin():
    assert {i for i, _ in task([np.arange(20.0)] * 2, 2, n_validation=[0, 2]).origins} == {1}
    assert {i for i, _ in task([np.arange(20.0)] * 2, 2, n_validation=[20, 2]).origins} == {1}


@pytest.mark.parametrize("n_validation", [11, 1])
def test_a_validation_part_shorter_than_the_horizon_is_refused(n_validation: int):
    with pytest.raises(DataError, match="horizon of 12"):
        _ = task([sine(240)], n_validation=n_validation).origins


def test_origins_are_thinned_evenly_and_keep_what_was_worked_out():
    given = task([np.arange(5000.0)], horizon=1, n_validation=4096, contested=True)
    assert len(given.origins) == 128
    assert given.origins[-1] == (0, 4999)
    thin = given.thinned(64)
    assert len(thin.origins) == 64
    assert set(thin.origins) <= set(given.origins)
    assert set(np.diff([n for _, n in thin.origins])) == {64}
    assert thin.thinned(1000).origins == thin.origins
    later = given.with_fitted({"naive": Naive()}, {"naive": 1.0})
    assert later.origins is given.origins
    assert later.leader == "naive"
    assert given.leader is None


@pytest.mark.parametrize("season_length", [7, 24, 30])
def test_origins_come_in_every_phase_of_the_season(season_length):
    given = task([np.arange(6000.0)], horizon=1, n_validation=128 * 24, season_length=season_length, contested=True)
    assert {n % season_length for _, n in given.origins} == set(range(season_length))


@pytest.mark.parametrize(("horizon", "n_blocks"), [(1, 4), (3, 2), (5, 1)])
def test_no_block_is_shorter_than_a_horizon(horizon, n_blocks):
    assert len(set(task([np.arange(40.0)], horizon, n_validation=8).blocks.tolist())) == n_blocks


def test_the_score_is_the_mean_absolute_error_over_the_typical_change():
    given = task([[0.0, 2.0] * 10 + [5.0, 6.0, 9.0]], horizon=3, n_validation=3)
    assert given.unit.tolist() == [2.0]
    assert given.score(Naive()) == pytest.approx((3 + 4 + 7) / 3 / 2)


def test_series_count_alike_however_many_origins_they_have():
    long, short = np.array([0.0, 1.0] * 20), np.array([0.0, 1.0] * 20)
    assert task([long, short], 1, n_validation=[19, 1]).score(Naive()) == pytest.approx(1.0)
    short[-1] = 3.0
    assert task([long, short], 1, n_validation=[19, 1]).score(Naive()) == pytest.approx((1 + 3) / 2)


def test_what_was_not_observed_is_not_scored_though_it_may_be_filled():
    rows = np.array([0.0, 2.0] * 10 + [5.0, np.nan, 9.0])
    given = Task([replace(series(rows), fill=before)], 3, [3])
    assert given.score(Naive()) == pytest.approx((3 + 7) / 2 / 2)
    rows[20:] = np.nan
    with pytest.raises(DataError, match="to validate"):
        _ = Task([replace(series(rows), fill=before)], 3, [3]).origins


def test_the_unit_of_a_constant_is_one_and_no_unit_is_far_below_the_spread():
    steps = np.repeat([0.0, 1000.0], 500)
    given = task([np.full(20, 7.0), steps], 1, n_validation=1)
    assert given.unit[0] == 1.0
    assert given.unit[1] == pytest.approx(0.01 * steps[:-1].std())


def test_blocks_are_four_stretches_of_time_a_series():
    given = task([np.arange(40.0), np.arange(20.0)], 1, n_validation=[8, 2])
    assert given.blocks.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 5]


def test_seasons_by_vote_and_the_longest():
    own = [series(column(*range(9)), m) for m in (7, 7, 12)]
    assert Task(own, 1, [1, 1, 1]).season_length == 7
    assert Task(own[1:], 1, [1, 1]).season_length == 12
    assert longest_season(own) == 12
    assert longest_season(several([np.arange(9.0)])) == 1


def test_group_means_of_the_groups_that_occur():
    assert group_means(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 2])).tolist() == [2, 5]


def test_whole_has_nothing_to_choose_by():
    given = Task.whole(several([np.arange(9.0)]), 2)
    assert len(given.training[0]) == 9
    assert given.n_channels == 1
