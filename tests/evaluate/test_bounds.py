"""What values can be: right edges where the data show them, and none where they do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from series_of import series

from tsforecast.evaluate.bounds import Bounds, find

NONE = (-np.inf, np.inf)
UP = (0.0, np.inf)
RANDOM = np.random.default_rng(3)
DAY = np.sin(2 * np.pi * np.arange(480) / 24)
SATURATED = np.clip(80 + 40 * DAY + RANDOM.normal(0, 5, 480), 0, 100).round(1)


def edges(values, name="y", uid="") -> tuple[float, float]:
    own = replace(series(values, name=name), unique_id=uid)
    found = find([own], "auto").found
    low, high = found[own.name][0] if found else NONE
    return float(low), float(high)


@pytest.mark.parametrize(
    ("name", "values", "right"),
    [
        ("passengers", np.arange(104.0, 622.0), UP),
        ("sunspots", np.array([0.0, 3.2, 58.0, 0.0, 12.0]), UP),
        ("y", np.array([5.0, 4.0, -0.1]), NONE),
        ("y", np.zeros(20), UP),
        # the words for what has a sign, and words that only contain them
        *((name, 20 + 8 * DAY, NONE) for name in ("Temp, °F (LGR S/N: 1)", "temperature", "t2m", "temp_1", "TempOut")),
        *((name, 20 + 8 * DAY, NONE) for name in ("気温(℃)", "dewpoint", "pct_change", "net_flow", "day-ahead price")),
        *((name, 20 + 8 * DAY, UP) for name in ("attempts", "internet", "changeover_free", "total", "bytes")),
        # per cent by name
        ("soc_percent", 50 + 40 * DAY, (0.0, 100.0)),
        ("Humidity", 50 + 40 * DAY, (0.0, 100.0)),
        ("hit rate %", 50 + 40 * DAY, (0.0, 100.0)),
        ("平均湿度(％)", 50 + 40 * DAY, (0.0, 100.0)),
        ("relHumidity", 0.5 + 0.4 * DAY, (0.0, 1.0)),
        ("percent", 0.5 + 0.4 * DAY, UP),
        ("load %", 90 + 40 * DAY, UP),
        ("inflation %", 3 + DAY, NONE),
        # per cent by what values do: they come back to 100 and stand there
        ("y", SATURATED, (0.0, 100.0)),
        ("y", SATURATED / 100, (0.0, 1.0)),
        # and what only looks alike
        ("price", np.linspace(20, 99.5, 200), UP),
        ("price", np.arange(1.0, 101.0), UP),
        ("y", np.linspace(100, 20, 81), UP),
        ("y", np.r_[SATURATED, 100.1], UP),
        ("demand", np.tile([0.0, 1.0, 0.0, 0.0], 50), UP),
        ("count", RANDOM.integers(0, 101, 3000).astype(float), UP),
        ("y", np.r_[np.full(50, 100.0), np.linspace(99, 20, 80)], UP),
    ],
)  # fmt: skip
def test_edges(name, values, right):
    assert edges(values, name) == right


def test_the_name_of_a_series_counts_as_that_of_its_column():
    assert edges(20 + 8 * DAY, "state", uid="sensor.kitchen_temperature") == NONE
    assert edges(20 + 8 * DAY, "state", uid="sensor.kitchen_humidity") == (0.0, 100.0)


@pytest.mark.parametrize(
    ("unit", "right"), [("Deg C Avg", NONE), ("°C", NONE), ("kW", UP), ("", UP), ("%", (0.0, 100.0))]
)
def test_the_unit_counts_as_part_of_the_name(unit, right):
    own = series(50 + 40 * DAY, name="a")
    found = find([own], "auto", {"a": unit, "b": "%"}).found
    assert tuple(found["a"][0] if found else NONE) == right


def test_a_column_that_is_negative_in_one_series_has_no_lowest_value_in_any():
    a, b = (replace(series(v, name="sales"), unique_id=u) for v, u in (([1.0, 2, 3], "a"), ([1.0, -2, 3], "b")))
    assert find([a], "auto").of([a])[0, 0, 0].tolist() == list(UP)
    assert find([a, b], "auto").of([a, b])[:, 0, 0].tolist() == [list(NONE)] * 2


def test_what_is_wanted_holds_for_all_and_none_is_none():
    negative = series([-5.0, 5.0])
    assert find([negative], "none").of([negative])[0, 0, 0].tolist() == list(NONE)
    assert find([negative], (0.0, 3.0)).of([negative])[0, 0, 0].tolist() == [0.0, 3.0]
    assert find([negative], (0.0, 3.0)).hold([negative], np.array([[[-1.0], [np.nan], [9.0]]]))[0, :, 0] == (
        pytest.approx([0.0, np.nan, 3.0], nan_ok=True)
    )


def test_an_edge_that_the_history_at_hand_has_crossed_is_none():
    found = find([series([1.0, 2, 3])], "auto")
    later = series([1.0, 2, 3, -1])
    assert found.hold([later], np.full((1, 1, 1), -7.0)).item() == -7
    assert found.hold([later.until(3)], np.full((1, 1, 1), -7.0)).item() == 0


def test_a_series_that_is_not_known_has_what_all_of_the_others_have():
    known = [series([1.0, 2], name="a"), series([0.0, 5], name="b")]
    stranger = series([4.0, 4.0], name="c")
    assert find(known, "auto").of([stranger])[0, 0, 0].tolist() == list(UP)
    some = find([*known, series([-1.0, 5], name="d")], "auto")
    assert some.of([stranger])[0, 0, 0].tolist() == list(NONE)


def test_channels_of_joint_series_have_their_own():
    joint = series(np.stack([3 * np.abs(DAY), DAY], axis=1))
    assert find([joint], "auto").of([joint])[0, 0].tolist() == [list(UP), list(NONE)]


@pytest.mark.parametrize("wanted", ["auto", "none", (0.0, 5.0), (-np.inf, 5.0)])
def test_they_are_saved_as_plain_json_and_come_back(wanted):
    own = [series([1.0, 2], name="a"), series([-1.0, 5], name="b")]
    made = find(own, wanted)
    again = Bounds.from_dict(made.to_dict())
    assert again.to_dict() == made.to_dict()
    np.testing.assert_array_equal(again.of(own), made.of(own))


@pytest.mark.parametrize("asked", [[1.0, 0.0], [2.0, 2.0]])
def test_edges_with_nothing_between_them_are_refused(asked):
    with pytest.raises(ValueError, match="below"):
        Bounds.from_dict({"asked": asked, "found": {}})


@settings(derandomize=True, max_examples=200, deadline=None)
@given(arrays("float64", st.integers(1, 40), elements=st.floats(-200, 200)))
def test_no_edge_lies_within_the_history(values):
    low, high = edges(values)
    assert low <= values.min()
    assert high >= values.max()
