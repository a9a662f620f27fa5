"""Steps as people say them."""

from __future__ import annotations

import pytest

from tsforecast.insight.durations import durations, unit_of_time


@pytest.mark.parametrize(
    ("steps", "freq", "words"),
    [
        (48, "30min", "1 day"),
        (12, "MS", "1 year"),
        (3, "QS-DEC", "9 months"),
        (52, "W-SUN", "364 days"),
        (1.5, "h", "1.5 hours"),
        (1, "100ms", "100 milliseconds"),
        (7, 1, ""),
        (5, "B", ""),
        (7, "", ""),
    ],
)
def test_steps_in_words(steps: float, freq: str | int, words: str):
    assert durations(steps, freq) == words


@pytest.mark.parametrize(
    ("freq", "expected"), [("h", (1 / 24, "day")), ("5min", (1 / 12, "hour")), ("MS", (1 / 12, "year")), (1, None)]
)
def test_the_unit_of_time_holds_several_steps(freq: str | int, expected: tuple[float, str] | None):
    found = unit_of_time(freq)
    assert found == (expected and (pytest.approx(expected[0]), expected[1]))
