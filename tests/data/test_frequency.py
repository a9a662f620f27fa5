"""`Frequency`: pandas' own calendar where pandas has one, and the days of the month that it has not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsforecast.data.frequency import Frequency
from tsforecast.errors import UsageError

ALIASES = [
    "us",
    "7ms",
    "100ms",
    "s",
    "15s",
    "min",
    "10min",
    "h",
    "6h",
    "D",
    "2D",
    "7D",
    "30D",
    "W-SUN",
    "W-WED",
    "2W-MON",
    "B",
    "MS",
    "ME",
    "BMS",
    "BME",
    "2MS",
    "6MS",
    "12MS",
    "QS-JAN",
    "QS-FEB",
    "QE-DEC",
    "BQE-NOV",
    "2QS-OCT",
    "YS-JAN",
    "YS-APR",
    "YE-JUN",
    "BYE-DEC",
    "2YS-JAN",
]


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.sampled_from(ALIASES), st.integers(0, 20_000), st.sampled_from([0, 1, 3_600_000_001]))
def test_stamps_are_those_of_pandas(alias, day, time):
    start = pd.Timestamp("1970-01-01") + pd.Timedelta(day, "D") + pd.Timedelta(time, "us")
    expected = pd.date_range(start, periods=9, freq=alias, unit="us").to_numpy()
    frequency = Frequency.of(alias)
    np.testing.assert_array_equal(frequency.stamps(start, 9), expected)
    np.testing.assert_array_equal(frequency.after(expected[0], 8), expected[1:])
    assert [frequency.between(expected[0], stamp) for stamp in expected] == list(range(9))
    assert frequency.between(expected[8], expected[0]) == -8


def test_an_integer_index():
    step = Frequency.of(5)
    np.testing.assert_array_equal(step.after(10, 3), [15, 20, 25])
    assert (step.between(10, 25), step.words, step.seasons, step.duration(3)) == (3, "every 5", (), "")


@pytest.mark.parametrize(
    ("alias", "start", "expected"),
    [
        ("MS-15", "2024-01-15", ["2024-01-15", "2024-02-15", "2024-03-15"]),
        ("MS-30", "2024-01-30", ["2024-01-30", "2024-02-29", "2024-03-30"]),
        ("MS-30", "2024-02-29", ["2024-02-29", "2024-03-30", "2024-04-30"]),
        ("2MS-10", "2024-01-10", ["2024-01-10", "2024-03-10", "2024-05-10"]),
        ("QS-FEB-15", "2024-02-15", ["2024-02-15", "2024-05-15", "2024-08-15"]),
    ],
)
def test_the_day_of_the_month_is_kept(alias, start, expected):
    frequency = Frequency.of(alias)
    stamps = frequency.stamps(start, 3)
    np.testing.assert_array_equal(stamps, np.array(expected, dtype="datetime64[us]"))
    assert frequency.between(stamps[0], stamps[2]) == 2
    assert str(frequency) == alias


@pytest.mark.parametrize(
    ("alias", "words"),
    [
        ("30min", "30 min"),
        ("h", "hourly"),
        ("D", "daily"),
        ("2D", "2 days"),
        ("W-SUN", "weekly, on Sundays"),
        ("2W-MON", "every 2 weeks, on Mondays"),
        ("B", "business days"),
        ("MS", "monthly, on the first day"),
        ("BME", "monthly, on the last business day"),
        ("MS-15", "monthly, on the 15th"),
        ("MS-22", "monthly, on the 22nd"),
        ("QE-DEC", "quarterly, on the last day"),
        ("YS-APR", "yearly, on the first day of April"),
        ("6MS", "every 6 months, on the first day"),
    ],
)
def test_words(alias, words):
    assert Frequency.of(alias).words == words


@pytest.mark.parametrize(
    ("alias", "seasons"),
    [
        ("5min", (12, 288, 2016)),
        ("30min", (2, 48, 336)),
        ("h", (24, 168, 8766)),
        ("60min", (24, 168, 8766)),
        ("D", (7, 365)),
        ("B", (5, 261)),
        ("W-SUN", (52,)),
        ("7D", (52,)),
        ("MS-15", (12,)),
        ("QS-FEB", (4,)),
        ("YS-FEB", ()),
        ("100ms", ()),
    ],
)
def test_the_seasons_that_the_calendar_implies(alias, seasons):
    assert Frequency.of(alias).seasons == seasons


@pytest.mark.parametrize(
    ("alias", "steps", "words"),
    [
        ("h", 24, "1 day"),
        ("MS", 9, "9 months"),
        ("QE-DEC", 4, "1 year"),
        ("D", 1461, "4 years"),
        ("10ms", 3, "30 milliseconds"),
    ],
)
def test_durations(alias, steps, words):
    assert Frequency.of(alias).duration(steps) == words


def test_the_unit_that_holds_several_steps():
    assert Frequency.of("15min").unit_of_time() == (0.25, "hour")
    assert Frequency.of("MS").unit_of_time() == (1 / 12, "year")
    assert Frequency.of("B").unit_of_time() is None
    assert Frequency.of(3).unit_of_time() is None


@pytest.mark.parametrize("alias", ["fortnight", "M", "-1h", "SMS", "MS-31", "MS-1", "ME-15", "ns", 0, -2, True])
def test_what_is_no_frequency_is_refused(alias):
    with pytest.raises(UsageError):
        Frequency.of(alias)
