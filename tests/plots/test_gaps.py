"""Gaps are found as missing values and as missing rows, and lines are broken there."""

from __future__ import annotations

import numpy as np
from views import days

from tsforecast.plots.gaps import broken, gaps


def test_gaps_are_missing_values_and_missing_rows():
    ds, y = np.delete(days(50), 40), np.delete(np.where(np.isin(np.arange(50), range(20, 25)), np.nan, 1.0), 40)
    assert gaps(ds, y) == [(19, 25), (39, 40)]
    assert gaps(np.arange(5), np.array([np.nan, 1, 2, 3, np.nan])) == []


def test_irregular_steps_are_no_gaps_unless_long():
    ds = np.cumsum(np.tile([1, 2, 3], 20))
    assert gaps(ds, np.ones(60)) == []
    assert gaps(np.append(ds, ds[-1] + 500), np.ones(61)) == [(59, 60)]


def test_all_curves_are_broken_where_the_first_has_a_gap():
    stamps = np.delete(np.arange(20), [4, 5, 6])
    ds, y, other = broken(stamps, np.arange(17.0), 10 + np.arange(17.0))
    assert ds.tolist() == [0, 1, 2, 3, 7, *range(7, 20)]
    np.testing.assert_array_equal(y, np.insert(np.arange(17.0), 4, np.nan))
    np.testing.assert_array_equal(other, np.insert(10 + np.arange(17.0), 4, np.nan))


def test_a_gap_that_has_rows_of_its_own_needs_no_more():
    y = np.where(np.isin(np.arange(20), [4, 5, 6]), np.nan, 1.0)
    np.testing.assert_array_equal(broken(days(20), y)[1], y)


def test_a_whole_curve_stays_as_it_is():
    ds, y = broken(days(20), np.arange(20.0))
    np.testing.assert_array_equal(ds, days(20))
    np.testing.assert_array_equal(y, np.arange(20.0))
