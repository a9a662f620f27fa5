"""`Panel`: from frames and back, roles of columns, and the series it is made of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsforecast.data.frequency import Frequency
from tsforecast.data.panel import Panel, Schema
from tsforecast.errors import DataError, UsageError


def long():
    days = pd.date_range("2024-01-01", periods=5, tz="Europe/Berlin")
    shop = [
        {"shop": s, "day": d, "sales": i + 10.0 * (s == "b"), "price": 1.0} for s in "ba" for i, d in enumerate(days)
    ]
    return pd.DataFrame(shop)


def test_there_and_back():
    panel = Panel.from_frame(long(), id_col="shop", time_col="day", freq="D")
    assert (panel.ids, panel.freq, panel.schema) == (["a", "b"], "D", Schema("day", "shop", "Europe/Berlin"))
    expected = long().sort_values(["shop", "day"], ignore_index=True)
    pd.testing.assert_frame_equal(panel.to_frame(), expected, check_dtype=False)


def test_an_index_of_stamps_is_the_time():
    frame = pd.DataFrame({"y": [1.0, 2, 4]}, index=pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"]))
    panel = Panel.from_frame(frame)
    assert (panel.freq, panel.ids, panel.schema.id) == ("MS", [""], None)
    assert panel.to_frame()["y"].tolist() == [1, 2, 4]


@pytest.mark.parametrize("alias", ["D", "B", "W-WED", "15min", "MS", "ME", "BME", "MS-15", "MS-30", "QS-FEB", "YS-APR"])
def test_the_step_is_seen(alias):
    stamps = Frequency.of(alias).stamps("2024-01-01", 12)
    assert Panel.from_frame(pd.DataFrame({"ds": stamps, "y": 1.0})).freq == Frequency.of(alias).alias


def test_absent_rows_become_rows_of_nan():
    frame = pd.DataFrame({"ds": [3, 1, 2, 6], "y": [3, 1, 2, 6]})
    panel = Panel.from_frame(frame)
    np.testing.assert_array_equal(panel.values[:, 0], [1, 2, 3, np.nan, np.nan, 6])
    assert panel.freq == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.assign(note="text"), "not of numbers"),
        (lambda f: pd.concat([f, f.tail(1)]), "twice"),
        (lambda f: f.assign(day=f["day"] + pd.to_timedelta([0, 1] * 5, unit="h")), "not on a regular grid"),
        (lambda f: f.assign(day=f["day"].where(f.index != 3)), "missing stamp"),
        (lambda f: f.assign(sales=np.inf), "infinite"),
        (lambda f: f.head(0), "no rows"),
        (lambda f: f[["shop", "day"]], "no column of values"),
        (lambda f: f.rename(columns={"day": "date"}), "no column 'day'"),
    ],
)
def test_what_is_no_panel_is_refused(change, message):
    with pytest.raises(DataError, match=message):
        Panel.from_frame(change(long()), id_col="shop", time_col="day", freq="D")


def test_only_targets_are_series():
    panel = Panel.from_frame(long(), id_col="shop", roles={"price": "future"})
    assert [s.name for s in panel.series()] == ["a/sales", "b/sales"]
    assert (panel.columns("future"), panel.columns("target")) == (["price"], ["sales"])


@pytest.mark.parametrize(("roles", "error"), [({"prices": "past"}, DataError), ({"price": "covariate"}, UsageError)])
def test_a_role_must_be_one_of_a_column_there_is(roles, error):
    with pytest.raises(error):
        Panel.from_frame(long(), id_col="shop", roles=roles)


def gappy(joint=False):
    nan = np.nan
    frame = pd.DataFrame(
        {"unique_id": "a", "ds": np.arange(6), "x": [nan, 1, nan, 3, 4, nan], "z": [0, 1, nan, 3, 4, nan]}
    )
    empty = pd.DataFrame({"unique_id": "b", "ds": np.arange(2), "x": nan, "z": nan})
    return Panel(pd.concat([frame, empty], ignore_index=True), 1, Schema(joint=joint))


def test_edges_are_trimmed_and_empty_series_left_out():
    x, z = gappy().series()
    assert (x.name, x.start, x.cutoff, x.stamps.tolist()) == ("a/x", 1, 4, [1, 2, 3, 4])
    np.testing.assert_array_equal(x.values[:, 0], [1, np.nan, 3, 4])
    assert (z.start, len(z), z.observed[:, 0].tolist()) == (0, 5, [True, True, False, True, True])


def test_joint_targets_are_one_series():
    (both,) = gappy(joint=True).series()
    assert (both.channels, both.start, both.values.shape) == (("x", "z"), 0, (5, 2))


def test_series_are_made_once():
    panel = gappy()
    assert panel.series()[0] is panel.series()[0]
