"""Errors and scales against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tsforecast.evaluate import metrics

NUMBERS = arrays("float64", 8, elements=st.floats(-1e6, 1e6))


def test_errors_of_a_small_table():
    actual, predicted = np.array([1.0, 2.0, 4.0]), np.array([2.0, 2.0, 1.0])
    assert metrics.mae(actual, predicted) == pytest.approx(4 / 3)
    assert metrics.rmse(actual, predicted) == pytest.approx(math.sqrt(10 / 3))
    assert metrics.smape(actual, predicted) == pytest.approx(200 * (1 / 3 + 0 + 3 / 5) / 3)


def test_missing_pairs_are_left_out_and_an_empty_slice_is_missing():
    actual = np.array([[1.0, np.nan], [np.nan, np.nan]])
    predicted = np.zeros((2, 2))
    assert metrics.mae(actual, predicted) == 1.0
    assert np.isnan(metrics.mae(actual, predicted, axis=0)).tolist() == [False, True]


def test_smape_of_zero_against_zero_is_zero():
    assert metrics.smape(np.zeros(3), np.zeros(3)) == 0


def test_naive_scale_of_a_line_is_its_slope_and_of_a_season_zero_is_undefined():
    line = 3.0 * np.arange(10)
    assert metrics.naive_scale(line) == 3
    assert metrics.naive_scale(line, season_length=2) == 6
    assert math.isnan(metrics.naive_scale(np.ones(10)))
    assert math.isnan(metrics.naive_scale(np.array([1.0])))


@given(NUMBERS, NUMBERS)
def test_mae_never_exceeds_rmse_and_smape_stays_within_200(actual, predicted):
    assert metrics.mae(actual, predicted) <= metrics.rmse(actual, predicted) + 1e-6
    assert 0 <= metrics.smape(actual, predicted) <= 200


def test_skill_against_a_reference():
    assert metrics.skill(1.0, 2.0) == 0.5
    assert metrics.skill(3.0, 2.0) == -0.5
    assert math.isnan(metrics.skill(1.0, 0.0))
