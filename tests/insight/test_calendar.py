"""What the calendar says of stamps."""

from __future__ import annotations

import numpy as np
import pytest

from tsforecast.data.event import Event
from tsforecast.errors import DataError, TsforecastError, UsageError
from tsforecast.insight.calendar import calendar_columns, event_columns, holiday_columns
from tsforecast.io.events import read_events

DAYS = np.arange("2024-02-26", "2024-03-11", dtype="datetime64[D]").astype("datetime64[us]")


def column(names: list[str], values: np.ndarray, name: str) -> list[str]:
    """The days on which it is on."""
    return [str(day)[:10] for day in DAYS[values[:, names.index(name)] == 1]]


def test_weekdays_and_edges_of_months():
    names, values = calendar_columns(DAYS, "D", n_days=100)
    assert column(names, values, "Monday") == ["2024-02-26", "2024-03-04"]
    assert column(names, values, "first day of the month") == ["2024-03-01"]
    assert column(names, values, "last day of the month") == ["2024-02-29"]
    assert not any(name.startswith("year") for name in names)
    assert any(name.startswith("year") for name in calendar_columns(DAYS, "D", n_days=800)[0])


@pytest.mark.parametrize("freq", [1, "MS"])
def test_steps_without_days_have_no_calendar(freq):
    assert calendar_columns(DAYS, freq, 1000)[1].shape == (len(DAYS), 0)


def test_holidays_of_a_part_of_a_country():
    pytest.importorskip("holidays")
    days = np.arange("2023-12-23", "2024-01-03", dtype="datetime64[D]").astype("datetime64[us]")
    names, values = holiday_columns(days, "D", "DE-BY")
    on = {name: [str(day)[5:10] for day in days[values[:, j] == 1]] for j, name in enumerate(names)}
    assert on["DE-BY: holiday"] == ["12-25", "12-26", "01-01"]
    assert on["DE-BY: day before a holiday"] == ["12-24", "12-25", "12-31"]
    with pytest.raises(UsageError, match="no holidays of 'XX'"):
        holiday_columns(days, "D", "XX")


def test_events_last_from_their_first_to_their_last_stamp(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(
        "name,from,to\nsale,2024-03-01,2024-03-02\nstop,2024-03-05 06:00,2024-03-05 18:00\nsale,2024-03-09,\n"
    )
    events = read_events(path)
    on = event_columns(DAYS, events, "sale")
    assert column(["sale"], on, "sale") == ["2024-03-01", "2024-03-02", "2024-03-09"]
    assert events[1] == Event("stop", np.datetime64("2024-03-05T06:00", "us"), np.datetime64("2024-03-05T18:00", "us"))


@pytest.mark.parametrize("row", ["sale,soon,", "sale,2024-03-02,2024-03-01", ",2024-03-02,"])
def test_an_event_that_is_none_is_refused_with_its_line(tmp_path, row):
    (tmp_path / "e.csv").write_text(f"name,from,to\nok,2024-01-01,\n{row}\n")
    with pytest.raises(DataError, match="line 3"):
        read_events(tmp_path / "e.csv")


@pytest.mark.parametrize(("content", "remedy"), [(None, "check the path"), ("a,b\n1,2\n", "name,from,to")])
def test_events_that_are_no_table_are_refused_with_a_remedy(tmp_path, content, remedy):
    if content is not None:
        (tmp_path / "e.csv").write_text(content)
    with pytest.raises(TsforecastError) as refused:
        read_events(tmp_path / "e.csv")
    assert remedy in refused.value.hint
