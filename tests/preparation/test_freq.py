"""The frequency that is found in stamps, and when it is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepare_tables import table

from tsforecast import io
from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.data.panel import Panel
from tsforecast.errors import DataError, UsageError
from tsforecast.preparation import prepare

#: Files of the shapes that people report; the values are invented.
FIELD = Path(__file__).parent / "field"

ALIASES = [
    "us",
    "ms",
    "10ms",
    "100ms",
    "s",
    "15s",
    "min",
    "5min",
    "30min",
    "h",
    "2h",
    "6h",
    "12h",
    "D",
    "2D",
    "W-MON",
    "W-SUN",
    "2W-WED",
    "MS",
    "ME",
    "2MS",
    "QS-JAN",
    "QS-FEB",
    "QS-MAR",
    "QE-DEC",
    "QE-OCT",
    "QE-NOV",
    "YS-JAN",
    "YS-APR",
    "YE-DEC",
    "YE-JUN",
    "2YS-JAN",
    "BMS",
    "BME",
    "BQE-DEC",
    "B",
]


@pytest.mark.parametrize("alias", ALIASES)
def test_finds_the_frequency_that_made_the_stamps(alias):
    stamps = pd.date_range("2021-03-03", periods=40, freq=alias, unit="us")
    prepared = prepare(table(stamps, np.arange(40.0)))
    assert prepared.panel.freq == alias
    assert len(prepared.ledger) == 0
    assert prepared.report.agreement == 1
    assert (prepared.panel.frame["ds"].to_numpy() == stamps.to_numpy()).all()


@pytest.mark.parametrize("alias", ALIASES)
def test_absent_rows_do_not_change_the_frequency(alias):
    stamps = pd.date_range("2021-03-03", periods=60, freq=alias, unit="us")
    keep = np.ones(60, dtype=bool)
    keep[[7, 8, 20, 41]] = False
    prepared = prepare(table(stamps[keep], np.arange(60.0)[keep]))
    assert prepared.panel.freq == alias
    assert prepared.report.n_gap_rows == 4
    assert prepared.report.n_gaps == 3
    assert (prepared.panel.frame["ds"].to_numpy() == stamps.to_numpy()).all()
    Panel.checked(prepared.panel.frame, prepared.panel.freq)


def test_time_of_day_is_kept():
    stamps = pd.date_range("2021-03-03 06:30", periods=30, freq="B", unit="us")
    assert prepare(table(stamps, np.arange(30.0))).panel.frame["ds"].iloc[4] == stamps[4]


def test_an_integer_index_has_an_integer_frequency():
    prepared = prepare(table(np.array([10, 15, 20, 30, 35]), [1.0, 2, 3, 5, 6]))
    assert prepared.panel.freq == 5
    assert prepared.panel.frame["ds"].tolist() == [10, 15, 20, 25, 30, 35]
    assert prepared.filled.values[:, 0].tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("file", "freq"), [("mid-month__bill", "MS-15"), ("mid-month__thirty", "MS-30"), ("min__mid", "MS-15")]
)
def test_the_day_of_the_month_is_kept(file, freq):
    read = io.read(str(FIELD / f"{file}.csv"), ReadConfig())
    prepared = prepare(read)
    assert prepared.panel.freq == freq
    # The 28th of February 2020, a leap year, is put on the 29th, and said.
    moved = int(file == "mid-month__thirty")
    assert (prepared.panel.frame["ds"] != read.frame["ds"]).sum() == prepared.ledger.counts().get("snap", 0) == moved
    np.testing.assert_array_equal(prepared.panel.values, read.frame.iloc[:, 2:])


def test_an_absent_month_of_a_day_is_put_in():
    prepared = prepare(table(["2021-01-30", "2021-02-28", "2021-04-30", "2021-05-30", "2021-06-30"], np.arange(5.0)))
    assert prepared.panel.freq == "MS-30"
    assert prepared.panel.frame["ds"].iloc[2] == pd.Timestamp("2021-03-30")
    assert prepared.ledger.counts() == {"frequency": 1, "gap": 1, "fill linear": 1}


@pytest.mark.parametrize(
    ("file", "message"), [("min__c445", "4-4-5"), ("mid-month__meter-reads", "no calendar: they are 24 to 39")]
)
def test_periods_of_no_calendar_stop_with_what_to_do(file, message):
    with pytest.raises(DataError, match=message) as error:
        prepare(io.read(str(FIELD / f"{file}.csv"), ReadConfig()))
    assert "--time-col none" in error.value.hint


def test_a_late_clock_is_a_clock_and_its_jitter_is_stated():
    """Ten-minute data whose stamps wander and come a little early on average: 10min, not 599791010us."""
    rng = np.random.default_rng(5)
    stamps = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(3000) * 599.8 + rng.normal(0, 15, 3000), unit="s")
    prepared = prepare(table(stamps.floor("us").astype("datetime64[us]"), np.arange(3000.0)))
    assert prepared.panel.freq == "10min"
    assert "jittered stamps, typically" in prepared.report.freq_how
    assert prepared.report.agreement > 0.96
    assert abs(len(prepared.panel) - 3000) < 3


def test_four_weeks_are_not_a_month():
    stamps = pd.date_range("2021-01-04", periods=12, freq="28D", unit="us")
    assert prepare(table(stamps, np.arange(12.0))).panel.freq == "4W-MON"


def test_jitter_is_taken_away():
    rng = np.random.default_rng(3)
    true = pd.date_range("2024-05-01", periods=500, freq="100ms", unit="us")
    jittered = true + pd.to_timedelta(rng.normal(0, 4_000, 500).round(), unit="us")
    prepared = prepare(table(jittered, np.arange(500.0)))
    assert prepared.panel.freq == "100ms"
    assert (prepared.panel.frame["ds"].to_numpy() == true.to_numpy()).all()
    assert prepared.filled.values[:, 0].tolist() == list(range(500))
    assert prepared.report.off_grid == prepared.ledger.counts()["snap"]


def test_says_which_rows_disagree():
    stamps = list(pd.date_range("2024-01-01", periods=20, freq="h"))
    stamps[7] += pd.Timedelta("3min")
    prepared = prepare(table(stamps, np.arange(20.0)))
    assert prepared.report.off_grid_lines == [9]
    entry = prepared.ledger.frame.query("rule == 'snap'").iloc[0]
    assert (entry["line"], entry["old"], entry["new"]) == (9, stamps[7], pd.Timestamp("2024-01-01 07:00"))


@given(st.integers(0, 2**32 - 1))
def test_random_stamps_are_irregular(seed):
    steps = np.random.default_rng(seed).exponential(600, 300).astype("int64") + 1
    stamps = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.cumsum(steps), unit="s")
    with pytest.raises(DataError, match="irregular") as error:
        prepare(table(stamps, np.arange(300.0)))
    assert "--freq" in error.value.hint


def test_a_single_stamp_asks_for_the_frequency():
    one = table(["2024-01-01"], [1.0])
    with pytest.raises(DataError, match="single stamp") as error:
        prepare(one)
    assert "--freq" in error.value.hint
    assert prepare(one, PrepareConfig(freq="D")).panel.freq == "D"


def test_series_of_different_frequencies_are_refused_by_name():
    hours = pd.date_range("2024-01-01", periods=60, freq="h")
    days = pd.date_range("2024-01-01", periods=10, freq="D")
    both = table(hours.append(days), np.arange(70.0), ids=["fast"] * 60 + ["slow"] * 10)
    with pytest.raises(DataError, match="'slow'"):
        prepare(both)
    assert prepare(both, PrepareConfig(freq="D")).panel.n_series == 2


def test_a_daily_series_beside_a_monthly_one_is_not_averaged():
    months, days = pd.date_range("2020-01-01", periods=40, freq="MS"), pd.date_range("2020-01-01", periods=30, freq="D")
    both = table(months.append(days), np.arange(70.0), ids=["slow"] * 40 + ["fast"] * 30)
    with pytest.raises(DataError, match="different frequencies.*such as 'fast'"):
        prepare(both)


def test_each_series_keeps_its_own_phase():
    a = pd.date_range("2024-01-01 00:10", periods=30, freq="h")
    b = pd.date_range("2024-01-05 00:40", periods=20, freq="h")
    panel = prepare(table(a.append(b), np.arange(50.0), ids=["a"] * 30 + ["b"] * 20)).panel
    assert (panel.frame["ds"].to_numpy() == a.append(b).to_numpy()).all()


def test_weekly_series_on_different_days_are_steps_of_seven_days():
    a = pd.date_range("2024-01-01", periods=9, freq="W-MON")
    b = pd.date_range("2024-01-03", periods=9, freq="W-WED")
    panel = prepare(table(a.append(b), np.arange(18.0), ids=["a"] * 9 + ["b"] * 9)).panel
    assert panel.freq == "7D"
    Panel.checked(panel.frame, panel.freq)


@pytest.mark.parametrize(("freq", "hint"), [("H", "'h'"), ("5T", "'5min'"), ("M", "'ME'"), ("fortnight", "15min")])
def test_an_unknown_frequency_names_one_that_works(freq, hint):
    with pytest.raises(UsageError) as error:
        prepare(table(pd.date_range("2024", periods=9, freq="h"), np.arange(9.0)), PrepareConfig(freq=freq))
    assert hint in error.value.hint


@pytest.mark.parametrize("freq", ["-1h", "0h", "SMS", "ns"])
def test_a_frequency_that_cannot_be_a_grid_is_refused(freq):
    with pytest.raises(UsageError):
        prepare(table(pd.date_range("2024", periods=9, freq="h"), np.arange(9.0)), PrepareConfig(freq=freq))


def test_a_stray_stamp_does_not_fill_the_memory():
    stamps = [pd.Timestamp("1970-01-01"), *pd.date_range("2024-01-01", periods=500, freq="s")]
    with pytest.raises(DataError, match="before line 3"):
        prepare(table(stamps, np.arange(501.0)))
