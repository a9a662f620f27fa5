"""Widths grow with the gaps of the newest rows, even where those that validate have none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from series_of import several

from tsforecast.data.panel import FloatArray
from tsforecast.data.series import Series
from tsforecast.evaluate.rolling import rolling_origin
from tsforecast.evaluate.thinned import thinned

HORIZON = 4


def last_seen(histories, horizon, _name) -> FloatArray:
    """The last observed value of each."""
    return np.stack([np.full((horizon, 1), h.values[h.observed[:, 0]][-1, 0]) for h in histories])


def line(n: int, gaps: list[int]) -> Series:
    values = np.arange(float(n))
    values[gaps] = np.nan
    return replace(several([np.arange(float(n))])[0], values=values[:, None])


def errors(series: Series, end: int) -> FloatArray | None:
    tested = rolling_origin(last_seen, [series], [[20, 21, 22]], ["last"], HORIZON, [20])
    found = thinned(last_seen, tested, [series], [end], "last", np.ones((1, 1)))
    return found[False].errors[:, :, 0] if found else None


def test_histories_lack_what_the_newest_rows_lack_counted_from_their_ends():
    # a line climbs by 1 a step: three rows that are missing before an origin cost 3 at each step
    got = errors(line(40, [37, 38, 39]), 40)
    assert got is not None
    np.testing.assert_array_equal(got, np.tile([4.0, 5.0, 6.0, 7.0], (3, 1)))


@pytest.mark.parametrize(("gaps", "end"), [([], 40), ([37, 38, 39], 36), ([5, 6], 40)])
def test_nothing_is_made_where_no_more_is_missing_than_before(gaps, end):
    assert errors(line(40, gaps), end) is None


def test_logarithms_are_compared_as_logarithms():
    series = line(40, [38, 39])
    tested = rolling_origin(last_seen, [series], [[20]], ["last"], HORIZON, [20])
    found = thinned(last_seen, tested, [series], [40], "last", np.ones((1, 1)))[True]
    np.testing.assert_allclose(found.errors[0, :, 0], np.log(np.arange(20, 24) / 17))
    np.testing.assert_array_equal(found.missing, [[0.5]])
    np.testing.assert_array_equal(found.sequence, [0])
