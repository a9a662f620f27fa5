"""Scaling changes no digit, and afterwards squares are harmless."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tsforecast.insight.scaling import unit_scaled


@given(arrays("float64", st.integers(0, 20), elements=st.floats(min_value=-1.7e308, max_value=1.7e308)))
def test_the_largest_is_between_a_half_and_one_and_comes_back(values):
    scaled, exponent = unit_scaled(values)
    largest = np.abs(scaled).max(initial=0.0)
    assert largest == 0 or 0.5 <= largest < 1
    at = int(np.argmax(np.abs(values))) if len(values) else None
    if at is not None:
        assert np.ldexp(scaled[at], exponent) == values[at]


def test_what_is_missing_stays_missing():
    scaled, exponent = unit_scaled(np.array([np.nan, 6.0, -np.inf]))
    assert exponent == 3
    np.testing.assert_array_equal(scaled, [np.nan, 0.75, -np.inf])
