"""Ticks fall on round places and say no more than needed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.plots.ticks import calendar_labels, calendar_ticks, stamp_text, stamp_texts, value_labels, value_ticks


@pytest.mark.parametrize(
    ("low", "high", "most", "labels"),
    [
        (0, 1, 6, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.13, 0.42, 4, ["0.2", "0.3", "0.4"]),
        (-3, 12, 4, ["0", "5", "10"]),
        (0, 31_000, 4, ["0", "10,000", "20,000", "30,000"]),
        (1e12, 3e12, 3, ["1e12", "2e12", "3e12"]),
        (1e-9, 2.2e-9, 3, ["1e-9", "1.5e-9", "2e-9"]),
        (1_000_000.1, 1_000_000.4, 4, ["1,000,000.1", "1,000,000.2", "1,000,000.3", "1,000,000.4"]),
    ],
)
def test_values(low, high, most, labels):
    assert value_labels(value_ticks(low, high, most)) == labels


@pytest.mark.parametrize(("low", "high"), [(5e-324, 1e-323), (-1e-310, 1e-310)])
def test_values_at_the_edge_of_what_can_be_divided(low, high):
    assert value_ticks(low, high, 5).tolist() == [low]
    assert len(value_labels(value_ticks(low, high, 5))) == 1


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.0, 5e-324, [0.0]),
        (-5e-324, 5e-324, [-5e-324]),
        (1e-310, 3e-310, [1e-310]),
        (2.2250738585072014e-308, 1e-305, [2.2250738585072014e-308]),
        (5e-324, 1.0, [0.0, 0.5, 1.0]),
        (0.0, 1e-300, [0.0, 5e-301, 1e-300]),
        (-1e308, 1e308, [-1e308, 0.0, 1e308]),
        (-1.7e308, 1.7e308, [-1e308, 0.0, 1e308]),
        (0.0, 1.7e308, [0.0, 1e308]),
    ],
)
def test_values_at_the_ends_of_what_a_number_can_be(low, high, ticks):
    found = value_ticks(low, high, 3)
    np.testing.assert_allclose(found, ticks, rtol=1e-12, atol=0)
    assert len(set(value_labels(found))) == len(found)


def test_ticks_far_from_zero_and_close_together_read_apart():
    found = value_labels(np.array([1e9, 1e9 + 0.5, 1e9 + 1]))
    assert found == ["1e9", "1.0000000005e9", "1.000000001e9"]


def test_a_subnormal_number_has_a_label():
    assert value_labels(np.array([5e-324])) == ["4.941e-324"]


@pytest.mark.parametrize(
    ("value", "label"), [(10_000.0, "10,000"), (20.0, "20"), (0.5, "0.5"), (-12.5, "-12.5"), (0.0, "0"), (3e8, "3e8")]
)
def test_one_value_alone(value, label):
    assert value_labels(np.array([value])) == [label]


@given(st.floats(-1e12, 1e12), st.floats(1e-6, 1e12), st.integers(1, 12))
def test_value_ticks_lie_within_evenly_and_read_apart(low, span, most):
    high = low + span
    if not high > low + abs(low) * 1e-9:
        return
    ticks = value_ticks(low, high, most)
    assert 1 <= len(ticks) <= most
    slack = 1e-6 * (high - low)
    assert (ticks >= low - slack).all()
    assert (ticks <= high + slack).all()
    assert np.ptp(np.diff(ticks)) <= slack if len(ticks) > 2 else True
    assert len(set(value_labels(ticks))) == len(ticks)
    # One value alone is written with four digits: it has no neighbour to be told from.
    exact = {"rel": 1e-6, "abs": slack} if len(ticks) > 1 else {"rel": 1e-3}
    for text, tick in zip(value_labels(ticks), ticks, strict=True):
        assert float(text.replace(",", "")) == pytest.approx(tick, **exact)


@pytest.mark.parametrize(
    ("first", "last", "most", "labels"),
    [
        ("2015-01-20", "2015-02-01", 6, ["2015-01-21", "01-23", "01-25", "01-27", "01-29", "01-31"]),
        (
            "2015-01-30T12:00",
            "2015-02-01",
            8,
            ["2015-01-30 12:00", "18:00", "01-31", "06:00", "12:00", "18:00", "02-01"],
        ),
        ("1949-01-01", "1960-12-01", 8, ["1950", "1952", "1954", "1956", "1958", "1960"]),
        ("2014-11-20", "2015-03-02", 5, ["2014-12", "2015-01", "2015-02", "2015-03"]),
        ("2014-12-20", "2015-01-10", 5, ["2014-12-22", "12-29", "2015-01-05"]),
    ],
)
def test_calendar(first, last, most, labels):
    assert calendar_labels(*calendar_ticks(np.datetime64(first), np.datetime64(last), most)) == labels


@given(st.integers(0, 4 * 10**15), st.integers(0, 4 * 10**15), st.integers(1, 12))
def test_calendar_ticks_lie_within(start, span, most):
    first = np.datetime64(start, "us")
    last = first + np.timedelta64(span, "us")
    ticks, unit = calendar_ticks(first, last, most)
    assert 1 <= len(ticks) <= most
    assert (ticks >= first).all()
    assert (ticks <= last).all()
    labels = calendar_labels(ticks, unit)
    # A clock may come back on another day, which is named in between; two neighbours never read the same.
    assert all(one != other for one, other in pairwise(labels))


def test_stamps_leave_out_what_is_zero_in_all_of_them():
    assert stamp_text(np.datetime64("2015-01-31")) == "2015-01-31"
    assert stamp_text(np.datetime64("2015-01-31T23:30")) == "2015-01-31 23:30"
    assert stamp_text(np.int64(12_000)) == "12,000"
    assert stamp_texts(np.array(["2015-01-31T00:00", "2015-01-31T00:30"], dtype="datetime64[us]")) == [
        "2015-01-31 00:00",
        "2015-01-31 00:30",
    ]
    assert stamp_text(np.datetime64("2015-01-31T00:00:00.250")) == "2015-01-31 00:00:00.250000"
