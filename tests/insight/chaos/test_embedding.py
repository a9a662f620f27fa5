"""Delay vectors are the values at their lags, and none crosses a gap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.errors import UsageError
from tsforecast.insight.chaos.embedding import embed


def test_embedding_of_a_count_shows_the_order_of_elements() -> None:
    vectors, rows = embed(np.arange(6.0), delay=2, dimension=3)
    assert vectors.tolist() == [[4, 2, 0], [5, 3, 1]]
    assert rows.tolist() == [4, 5]


def test_channels_stay_together_within_a_lag() -> None:
    vectors, _ = embed(np.column_stack([np.arange(4.0), 10 + np.arange(4.0)]), delay=1, dimension=2)
    assert vectors[0].tolist() == [1, 11, 0, 10]


def test_vectors_that_touch_a_gap_are_left_out() -> None:
    x = np.arange(10.0)
    x[4] = np.nan
    vectors, rows = embed(x, delay=1, dimension=3)
    assert rows.tolist() == [2, 3, 7, 8, 9]
    assert np.isfinite(vectors).all()


@given(n=st.integers(0, 30), delay=st.integers(1, 4), dimension=st.integers(1, 4))
def test_each_element_is_the_value_at_its_lag(n: int, delay: int, dimension: int) -> None:
    x = np.random.default_rng(n).normal(size=n)
    vectors, rows = embed(x, delay, dimension)
    assert len(vectors) == max(0, n - (dimension - 1) * delay)
    for k in range(dimension):
        np.testing.assert_array_equal(vectors[:, k], x[rows - k * delay])


@pytest.mark.parametrize(("delay", "dimension"), [(0, 2), (2, 0)])
def test_delay_and_dimension_are_positive(delay: int, dimension: int) -> None:
    with pytest.raises(UsageError):
        embed(np.arange(9.0), delay, dimension)
