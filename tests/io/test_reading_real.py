"""Every real file is read with no option at all: the right columns, times and zone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tsforecast.config import ReadConfig
from tsforecast.data.panel import Table
from tsforecast.io import read

#: name: rows, channels, time column, first stamp, last stamp, zone, last line
EXPECTED = {
    "airline-passengers": (144, 1, "Month", "1949-01-01", "1960-12-01", None, 145),
    "ambient_temperature_system_failure": (7267, 1, "timestamp", "2013-07-04", "2014-05-28T15", None, 7268),
    "art_daily_perfect_square_wave": (4032, 1, "timestamp", "2014-04-01", "2014-04-14T23:55", None, 4033),
    "art_daily_small_noise": (4032, 1, "timestamp", "2014-04-01", "2014-04-14T23:55", None, 4033),
    "art_flatline": (4032, 1, "timestamp", "2014-04-01", "2014-04-14T23:55", None, 4033),
    "daily-min-temperatures": (3650, 1, "Date", "1981-01-01", "1990-12-31", None, 3651),
    "ec2_request_latency_system_failure": (4032, 1, "timestamp", "2014-03-07T03:41", "2014-03-21T03:41", None, 4033),
    "machine_temperature_system_failure": (22695, 1, "timestamp", "2013-12-02T21:15", "2014-02-19T15:25", None, 22696),
    "monthly-sunspots": (2820, 1, "Month", "1749-01-01", "1983-12-01", None, 2821),
    "nyc_taxi": (10320, 1, "timestamp", "2014-07-01", "2015-01-31T23:30", None, 10321),
    "speed_7578": (1127, 1, "timestamp", "2015-09-08T11:39", "2015-09-17T14:05", None, 1128),
    "tokyo_2013_cp932": (365, 19, "年月日", "2013-10-20", "2014-10-19", None, 371),
    "tokyo_2014_cp932": (365, 19, "年月日", "2014-10-20", "2015-10-19", None, 371),
    "turbine_emission": (36733, 11, "datetime", "2011-01-01", "2015-03-11T12", None, 36734),
    "uk_daily_flights": (1118, 1, "Date", "2019-01-02", "2022-01-23", None, 1119),
    "vic_electricity": (52608, 2, "Time", "2011-12-31T13", "2014-12-31T12:30", "UTC", 52609),
    "AirQualityUCI": (9357, 13, ["Date", "Time"], "2004-03-10T18", "2005-04-04T14", None, 9358),
}


def real(shared_data: Path, name: str, **options: object) -> Table:
    path = shared_data / "csv" / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"needs {path}")
    return read(path, ReadConfig(**options))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_file(shared_data, name):
    t = real(shared_data, name)
    rows, channels, time, first, last, zone, line = EXPECTED[name]
    ds = t.frame["ds"]
    assert (len(t.frame), len(t.channels), t.facts["time_column"], t.schema.zone) == (rows, channels, time, zone)
    assert (ds.iloc[0], ds.iloc[-1]) == (np.datetime64(first), np.datetime64(last))
    assert t.lines[-1] == line
    assert t.ledger.counts() == ({"preamble-left-out": 1} if name.startswith("tokyo") else {})
    assert t.frame.dtypes.iloc[2:].eq("float64").all()


def test_air_quality(shared_data):
    t = real(shared_data, "AirQualityUCI")
    assert t.facts["blank_rows"] == 114
    assert t.facts["ignored"] == {"column_16": "empty", "column_17": "empty"}
    assert {s["column"] for s in t.facts["suspects"]} == set(t.channels)
    assert {s["value"] for s in t.facts["suspects"]} == {-200.0}
    assert t.frame["AH"].iloc[0] == 0.7578
    cleaned = real(shared_data, "AirQualityUCI", na_value=("-200",))
    assert cleaned.frame["NMHC(GT)"].isna().sum() == 8443


def test_victoria(shared_data):
    t = real(shared_data, "vic_electricity")
    assert t.facts["ignored"] == {"Date": "times, not the time column", "Holiday": "truth values"}
    assert set(np.diff(t.frame["ds"]).astype("timedelta64[m]").astype(int)) == {30}


def test_tokyo(shared_data):
    t = real(shared_data, "tokyo_2013_cp932")
    assert t.channels[:3] == ["日照時間(時間)", "最深積雪(cm)", "平均風速(m/s)"]
    assert t.frame["平均気温(℃)"].iloc[0] == 15.2
    assert t.frame["最高気温(℃)"].iloc[-1] == 23.0
    assert (t.facts["encoding"], t.facts["header_lines"]) == ("cp932", [3, 4, 5, 6])


def test_no_other_file_has_suspects(shared_data):
    for name in EXPECTED:
        if name != "AirQualityUCI":
            assert real(shared_data, name).facts["suspects"] == [], name
