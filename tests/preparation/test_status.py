"""One bad series never stops the others, and never vanishes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from prepare_tables import hourly, table

from tsforecast import io
from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.data.panel import Schema, Table
from tsforecast.preparation import prepare
from tsforecast.preparation.replay import replay

N = 60


def good(seed):
    return np.random.default_rng(seed).normal(size=N)


def months(n=N, start="2019-01-01", freq="MS"):
    return pd.date_range(start, periods=n, freq=freq)


def panel(*bad, n_good=3):
    """Good monthly series a, b, c, and others given as (id, stamps, values)."""
    parts = [(uid, months(), good(i)) for i, uid in enumerate("abc"[:n_good])]
    stamps, values, ids = [], [], []
    for uid, ds, y in [*parts, *bad]:
        stamps += list(ds)
        values += list(y)
        ids += [uid] * len(y)
    return table(stamps, values, ids=ids)


def told(prepared, uid="bad"):
    (status,) = [s for s in prepared.status if s.unique_id == uid]
    return status.state, status.reason


HOLE = np.where((np.arange(N) > 20) & (np.arange(N) < 35), np.nan, good(9))


@pytest.mark.parametrize(
    ("stamps", "values", "config", "state", "reason"),
    [
        (months(), np.full(N, np.nan), {}, "left out", "no value"),
        (months(), np.full(N, 7.0), {}, "doubtful", "constant: every value is 7"),
        (months(1, "2023-12-01"), [1.0], {}, "left out", "only 1 row of values"),
        (months(2, "2023-11-01"), [1.0, 2], {}, "left out", "only 2 rows of values"),
        (months(6, "2023-07-01"), good(9)[:6], {}, "doubtful", "only 6 rows of values"),
        (months(), HOLE, {"max_gap": 6}, "doubtful", "a gap of 14 steps is longer than --max-gap 6"),
        (months(), HOLE, {"max_gap": 14}, "ok", ""),
        (months(), HOLE, {"impute": "none"}, "doubtful", "a gap of 14 steps is left open by --impute none"),
        (months(30), good(9)[:30], {}, "doubtful", "ends at 2021-06-01, 30 steps (2.5 years) before the latest"),
        (months(30), good(9)[:30], {"max_stale": 24}, "left out", "before the latest, more than --max-stale 24"),
        (months(30), good(9)[:30], {"max_stale": 30}, "doubtful", "ends at 2021-06-01"),
        (months(58), good(9)[:58], {}, "ok", ""),
        (
            months(N, "2023-01-01", "D"),
            good(9),
            {},
            "left out",
            "its rows are 1 day apart, those of most 31 days",
        ),
        (months(12, "2021-01-01", "QS"), good(9)[:12], {}, "left out", "its rows are 91 days apart"),
    ],
)
def test_a_bad_series_is_named_and_the_others_go_on(stamps, values, config, state, reason):
    prepared = prepare(panel(("bad", stamps, values)), PrepareConfig(**config))
    found = told(prepared)
    assert found[0] == state
    assert (found[1] == "") if reason == "" else reason in found[1], found
    assert prepared.panel.freq == "MS"
    assert [s.state for s in prepared.status if s.unique_id in "abc"] == ["ok"] * 3
    expected = ["a", "b", "bad", "c"] if state != "left out" else ["a", "b", "c"]
    assert [s.unique_id for s in prepared.status if s.state != "left out"] == expected


def test_the_rows_of_a_series_at_another_step_are_in_the_ledger():
    given = panel(("bad", months(9, "2023-01-01", "D"), np.arange(9.0)))
    prepared = prepare(given)
    assert prepared.ledger.counts()["left out"] == 9
    assert prepared.panel.ids == ["a", "b", "c"]
    assert "series 'bad' is left out" in prepared.report.notes[0]
    np.testing.assert_array_equal(prepared.panel.values[:N, 0], good(0))
    pd.testing.assert_frame_equal(replay(given, prepared.ledger).frame, prepared.filled.frame)


def test_with_a_frequency_given_all_are_brought_to_it():
    prepared = prepare(panel(("bad", months(59, "2023-01-01", "D"), np.ones(59))), PrepareConfig(freq="MS"))
    assert prepared.panel.ids == ["a", "b", "bad", "c"]


def test_a_stray_stamp_stops_its_own_series_only():
    days = [pd.Timestamp("1900-01-01"), *pd.date_range("2024-01-01", periods=N - 1, freq="h")]
    rows = [(uid, pd.date_range("2024-01-01", periods=N, freq="h"), good(1)) for uid in "ab"]
    prepared = prepare(panel(*rows, ("bad", days, good(2)), n_good=0))
    assert prepared.panel.ids == ["a", "b"]
    assert told(prepared)[0] == "left out"
    assert "before line 123" in told(prepared)[1]


def test_text_in_place_of_numbers_is_quoted(tmp_path):
    rows = [f"{uid},2024-01-{d:02d},{d if uid != 'c' else 'closed'}" for uid in "abc" for d in range(1, 13)]
    (tmp_path / "shops.csv").write_text("\n".join(["shop,day,sales", *rows, ""]))
    prepared = prepare(io.read(str(tmp_path / "shops.csv"), ReadConfig(id_col="shop")))
    assert told(prepared, "c") == ("left out", "no number, but text such as 'closed'")
    assert [s.unique_id for s in prepared.status if s.state != "left out"] == ["a", "b"]


def test_repairs_and_fills_are_counted_by_series():
    given = panel(("bad", months(), np.where(np.arange(N) % 20 == 5, np.nan, good(9))))
    given.frame.loc[given.frame.index[3], "y"] = np.inf
    prepared = prepare(given)
    by_id = {s.unique_id: (s.rows, s.repaired, s.filled) for s in prepared.status}
    assert by_id == {"a": (59, 1, 1), "b": (60, 0, 0), "c": (60, 0, 0), "bad": (57, 0, 3)}


def test_joint_channels_are_one():
    both = hourly(good(0)).frame.assign(z=good(1))
    prepared = prepare(Table(both, np.arange(2, N + 2), Schema(joint=True)))
    assert [(s.channel, s.state, s.rows) for s in prepared.status] == [("y,z", "ok", 2 * N)]


def test_a_name_leads_from_a_series_to_its_status():
    prepared = prepare(panel())
    assert [s.name for s in prepared.status] == [s.name for s in prepared.panel.series()] == ["a/y", "b/y", "c/y"]
