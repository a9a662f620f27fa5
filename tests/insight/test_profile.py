"""The profile of a channel: its figures are those of its values."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tsforecast.insight.profile import ChannelProfile, Gap
from tsforecast.insight.stationarity import Trend


def profile(values: np.ndarray, **found) -> ChannelProfile:
    return ChannelProfile("", "load", np.arange(len(values)), values, **found)


@pytest.mark.parametrize("scale", [1.0, 1e-310, 1e-300, 1e160, 1e307])
def test_moments_neither_overflow_nor_vanish(scale: float):
    found = profile(scale * np.array([1.0, np.nan, 3.0, 5.0, np.inf])).moments()
    assert found is not None
    assert (found.mean, found.min, found.max) == pytest.approx((3 * scale, scale, 5 * scale))
    assert found.sd == pytest.approx(np.sqrt(8 / 3) * scale)


def test_the_smallest_and_the_largest_number_have_moments():
    tiny, large = profile(np.array([0.0, 5e-324])).moments(), profile(np.array([-1.7e308, 1.7e308])).moments()
    assert tiny is not None
    assert tiny.max == 5e-324
    assert large is not None
    assert (large.mean, large.sd) == (0.0, 1.7e308)


def test_nothing_seen_has_no_moments_and_is_null_in_json():
    empty = profile(np.full(4, np.nan))
    assert empty.moments() is None
    facts = empty.to_dict("h")
    assert (facts["mean"], facts["steps"], facts["missing"], facts["distinct"]) == (None, 4, 4, 0)


def test_zero_is_a_mean():
    assert profile(np.zeros(3)).to_dict(1)["mean"] == 0.0


def test_what_was_found_becomes_json():
    found = profile(
        np.arange(3.0), gaps=[Gap("a", "b", k) for k in range(9, 0, -1)], trend=Trend(1.0, 2.0, np.nan, "none")
    )
    facts = json.loads(json.dumps(found.to_dict("h"), allow_nan=False))
    assert facts["n_gaps"] == 9
    assert [gap["steps"] for gap in facts["longest_gaps"]] == [9, 8, 7, 6, 5]
    assert facts["trend"] == {"slope": 1.0, "rise": 2.0, "share": None, "direction": "none"}


def test_a_channel_is_named_by_its_series_where_there_are_several():
    assert profile(np.zeros(1)).name == "load"
    assert ChannelProfile("north", "load", np.arange(1), np.zeros(1)).name == "north/load"
