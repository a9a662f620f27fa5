"""The one path from moments to coefficients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge as SklearnRidge

from tsforecast.models.least_squares import moments, ridge_coefficients, ridge_from_rows

PENALTIES = [0.1, 7.0, 300.0]


def rows(seed: int, n_outputs: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((60, 5)) * [1, 2, 3, 4, 5], rng.standard_normal((60, n_outputs))


@given(seed=st.integers(0, 1000), n_outputs=st.integers(1, 3))
def test_every_penalty_agrees_with_scikit_learn(seed: int, n_outputs: int):
    x, y = rows(seed, n_outputs)
    found = ridge_coefficients(*moments([(x[:25], y[:25]), (x[25:], y[25:])]), PENALTIES)
    for penalty, coefficients in zip(PENALTIES, found, strict=True):
        reference = SklearnRidge(alpha=penalty, fit_intercept=False, solver="svd").fit(x, y)
        np.testing.assert_allclose(coefficients, np.atleast_2d(reference.coef_).T, atol=1e-9)


def test_with_no_news_coefficients_shrunk_towards_themselves_stay_themselves():
    x, old = rows(0)[0], np.random.default_rng(1).standard_normal((5, 2))
    gram, moment = moments([(x, x @ old)])
    assert ridge_coefficients(gram, moment, [1e5], old)[0] == pytest.approx(old)
    assert np.abs(ridge_coefficients(gram, moment, [1e5])[0]).sum() < np.abs(old).sum() / 2


def test_a_penalty_of_rows_is_in_columns_of_unit_size_and_counts_for_each_row():
    x, y = rows(3)
    size = np.sqrt((x**2).mean(axis=0))
    reference = SklearnRidge(alpha=0.5 * len(x), fit_intercept=False, solver="svd").fit(x / size, y)
    np.testing.assert_allclose(ridge_from_rows(x, y, [0.5])[0], reference.coef_.T / size[:, None], atol=1e-12)


def test_columns_that_nearly_depend_on_each_other_keep_their_digits():
    x = np.random.default_rng(0).standard_normal((50, 1))
    x = np.concatenate([x, x + 1e-9 * np.random.default_rng(1).standard_normal((50, 1))], axis=1)
    y = x @ np.array([[1.0], [1.0]])
    np.testing.assert_allclose(x @ ridge_from_rows(x, y, [1e-15])[0], y, atol=1e-9)
