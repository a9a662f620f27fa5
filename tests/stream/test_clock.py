"""Stamps one by one: as they are written, on the grid, in their zone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsforecast.data.frequency import Frequency
from tsforecast.stream.clock import Clock


def stamp(text: str) -> int:
    return int(np.datetime64(text, "us").astype("int64"))


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-01T12:00:00",
        "2024-03-01 12:00",
        "1709294400",
        "1709294400000",
        "1709294400000000",
        "1709294400000000000",
        "2024-03-01T13:00:00+01:00",
        "01.03.2024 12:00",
    ],
)
def test_stamps_as_they_are_written(text):
    assert Clock(Frequency.of("h"), "UTC", dayfirst=True).read(text, "") == (stamp("2024-03-01T12:00:00"), "")


def test_what_is_no_stamp_is_said():
    read = Clock(Frequency.of("h"), None).read
    assert read("soon", "")[0] is None
    assert "'soon' is no stamp" in read("soon", "")[1]
    assert read("", "")[0] is None


def test_the_hour_that_autumn_repeats_goes_by_order():
    clock = Clock(Frequency.of("h"), "Europe/Berlin")
    read = [clock.read(f"2024-10-27T0{h}:00:00", "")[0] for h in (1, 2, 2, 3)]
    assert np.diff(read).tolist() == [3_600_000_000] * 3
    assert clock.text(read[2]) == "2024-10-27T02:00:00+01:00"


@pytest.mark.parametrize("alias", ["15min", "h", "D", "W-SUN", "B", "MS", "ME", "QS-JAN", "YS-JAN", "MS-15"])
def test_steps_and_stamps_agree_with_the_frequency(alias):
    frequency = Frequency.of(alias)
    grid = frequency.stamps(np.datetime64("2023-01-15T00:00", "us"), 40).astype("int64").tolist()
    clock = Clock(frequency, None)
    for i in (0, 1, 5, 39):
        assert clock.steps(grid[3], grid[i]) == (i - 3, grid[i])
        assert clock.after(grid[3], i) == (grid[i + 3] if i < 37 else clock.after(grid[3], i))
    assert clock.position(grid[5]) - clock.position(grid[0]) == 5


def test_row_numbers_are_counted_where_no_column_has_them():
    clock = Clock(Frequency.of(2), None)
    clock.start("", 10)
    assert clock.read(None, "") == (12, "")
    assert clock.read("20", "") == (20, "")
    assert clock.read(None, "") == (22, "")


def test_dates_are_written_as_dates():
    assert Clock(Frequency.of("D"), None).text(stamp("2024-03-01")) == "2024-03-01"
    assert Clock(Frequency.of("h"), None).text(stamp("2024-03-01")) == "2024-03-01T00:00:00"
    assert pd.Timestamp(str(Clock(Frequency.of("h"), "UTC").text(0))).value == 0
