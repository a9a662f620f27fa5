"""Every way of writing a time, against instants written by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.config import ReadConfig
from tsforecast.data.panel import Table
from tsforecast.errors import DataError
from tsforecast.io import read
from tsforecast.io.time.stamps import parse_stamps


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2023-07-23", "2023-07-23"),
        ("2023-07-23 10:05", "2023-07-23T10:05"),
        ("2023-07-23T10:05:06", "2023-07-23T10:05:06"),
        ("2023-07-23T10:05:06.123456", "2023-07-23T10:05:06.123456"),
        ("2023-07-23 10:05:06,5", "2023-07-23T10:05:06.5"),
        ("2023-07-23T10:05:06Z", "2023-07-23T10:05:06"),
        ("2023-07-23T10:05:06+09:00", "2023-07-23T01:05:06"),
        ("2023-07-23 10:05:06 -0330", "2023-07-23T13:35:06"),
        ("2023-07-23 10:05:06+09", "2023-07-23T01:05:06"),
        ("2023-07-23 10:05 UTC", "2023-07-23T10:05"),
        ("2023/7/3 9:05", "2023-07-03T09:05"),
        ("2023.07.23", "2023-07-23"),
        ("20230723T100506", "2023-07-23T10:05:06"),
        ("20230723 10:05", "2023-07-23T10:05"),
        ("20230723_1005", "2023-07-23T10:05"),
        ("23/07/2023 10:05", "2023-07-23T10:05"),
        ("7/23/2023 10:05 PM", "2023-07-23T22:05"),
        ("7/23/2023 12:05 AM", "2023-07-23T00:05"),
        ("23.07.2023 10.05", "2023-07-23T10:05"),
        ("23.07.23", "2023-07-23"),
        ("23 Jul 2023", "2023-07-23"),
        ("23-Jul-23", "2023-07-23"),
        ("Jul 23, 2023", "2023-07-23"),
        ("July 23 2023 10:05", "2023-07-23T10:05"),
        ("Sun, 23 Jul 2023 10:05:06 +0000", "2023-07-23T10:05:06"),
        ("23. Juli 2023", "2023-07-23"),
        ("5 août 2023", "2023-08-05"),
        ("2023-07", "2023-07-01"),
        ("2023/07", "2023-07-01"),
        ("07/2023", "2023-07-01"),
        ("2023M07", "2023-07-01"),
        ("Jul-23", "2023-07-01"),
        ("Jul 2023", "2023-07-01"),
        ("2023 Jul", "2023-07-01"),
        ("2023-Q3", "2023-07-01"),
        ("2023Q3", "2023-07-01"),
        ("Q3 2023", "2023-07-01"),
        ("2023年第3四半期", "2023-07-01"),
        ("2020-W53", "2020-12-28"),
        ("2021-W01-3", "2021-01-06"),
        ("2023-204", "2023-07-23"),
        ("2023年7月23日", "2023-07-23"),
        ("2023年7月23日 10時", "2023-07-23T10"),
        ("2023年7月23日10時5分6秒", "2023-07-23T10:05:06"),
        ("2023年7月23日(日) 午後3時", "2023-07-23T15"),
        ("２０２３年７月２３日", "2023-07-23"),
        ("2023年7月", "2023-07-01"),
        ("令和5年7月23日", "2023-07-23"),
        ("令和元年5月1日", "2019-05-01"),
        ("昭和64年1月7日", "1989-01-07"),
        ("R5.7.23", "2023-07-23"),
        ("H31/4/30 23:00", "2019-04-30T23"),
        ("2023-07-23 24:00", "2023-07-24"),
        ("2016-12-31 23:59:60", "2017-01-01"),
        ("1749-01", "1749-01-01"),
    ],
)
def test_one_stamp(text, instant):
    parsed = parse_stamps([text])
    assert parsed is not None
    assert parsed.stamps.tolist() == [np.datetime64(instant, "us").item()]


@pytest.mark.parametrize("text", ["5.3", "12", "abc", "1.2.3.4", "10:05", "May be", "12 monkeys 12", "Q5 2020", ""])
def test_no_stamp(text):
    assert parse_stamps([text, text]) is None


@pytest.mark.parametrize("text", ["2023-02-29", "2023-13-01", "2023-01-01 25:00", "31/04/2023", "2023-W54", "2023-366"])
def test_a_day_that_does_not_exist_is_no_stamp(text):
    fine = {"2023-W54": "2023-W01", "2023-366": "2023-001"}.get(text, "2023-01-31" if "-" in text else "31/01/2023")
    parsed = parse_stamps([fine, fine, text])
    assert parsed is not None
    assert np.isnat(parsed.stamps).tolist() == [False, False, True]


def test_offsets_are_kept():
    parsed = parse_stamps(["2023-07-23T10:00+09:00", "2023-07-23T10:00-01:30", ""])
    assert parsed is not None
    assert parsed.offsets is not None
    assert parsed.offsets.tolist() == [540, -90, 0]


@given(
    st.lists(st.datetimes(), min_size=1, max_size=20),
    st.sampled_from(
        ["%Y-%m-%d %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S.%f", "%Y年%m月%d日 %H:%M:%S.%f", "%d %b %Y %H:%M:%S.%f"]
    ),
)
def test_any_instant_reads_back(instants, written):
    texts = [i.strftime(written).replace(str(i.year), f"{i.year:04d}", 1) for i in instants if i.year >= 1000]
    if texts:
        parsed = parse_stamps(texts)
        assert parsed is not None
        assert parsed.stamps.tolist() == [i for i in instants if i.year >= 1000]


class TestDayAndMonth:
    """Decided over the whole column, or not at all."""

    def test_one_cell_beyond_twelve_decides(self):
        assert parse_stamps(["01/02/2020", "02/02/2020", "13/02/2020"]).dayfirst is True
        assert parse_stamps(["01/02/2020", "02/02/2020", "02/13/2020"]).dayfirst is False

    def test_ambiguous_stops_and_asks(self):
        with pytest.raises(DataError, match="DD/MM or MM/DD") as caught:
            parse_stamps([f"{d:02d}/02/2020" for d in range(1, 13)])
        assert caught.value.hint == "--dayfirst or --monthfirst"

    def test_only_one_regular_reading_decides(self):
        # The first of each month and the second; as DD/MM these would be no regular series.
        days = [np.datetime64("2020-01-01") + i for i in range(10)] + [
            np.datetime64("2020-02-01") + i for i in range(10)
        ]
        texts = [f"{str(d)[5:7]}/{str(d)[8:]}/{str(d)[:4]}" for d in days]
        parsed = parse_stamps(texts)
        assert parsed.dayfirst is False
        assert "MM/DD" in parsed.notes[0]
        assert parsed.stamps.astype("datetime64[D]").tolist() == [d.item() for d in days]

    def test_a_reading_without_gaps_beats_one_with_gaps(self):
        hours = np.datetime64("2020-02-01T00") + np.arange(240)
        texts = [f"{str(h)[8:10]}/{str(h)[5:7]}/2020 {str(h)[11:]}:00" for h in hours]
        assert parse_stamps(texts).dayfirst is True

    def test_dots_mean_day_first(self):
        parsed = parse_stamps(["01.02.2020", "05.02.2020"])
        assert str(parsed.stamps[0])[:10] == "2020-02-01"
        assert parsed.notes

    def test_the_option_decides(self):
        assert str(parse_stamps(["01/02/2020"], dayfirst=True).stamps[0])[:10] == "2020-02-01"
        assert str(parse_stamps(["01/02/2020"], dayfirst=False).stamps[0])[:10] == "2020-01-02"

    def test_contradictions_stop(self):
        with pytest.raises(DataError, match="mixes"):
            parse_stamps(["13/02/2020", "02/13/2020"])


def table(tmp_path: Path, text: str, **options: object) -> Table:
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    return read(path, ReadConfig(**options))


def stamps(t: Table) -> list[str]:
    return [str(d) for d in t.frame["ds"].to_numpy().astype("datetime64[s]")]


DAYS = ["2020-01-01T00:00:00", "2020-01-02T00:00:00", "2020-01-03T00:00:00"]


@pytest.mark.parametrize(
    "text",
    [
        "v,datetime\n1,2020-01-01\n2,2020-01-02\n3,2020-01-03\n",
        "date,v\n20200101,1\n20200102,2\n20200103,3\n",
        "ts,v\n1577836800,1\n1577923200,2\n1578009600,3\n",
        "ts,v\n1577836800000,1\n1577923200000,2\n1578009600000,3\n",
        "ts,v\n1577836800000000,1\n1577923200000000,2\n1578009600000000,3\n",
        "ts,v\n1577836800000000000,1\n1577923200000000000,2\n1578009600000000000,3\n",
        "date,v\n43831,1\n43832,2\n43833,3\n",
        "year,month,day,v\n2020,1,1,1\n2020,1,2,2\n2020,1,3,3\n",
        "no,day,v,month,year\n1,1,1,1,2020\n2,2,2,1,2020\n3,3,3,1,2020\n",
        "n,v,t\n7,1,2020-01-01\n8,2,2020-01-02\n9,3,2020-01-03\n",
    ],
)
def test_columns_of_time(tmp_path, text):
    t = table(tmp_path, text)
    assert stamps(t) == DAYS
    assert t.frame["v"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("Date,Time,v\n3/10/2004,18:00:00,1\n3/31/2004,19:30:00,2\n", "2004-03-31T19:30:00"),
        ("Date;Time;v\n10/03/2004;18.00.00;1,5\n31/03/2004;19.30.00;2,5\n", "2004-03-31T19:30:00"),
        ("date,hour,v\n2020-01-01,0,1\n2020-01-01,1,2\n2020-01-01,24,3\n", "2020-01-02T00:00:00"),
        ("year,month,day,hour,minute,v\n2020,1,1,0,0,1\n2020,1,1,0,30,2\n", "2020-01-01T00:30:00"),
        ("yyyymm,v,date\n1,2,202001\n3,4,202002\n", "2020-02-01T00:00:00"),
        ("year,v\n1901,3\n1902,4\n", "1902-01-01T00:00:00"),
        ("1901,3\n1902,4\n1903,4\n", "1903-01-01T00:00:00"),
        ("quarter,v\n2020-Q1,1\n2020-Q2,2\n", "2020-04-01T00:00:00"),
        ("time,v\n43831.25,1\n43831.5,2\n", "2020-01-01T12:00:00"),
        ("ts,v\n1577836800.5,1\n1577836801.5,2\n", "2020-01-01T00:00:01"),
        ("when,v\n2020010100,1\n2020010101,2\n", "2020-01-01T01:00:00"),
    ],
)
def test_the_last_stamp(tmp_path, text, last):
    assert stamps(table(tmp_path, text))[-1] == last


def test_a_named_time_column_wins(tmp_path):
    text = "made,day,v\n2021-01-01,2020-01-01,1\n2021-01-02,2020-01-02,2\n2021-01-03,2020-01-03,2\n"
    assert stamps(table(tmp_path, text)) == DAYS
    assert stamps(table(tmp_path, text, time_col="made"))[0] == "2021-01-01T00:00:00"
    with pytest.raises(DataError, match="is no time: line 2 says"):
        table(tmp_path, "s,v\nx,1\ny,2\n", time_col="s")


def test_date_and_time_columns_by_name(tmp_path):
    text = "d,x,y,c\n2020-01-01,1,2,10:00\n2020-01-01,3,4,11:00\n"
    assert stamps(table(tmp_path, text, time_col="d+c"))[-1] == "2020-01-01T11:00:00"


def test_an_integer_index(tmp_path):
    t = table(tmp_path, ",v\n1,5.5\n2,6.5\n3,7\n")
    assert (t.frame["ds"].tolist(), t.facts["integer_index"]) == ([1, 2, 3], True)


def test_a_regular_decimal_time_is_counted(tmp_path):
    rows = "".join(f"{i * 0.05:.2f},{i}.5\n" for i in range(50))
    t = table(tmp_path, "t,x\n" + rows)
    assert t.frame["ds"].tolist() == list(range(50))
    assert t.channels == ["x"]
    assert "0.05" in t.facts["notes"][0]


def test_no_time_at_all(tmp_path):
    t = table(tmp_path, "v\n5.5\n3.25\n9\n")
    assert (t.frame["ds"].tolist(), t.schema.time, t.facts["time_column"]) == ([0, 1, 2], "step", None)


def test_measurements_are_no_time(tmp_path):
    t = table(tmp_path, "a,b\n1.5,2000\n1.7,1990\n0.2,2010\n")
    assert t.channels == ["a", "b"]
