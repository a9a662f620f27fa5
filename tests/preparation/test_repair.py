"""Repairs, the ledger that lists each of them, the budget, and replaying."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prepare_tables import hourly, table

from tsforecast.config import PrepareConfig
from tsforecast.data.panel import Panel, Table
from tsforecast.errors import DataError, NotReadableError, UsageError
from tsforecast.preparation import prepare
from tsforecast.preparation.replay import read_ledger, replay, write_ledger


def rules(prepared):
    return {rule: n for rule, n in prepared.ledger.counts().items() if rule != "frequency"}


def test_a_clean_table_is_left_alone():
    clean = hourly([3.0, 1.0, 2.0])
    prepared = prepare(clean)
    assert len(prepared.ledger) == 0
    assert prepared.report.regular_before
    assert prepared.filled.values[:, 0].tolist() == [3, 1, 2]
    assert prepared.summary_lines() == [
        "3 rows, step h (modal step, every step agrees), 3 steps",
        "repaired: nothing",
        "filled: nothing was missing",
    ]


def test_the_table_itself_is_never_changed():
    stamps = pd.date_range("2024", periods=6, freq="h")
    given_table = table(stamps[[0, 2, 1, 1, 4, 5]], [1.0, np.inf, 3, 4, np.nan, 6])
    before = given_table.frame.copy()
    prepare(given_table, PrepareConfig(outliers="hampel:clip"))
    pd.testing.assert_frame_equal(given_table.frame, before)


def test_late_rows_are_sorted_and_listed():
    stamps = pd.date_range("2024", periods=6, freq="h")
    prepared = prepare(table(stamps[[0, 1, 4, 2, 3, 5]], [0.0, 1, 4, 2, 3, 5]))
    assert prepared.filled.values[:, 0].tolist() == [0, 1, 2, 3, 4, 5]
    entries = prepared.ledger.frame.query("rule == 'sort'")
    assert entries["line"].tolist() == [5, 6]


def test_newest_first_is_one_entry():
    stamps = pd.date_range("2024", periods=50, freq="h")
    prepared = prepare(table(stamps[::-1], np.arange(50.0)))
    assert prepared.filled.values[:, 0].tolist() == list(range(49, -1, -1))
    assert rules(prepared) == {"reverse": 1}


def test_interleaved_series_are_grouped_without_an_entry():
    stamps = pd.date_range("2024", periods=5, freq="h").repeat(2)
    prepared = prepare(table(stamps, np.arange(10.0), ids=["b", "a"] * 5))
    assert prepared.panel.ids == ["a", "b"]
    assert prepared.filled.values[:, 0].tolist() == [1, 3, 5, 7, 9, 0, 2, 4, 6, 8]
    assert len(prepared.ledger) == 0


def test_identical_duplicates_leave_one():
    stamps = pd.date_range("2024", periods=5, freq="h")[[0, 1, 1, 2, 3, 4]]
    prepared = prepare(
        table(stamps, [0.0, 1, 1, 2, 3, 4], [5.0, np.nan, np.nan, 5, 5, 5]), PrepareConfig(impute="none")
    )
    assert prepared.filled.values[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert rules(prepared) == {"duplicate": 1}
    assert prepared.ledger.frame.query("rule == 'duplicate'")["line"].tolist() == [4]


@pytest.mark.parametrize(("keep", "expected"), [("mean", 2.0), ("first", 1.0), ("last", 4.0)])
def test_conflicting_duplicates_become_one(keep, expected):
    stamps = pd.date_range("2024", periods=5, freq="h")[[0, 1, 1, 1, 2, 3, 4]]
    prepared = prepare(table(stamps, [0.0, 1, 1, 4, 2, 3, 4]), PrepareConfig(duplicates=keep))
    assert prepared.filled.values[1, 0] == expected
    assert rules(prepared)["duplicate"] == 2
    assert prepared.report.duplicates == 2


def test_a_missing_value_does_not_conflict():
    stamps = pd.date_range("2024", periods=4, freq="h")[[0, 1, 1, 2, 3]]
    prepared = prepare(table(stamps, [0.0, np.nan, 7, 2, 3], [0.0, 8, np.nan, 2, 3]), PrepareConfig(duplicates="error"))
    assert prepared.filled.values[1].tolist() == [7, 8]


def test_conflicts_can_be_an_error():
    stamps = pd.date_range("2024", periods=4, freq="h")[[0, 1, 1, 2, 3]]
    with pytest.raises(DataError, match="lines 3 and 4"):
        prepare(table(stamps, [0.0, 1, 7, 2, 3]), PrepareConfig(duplicates="error"))
    with pytest.raises(UsageError):
        prepare(hourly([1.0, 2, 3]), PrepareConfig(duplicates="median"))


def test_impossible_values_are_missing_then_filled():
    prepared = prepare(hourly([1.0, np.inf, 3, -1e301, 5, 6]), PrepareConfig(impute="linear"))
    assert prepared.filled.values[:, 0].tolist() == [1, 2, 3, 4, 5, 6]
    entries = prepared.ledger.frame.query("rule == 'impossible'")
    assert entries["line"].tolist() == [3, 5]
    assert entries["old"].tolist() == [np.inf, -1e301]


def test_a_gap_is_rows_and_values_in_the_ledger():
    stamps = pd.date_range("2024", periods=6, freq="h")[[0, 1, 4, 5]]
    prepared = prepare(table(stamps, [0.0, 10, 40, 50]), PrepareConfig(impute="linear"))
    assert prepared.filled.values[:, 0].tolist() == [0, 10, 20, 30, 40, 50]
    fills = prepared.ledger.frame.query("rule == 'fill linear'")
    assert fills[["line", "column", "new"]].to_numpy().tolist() == [[-1, "y", 20.0], [-1, "y", 30.0]]
    assert prepared.report.n_gap_rows == 2
    assert prepared.report.filled == {"y": {"linear": 2}}


def test_rows_without_a_stamp_are_left_out_and_listed():
    prepared = prepare(table(["2024-01-01", None, "2024-01-02", "2024-01-03"], [1.0, 2, 3, 4]))
    assert prepared.filled.values[:, 0].tolist() == [1, 3, 4]
    assert prepared.ledger.frame.query("rule == 'no stamp'")["line"].tolist() == [3]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (hourly([]), "no rows"),
        (hourly([np.nan, np.nan, np.nan]), "all values are missing"),
        (hourly([np.inf, np.nan, np.inf]), "all values are missing"),
        (table([None, None], [1.0, 2.0]), "stamp"),
        (table(["2024-01-01", "2024-01-02"]), "no numeric column"),
    ],
)
def test_nothing_to_use_is_one_line(bad: Table, message: str):
    with pytest.raises(DataError, match=message):
        prepare(bad)


def test_the_budget_names_count_and_rule():
    stamps = pd.date_range("2024", periods=100, freq="h").delete(range(40, 50))
    gappy = table(stamps, np.arange(90.0))
    assert prepare(gappy, PrepareConfig(max_repaired=0.1)).report.repaired == 10
    with pytest.raises(DataError, match=r"10 repairs are 10\.0% of 100 values.*'fill"):
        prepare(gappy, PrepareConfig(max_repaired=0.09))


def messy(seed: int) -> Table:
    """Two series with gaps, duplicates, late rows, slips, missing and impossible values."""
    rng = np.random.default_rng(seed)
    parts = []
    for uid in ("b", "a"):
        n = int(rng.integers(30, 60))
        stamps = pd.date_range("2024-01-01 00:07", periods=n, freq="15min").to_numpy()
        which = np.sort(rng.choice(n, n - 4, replace=False))
        which = np.insert(which, int(rng.integers(1, n - 5)), which[int(rng.integers(0, n - 5))])
        slips = np.where(rng.random(len(which)) < 0.1, rng.integers(-200, 200, len(which)), 0)
        values = rng.normal(size=(len(which), 2)).round(3)
        values[rng.random(values.shape) < 0.08] = np.nan
        values[rng.random(values.shape) < 0.02] = np.inf
        part = pd.DataFrame({"unique_id": uid, "ds": stamps[which] + slips.astype("timedelta64[s]")})
        part["ds"] = part["ds"].astype("datetime64[us]")
        parts.append(part.assign(y=values[:, 0], z=values[:, 1]))
    frame = pd.concat(parts, ignore_index=True)
    return Table(frame, np.arange(5, len(frame) + 5))


CONFIGS = (
    PrepareConfig(),
    PrepareConfig(duplicates="last", impute="none"),
    PrepareConfig(impute="previous", max_gap=1, outliers="hampel:missing:3"),
    PrepareConfig(freq="h", agg="mean,z=ohlc"),
    PrepareConfig(freq="30min", agg="sum"),
    PrepareConfig(freq="5min"),
    PrepareConfig(freq="D", agg="count"),
)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.sampled_from(CONFIGS))
def test_a_panel_is_regular_and_a_replay_gives_it_again(tmp_path_factory, seed, config):
    given_table = messy(seed)
    prepared = prepare(given_table, config)
    Panel.checked(prepared.filled.frame, prepared.panel.freq)
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    write_ledger(prepared.ledger, path)
    again = replay(given_table, read_ledger(path))
    pd.testing.assert_frame_equal(again.frame, prepared.filled.frame, check_exact=True)
    assert again.freq == prepared.panel.freq


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_every_value_of_the_panel_is_from_the_source_or_in_the_ledger(seed):
    given_table = messy(seed)
    prepared = prepare(given_table)
    new = prepared.ledger.frame.query("column in ('y', 'z')").groupby(["unique_id", "ds", "column"])["new"].last()
    values = set(given_table.frame["y"]) | set(given_table.frame["z"])
    for uid, ds, y, z in prepared.filled.frame.itertuples(index=False):
        for column, value in (("y", y), ("z", z)):
            assert np.isnan(value) or value in values or new[uid, ds, column] == value


def test_the_ledger_file_is_plain_json(tmp_path):
    prepared = prepare(table(["2024-01-01", "2024-01-03", "2024-01-04", "2024-01-05"], [1.0, np.inf, 4, 5]))
    path = tmp_path / "ledger.jsonl"
    write_ledger(prepared.ledger, path)
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    assert entries[1] == {
        "line": 3,
        "unique_id": "",
        "column": "y",
        "ds": "2024-01-03T00:00:00",
        "old": "inf",
        "new": None,
        "rule": "impossible",
    }
    assert [e["rule"] for e in entries] == ["frequency", "impossible", "gap", "fill linear", "fill linear"]


def test_an_edited_ledger_replays_the_edit(tmp_path):
    gappy = table(pd.date_range("2024", periods=6, freq="h")[[0, 1, 3, 4, 5]], [0.0, 1, 3, 4, 5])
    path = tmp_path / "ledger.jsonl"
    write_ledger(prepare(gappy).ledger, path)
    path.write_text(path.read_text().replace('"new": 2.0', '"new": 99.0'))
    assert replay(gappy, read_ledger(path)).values[2, 0] == 99


@pytest.mark.parametrize("text", ["not json", "[1]", '{"line": 1}', "\x00\x01"])
def test_a_file_that_is_no_ledger_names_the_line(tmp_path, text):
    path = tmp_path / "ledger.jsonl"
    path.write_text(text)
    with pytest.raises(DataError, match="line 1"):
        read_ledger(path)


def test_a_ledger_that_is_not_there(tmp_path):
    with pytest.raises(NotReadableError):
        read_ledger(tmp_path / "none.jsonl")
    with pytest.raises(NotReadableError):
        write_ledger(prepare(hourly([1.0, 2, 3])).ledger, tmp_path / "no" / "ledger.jsonl")


def test_a_ledger_of_another_table_is_refused():
    ledger = prepare(
        table(pd.date_range("2024", periods=6, freq="h")[[0, 1, 3, 4, 5]], [0.0, 1, 3, 4, 5], ids="aaaaa")
    ).ledger
    with pytest.raises(DataError, match="'a'"):
        replay(hourly([1.0, 2, 3]), ledger)
