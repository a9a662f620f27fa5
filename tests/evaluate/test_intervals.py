"""Conformal widths: the finite-sample rank, coverage on fresh data, refusal where errors are too few."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tsforecast.evaluate import intervals


def test_the_width_is_the_finite_sample_rank():
    errors = np.arange(1.0, 100.0).reshape(99, 1, 1)  # 99 errors, 1 to 99
    made = intervals.calibrate(errors, (80.0, 95.0), log=False)
    assert made.widths[:, 0].tolist() == [80.0, 95.0]  # ceil(100 * level)
    assert made.counts.tolist() == [99]


def test_a_level_the_errors_cannot_support_is_left_empty():
    made = intervals.calibrate(np.ones((10, 1, 1)), (80.0, 95.0), log=False)
    assert made.widths[0, 0] == 1
    assert np.isnan(made.widths[1, 0])
    assert made.unsupported(1) == [95.0]
    assert made.unsupported(2) == [80.0, 95.0]


def test_few_errors_at_a_step_are_pooled_with_its_neighbours():
    errors = np.ones((3, 100, 1)) * np.arange(100)[None, :, None]
    made = intervals.calibrate(errors, (80.0,), log=False)
    assert (made.counts >= intervals.POOL).all()
    assert made.widths[0, 10] < made.widths[0, 90]


def test_coverage_on_fresh_errors_is_close_to_nominal():
    rng = np.random.default_rng(0)
    made = intervals.calibrate(np.abs(rng.standard_normal((400, 5, 1))), (80.0, 95.0), log=False)
    fresh = np.abs(rng.standard_normal((4000, 5, 1)))
    assert intervals.coverage(fresh, made, 80.0) == pytest.approx(80, abs=2.5)
    assert intervals.coverage(fresh, made, 95.0) == pytest.approx(95, abs=1.5)


def test_steps_beyond_the_measured_ones_are_neither_covered_nor_missed():
    made = intervals.calibrate(np.ones((50, 2, 1)), (80.0,), log=False)
    errors = np.array([[[0.5], [2.0], [9.0]]])
    assert intervals.coverage(errors, made, 80.0) == 50


def test_intervals_scale_with_the_sequence_and_stop_where_nothing_was_measured():
    made = intervals.calibrate(np.ones((50, 2, 1)), (80.0,), log=False)
    low, high = made.interval(np.zeros((2, 3, 1)), np.array([[[1.0]], [[10.0]]]), 80.0)
    assert high[:, :2, 0].tolist() == [[1, 1], [10, 10]]
    assert (low[:, :2] == -high[:, :2]).all()
    assert np.isnan(high[:, 2]).all()


def test_intervals_of_a_log_model_are_ratios_and_stay_positive():
    actual, yhat = np.full((50, 1, 1), 2.0), np.full((50, 1, 1), 1.0)
    errors = intervals.scores(actual, yhat, np.ones(1), log=True)
    made = intervals.calibrate(errors, (80.0,), log=True)
    low, high = made.interval(np.full((1, 1, 1), 10.0), np.ones((1, 1, 1)), 80.0)
    assert high.item() == pytest.approx(20)
    assert low.item() == pytest.approx(5)


def test_no_errors_give_no_widths():
    made = intervals.calibrate(np.empty((0, 1, 1)), (80.0,), log=False)
    assert np.isnan(made.widths).all()
    assert np.isnan(intervals.coverage(np.empty((0, 1, 1)), made, 80.0))


@pytest.mark.parametrize(
    ("covered", "level", "n", "short"),
    [
        # 1.645 standard deviations of 100 forecasts at 80 % are 6.58 points
        (73.4, 80.0, 100, True),
        (73.5, 80.0, 100, False),
        (99.0, 80.0, 100, False),
        # of one forecast little is not too little, of none nothing is
        (20.0, 80.0, 1, False),
        (15.8, 80.0, 28 / 24, True),
        (0.0, 80.0, 0, False),
        (np.nan, 80.0, 100, False),
    ],
)
def test_when_coverage_falls_short(covered, level, n, short):
    assert intervals.falls_short(covered, level, n) is short


def test_widened_they_cover_what_they_fell_short_of_and_keep_their_shape():
    rng = np.random.default_rng(0)
    growing = np.sqrt(np.arange(1.0, 6.0))[None, :, None]
    trial = intervals.calibrate(growing * np.abs(rng.standard_normal((200, 5, 1))), (80.0, 95.0), log=False)
    judged = 3 * growing * np.abs(rng.standard_normal((200, 5, 1)))
    made, factor = intervals.widened(trial, trial, judged, 80.0)
    assert factor == pytest.approx(3, rel=0.1)
    assert intervals.coverage(judged, made, 80.0) == pytest.approx(80, abs=0.2)
    np.testing.assert_allclose(made.widths[0], factor * trial.widths[0])
    assert (made.widths[1] >= made.widths[0]).all()
    # never narrower than they were, and empty where they were empty
    wide = replace(trial, widths=np.array([[100.0, 0, 0, 0, np.nan]] * 2))
    again, _ = intervals.widened(wide, trial, judged, 80.0)
    assert again.widths[0, 0] == 100
    assert np.isnan(again.widths[:, 4]).all()


def test_widths_of_nothing_are_not_widened():
    trial = intervals.calibrate(np.zeros((50, 2, 1)), (80.0,), log=False)
    assert intervals.widened(trial, trial, np.ones((50, 2, 1)), 80.0) == (trial, 1.0)
