"""Both changes of summer time: no row lost, no row doubled, by stated policies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tsforecast.config import ReadConfig
from tsforecast.data.panel import Table
from tsforecast.errors import DataError, UsageError
from tsforecast.io import external, read
from tsforecast.io.time.zones import to_utc, to_wall

BERLIN = "Europe/Berlin"


def table(tmp_path: Path, stamps: list[str], **options: object) -> Table:
    path = tmp_path / "x.csv"
    path.write_text("t,v\n" + "".join(f"{s},{i}.5\n" for i, s in enumerate(stamps)), encoding="utf-8")
    return read(path, ReadConfig(**options))


def utc(t: Table) -> list[str]:
    return [str(d)[:16] for d in t.frame["ds"].to_numpy()]


AUTUMN = ["2020-10-25 01:00", "2020-10-25 02:00", "2020-10-25 02:00", "2020-10-25 03:00"]
SPRING = ["2020-03-29 01:00", "2020-03-29 02:30", "2020-03-29 03:00"]


def test_the_repeated_hour_is_read_in_row_order(tmp_path):
    t = table(tmp_path, AUTUMN, zone=BERLIN)
    assert utc(t) == ["2020-10-24T23:00", "2020-10-25T00:00", "2020-10-25T01:00", "2020-10-25T02:00"]


def test_the_repeated_hour_in_falling_order(tmp_path):
    t = table(tmp_path, AUTUMN[::-1], zone=BERLIN)
    assert utc(t) == ["2020-10-25T02:00", "2020-10-25T01:00", "2020-10-25T00:00", "2020-10-24T23:00"]


def test_the_repeated_hour_every_ten_minutes(tmp_path):
    wall = pd.date_range("2020-10-24T22:00", periods=48, freq="10min", tz="UTC").tz_convert(BERLIN)
    t = table(tmp_path, [w.strftime("%Y-%m-%d %H:%M") for w in wall], zone=BERLIN)
    assert (np.diff(t.frame["ds"]).astype("timedelta64[m]").astype(int) == 10).all()


def test_policies_for_the_repeated_hour(tmp_path):
    once = AUTUMN[:1] + AUTUMN[2:]
    assert utc(table(tmp_path, once, zone=BERLIN, ambiguous="earlier"))[1] == "2020-10-25T00:00"
    assert utc(table(tmp_path, once, zone=BERLIN, ambiguous="later"))[1] == "2020-10-25T01:00"
    with pytest.raises(DataError, match=r"line 3: .* happens twice"):
        table(tmp_path, AUTUMN, zone=BERLIN, ambiguous="error")
    with pytest.raises(UsageError, match="--ambiguous must be one of"):
        table(tmp_path, AUTUMN, zone=BERLIN, ambiguous="drop")


def test_the_skipped_hour_moves_on_record(tmp_path):
    t = table(tmp_path, SPRING, zone=BERLIN)
    assert utc(t) == ["2020-03-29T00:00", "2020-03-29T01:30", "2020-03-29T01:00"]
    entry = t.ledger.frame.iloc[0]
    assert (entry["rule"], entry["line"]) == ("nonexistent-shifted", 3)
    assert (entry["old"][:16], entry["new"][:16]) == ("2020-03-29T02:30", "2020-03-29T03:30")
    with pytest.raises(DataError, match=r"line 3: .* does not exist"):
        table(tmp_path, SPRING, zone=BERLIN, nonexistent="error")


def test_a_skipped_half_hour_and_a_skipped_day():
    for zone, wall, expected in (
        ("Australia/Lord_Howe", "2020-10-04T02:15", "2020-10-04T02:45"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-31T12:00"),
    ):
        stamps = np.array([wall], dtype="datetime64[us]")
        one = np.zeros(1, dtype="int64")
        ds, skipped = to_utc(stamps, zone, one, "infer", "shift", one)
        assert skipped.tolist() == [True]
        assert str(to_wall(ds, zone)[0])[:16] == expected


def test_series_are_told_apart_at_the_repeated_hour(tmp_path):
    path = tmp_path / "x.csv"
    rows = [f"{s},{k},1.5\n" for s in AUTUMN for k in ("a", "b")]
    path.write_text("t,k,v\n" + "".join(rows), encoding="utf-8")
    t = read(path, ReadConfig(id_col="k", zone=BERLIN))
    assert utc(t)[2:6] == ["2020-10-25T00:00"] * 2 + ["2020-10-25T01:00"] * 2


def test_one_offset_is_the_zone(tmp_path):
    t = table(tmp_path, ["2020-01-01T10:00+09:00", "2020-01-01T11:00+09:00"])
    assert (utc(t)[0], t.schema.zone) == ("2020-01-01T01:00", "+09:00")
    assert external(t.frame, t.schema, "h")["t"][0] == "2020-01-01T10:00:00+09:00"


def test_several_offsets_are_written_in_utc_and_said(tmp_path):
    stamps = ["2020-10-25T02:00+02:00", "2020-10-25T02:00+01:00"]
    t = table(tmp_path, stamps)
    assert (t.schema.zone, utc(t)) == ("UTC", ["2020-10-25T00:00", "2020-10-25T01:00"])
    assert "several offsets" in t.facts["notes"][0]
    assert external(table(tmp_path, stamps, zone=BERLIN).frame, table(tmp_path, stamps, zone=BERLIN).schema, "h")[
        "t"
    ].tolist() == ["2020-10-25T02:00:00+02:00", "2020-10-25T02:00:00+01:00"]


def test_daily_stamps_keep_their_wall_time(tmp_path):
    for stamps, zone in (
        (["2020-03-28", "2020-03-29", "2020-03-30", "2020-03-31"], BERLIN),
        (["2020-03-27T23:00Z", "2020-03-28T23:00Z", "2020-03-29T22:00Z", "2020-03-30T22:00Z"], BERLIN),
        (
            ["2020-03-28T00:00+09:00", "2020-03-29T00:00+09:00", "2020-03-30T00:00+09:00", "2020-03-31T00:00+09:00"],
            None,
        ),
    ):
        t = table(tmp_path, stamps, zone=zone)
        assert utc(t) == [f"2020-03-{d}T00:00" for d in (28, 29, 30, 31)]
        assert t.schema.zone is None
        assert t.facts["zone"] == (zone or "+09:00")


@given(
    start=st.datetimes(min_value=pd.Timestamp("1990-01-01"), max_value=pd.Timestamp("2030-01-01")),
    minutes=st.sampled_from([10, 15, 30, 60]),
    zone=st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo", "America/Sao_Paulo"]),
)
def test_a_regular_series_keeps_every_row_across_any_change(start, minutes, zone):
    # Lord Howe moves its clocks by half an hour: an hourly series has one row in the repeated half, of unknowable pass.
    assume((zone, minutes) != ("Australia/Lord_Howe", 60))
    instants = np.datetime64(start, "m").astype("datetime64[us]") + np.arange(0, 400 * minutes, minutes).astype(
        "timedelta64[m]"
    )
    ones = np.zeros(len(instants), dtype="int64")
    back, skipped = to_utc(to_wall(instants, zone), zone, ones, "infer", "shift", ones)
    assert not skipped.any()
    inner = slice(10, None)  # A series that begins in the second pass cannot be told from one in the first.
    assert (back[inner] == instants[inner]).all()
