"""Valid prediction times and distances between attractors, by known answers."""

from __future__ import annotations

import numpy as np
import pytest

from tsforecast.evaluate.validity import attractor_distance, valid_steps


def test_a_forecast_is_valid_until_its_error_first_exceeds_four_tenths_of_the_deviation():
    actual = np.zeros((3, 5, 1))
    predicted = np.array([[0, 0.7, 0.9, 0, 0], [0.81, 0, 0, 0, 0], [0.8, 0.8, 0.8, 0.8, 0.8]])[:, :, None]
    assert valid_steps(actual, predicted, np.full((3, 1), 2.0)).tolist() == [2, 0, 5]


def test_the_error_of_a_state_is_the_root_mean_square_over_its_coordinates():
    actual = np.zeros((1, 2, 2))
    predicted = np.array([[[0.5, 0.0], [0.0, 6.0]]])
    assert valid_steps(actual, predicted, np.array([[1.0, 10.0]])).tolist() == [1]


def test_what_is_missing_is_not_valid():
    assert valid_steps(np.zeros((1, 3, 1)), np.array([[[0.0], [np.nan], [0.0]]]), np.ones((1, 1))).tolist() == [1]


def test_what_was_not_observed_says_nothing():
    actual = np.array([[[0.0], [np.nan], [0.0], [0.0]]])
    predicted = np.array([[[0.0], [9.0], [0.0], [9.0]]])
    assert valid_steps(actual, predicted, np.ones((1, 1))).tolist() == [3]
    state = np.array([[[0.0, np.nan], [0.0, 0.0]]])
    assert valid_steps(state, np.array([[[0.5, 9.0], [0.0, 0.0]]]), np.ones((1, 2))).tolist() == [0]
    assert valid_steps(state, np.array([[[0.3, 9.0], [0.0, 0.9]]]), np.ones((1, 2))).tolist() == [1]


def logistic(n: int, x: float) -> np.ndarray:
    found = np.empty(n)
    for i in range(n):
        x = 4 * x * (1 - x)
        found[i] = x
    return found


def test_a_run_of_the_same_map_is_near_and_a_constant_one_is_far():
    actual = logistic(1500, 0.3).reshape(1, -1)
    same = attractor_distance(actual, actual, 1, 2, 1)
    other = attractor_distance(actual, logistic(1500, 0.41).reshape(1, -1), 1, 2, 1)
    flat = attractor_distance(actual, np.full((1, 1500), 0.5), 1, 2, 1)
    assert (same.spectrum, same.distribution, same.dimension) == (pytest.approx(0, abs=1e-7), 0, 0)
    assert other.spectrum < 0.2
    assert other.distribution < 0.1
    assert abs(other.dimension) < 0.2
    assert flat.distribution > 0.8
    assert np.isnan(flat.dimension)


def test_the_distances_are_those_of_the_books():
    time = np.arange(2000)
    slow, fast = np.sin(2 * np.pi * time / 100), np.sin(2 * np.pi * time / 7.3)
    far = attractor_distance(slow[None], fast[None], 10, 2, 50)
    assert far.spectrum > 0.99
    assert far.distribution < 0.05
    shifted = attractor_distance(slow[None], slow[None] + 0.5, 10, 2, 50)
    assert shifted.distribution == pytest.approx(0.5 / slow.std())
    assert shifted.spectrum == pytest.approx(0, abs=1e-6)
