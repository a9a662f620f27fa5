"""Shapes of exports, written small: sisters of the field files, each with the answer known beforehand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tsforecast.config import ReadConfig
from tsforecast.data.panel import Table
from tsforecast.errors import DataError
from tsforecast.io import read

HOURS = [np.datetime64("2024-01-20T00:00:00") + i for i in range(0, 60 * 3600, 3600)]
DAYS = [np.datetime64("2024-01-01") + i for i in range(60)]
MONTHS = "Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec"

Account = Callable[[Table, bytes], None]


@pytest.fixture
def table(tmp_path: Path, keep_account: Account) -> Callable[..., Table]:
    """Writes a text, reads it and keeps account of its rows and columns."""

    def made(text: str, **options: object) -> Table:
        path = tmp_path / "x.csv"
        path.write_text(text, newline="")
        t = read(path, ReadConfig(**options))  # type: ignore[arg-type]
        keep_account(t, path.read_bytes())
        return t

    return made


Read = Callable[..., Table]


def stamps(t: Table) -> list[str]:
    return [str(s).replace("T", " ") for s in t.frame["ds"].to_numpy().astype("datetime64[m]")]


def said(t: Table) -> str:
    return "\n".join(t.facts["notes"])


class TestInterleavedSeries:
    """Rows of several things whose stamps never repeat."""

    def stops(self, table: Read, text: str) -> str:
        with pytest.raises(DataError, match="these are several series") as caught:
            table(text)
        return str(caught.value.hint)

    def test_tags_in_turn(self, table: Read):
        rows = "".join(f"{'TI1' if k % 2 else 'PI2'},{h},{20 + k % 7}\n" for k, h in enumerate(HOURS))
        text = f"Tag,Timestamp,Value\n{rows}"
        assert self.stops(table, text) == "--id-col Tag"
        assert table(text, id_col="Tag").frame["unique_id"].tolist()[:3] == ["PI2", "TI1", "PI2"]

    def test_values_apart_under_a_name_that_says_nothing(self, table: Read):
        rows = "".join(f"{h},{'p' if k % 2 else 't'},{k % 5 + 900 * (k % 2)}\n" for k, h in enumerate(HOURS))
        assert self.stops(table, f"when,what,v\n{rows}").startswith("--id-col what")

    def test_one_series_after_the_other(self, table: Read):
        late = [h + np.timedelta64(7, "m") for h in HOURS]
        rows = "".join(
            f"{h},{name},{k % 9}\n" for name, all_ in (("u", HOURS), ("w", late)) for k, h in enumerate(all_)
        )
        assert self.stops(table, f"when,what,v\n{rows}").startswith("--id-col what")

    def test_two_columns_together(self, table: Read):
        places = [(1, 1), (1, 2), (2, 1), (2, 2)]
        rows = "".join(f"{d},{s},{i},{k + 3 * s * i}\n" for k, d in enumerate(DAYS) for s, i in places)
        text = f"date,store,item,sales\n{rows}"
        assert self.stops(table, text) == "--id-col store+item"
        t = table(text, id_col="store+item")
        assert (t.schema.id, t.frame["unique_id"].tolist()[:4]) == ("store+item", ["1/1", "1/2", "2/1", "2/2"])
        assert t.channels == ["sales"]

    @pytest.mark.parametrize(
        ("column", "cell"),
        [
            (
                "weekday",
                lambda k: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[k % 7],
            ),
            ("weather", lambda k: "sunny" if k % 3 else "rain"),
            ("sensor", lambda k: "old" if k < 30 else "new"),
            ("open", lambda k: "yes" if k % 2 else "no"),
        ],
    )
    def test_what_only_describes_the_rows(self, table: Read, column: str, cell: Callable[[int], str]):
        t = table(f"date,{column},v\n" + "".join(f"{d},{cell(k)},{k % 7 + k % 5}\n" for k, d in enumerate(DAYS)))
        assert (t.frame["unique_id"].unique().tolist(), len(t.frame)) == ([""], 60)
        assert f"'{column}'" in said(t)

    def test_one_thing_for_sure(self, table: Read):
        rows = "".join(f"{h},{'heat' if k % 2 else 'idle'},{k % 5 + 900 * (k % 2)}\n" for k, h in enumerate(HOURS))
        text = f"time,mode,power\n{rows}"
        assert self.stops(table, text) == "--id-col mode, or --id-col none where they are one thing"
        assert table(text, id_col="none").frame["unique_id"].unique().tolist() == [""]


class TestTimeAcross:
    """Columns named by times."""

    @pytest.mark.parametrize(
        ("names", "first", "second"),
        [
            ("1990 [YR1990],1991 [YR1991],1992 [YR1992]", "1990-01-01 00:00", "1991-01-01 00:00"),
            ("Jan-2020,Feb-2020,Mar-2020", "2020-01-01 00:00", "2020-02-01 00:00"),
            ("Q1-2020,Q2-2020,Q3-2020", "2020-01-01 00:00", "2020-04-01 00:00"),
            ("1/22/20,1/23/20,1/24/20", "2020-01-22 00:00", "2020-01-23 00:00"),
            ("2020-02-01,2020-03-01,2020-04-01", "2020-02-01 00:00", "2020-03-01 00:00"),
            ("2022,2021,2020", "2022-01-01 00:00", "2021-01-01 00:00"),
        ],
    )
    def test_names_of_times(self, table: Read, names: str, first: str, second: str):
        t = table(f"Place,{names}\nA,1,2,..\nB,4,5,6\n")
        assert stamps(t)[:2] == [first, second]
        assert t.frame["unique_id"].tolist() == ["A"] * 3 + ["B"] * 3
        np.testing.assert_array_equal(t.frame["value"], [1, 2, np.nan, 4, 5, 6])
        assert t.lines.tolist() == [2, 2, 2, 3, 3, 3]
        assert "time runs across 3 columns" in said(t)

    def test_ids_of_two_columns_and_footers(self, table: Read):
        t = table(
            "Country,Code,Series,1990,1991,1992\nA,AA,GDP,1,2,3\nA,AA,POP,4,5,6\nB,BB,GDP,7,8,9\nB,BB,POP,1,1,2\n"
            "\nData from a bank\n"
        )
        assert t.schema.id == "Country+Series"
        assert t.frame["unique_id"].unique().tolist() == ["A/GDP", "A/POP", "B/GDP", "B/POP"]
        assert t.ledger.frame.query("rule == 'row-without-values'")["line"].tolist() == [7]

    def test_rows_that_nothing_tells_apart(self, table: Read):
        with pytest.raises(DataError, match="nothing tells the rows apart"):
            table("Place,1990,1991,1992\nA,1,2,3\nA,4,5,6\n")
        with pytest.raises(DataError, match="have the id 'A'"):
            table("Place,Kind,1990,1991,1992\nA,x,1,2,3\nA,y,4,5,6\n", id_col="Place")

    def test_months_beside_a_year(self, table: Read):
        rows = "".join(f"{y},{','.join(str(y - 2000 + m / 100) for m in range(12))},9\n" for y in range(2000, 2005))
        t = table(f"Year,{MONTHS},Mean\n{rows}")
        assert (len(t.frame), t.frame["unique_id"].unique().tolist()) == (60, [""])
        assert stamps(t)[11:13] == ["2000-12-01 00:00", "2001-01-01 00:00"]
        assert t.frame["value"].tolist()[11:13] == [0.11, 1.0]
        assert "'Mean'" in said(t)

    def test_years_beside_a_month(self, table: Read):
        t = table("month,2019,2020,2021\n" + "".join(f"{m},{m}.5,{m + 12},{m + 24}\n" for m in range(1, 13)))
        by_time = t.frame.sort_values("ds")["value"].tolist()
        assert by_time[:2] == [1.5, 2.5]
        assert by_time[12:] == list(range(13, 37))

    @pytest.mark.parametrize("names", [[f"{h:02d}:00" for h in range(24)], [f"H{h}" for h in range(24)]])
    def test_hours_beside_a_date(self, table: Read, names: list[str]):
        rows = "".join(f"{d},{','.join(str(24 * k + h) for h in range(24))}\n" for k, d in enumerate(DAYS[:5]))
        t = table(f"Date,{','.join(names)}\n{rows}")
        assert t.frame["value"].tolist() == list(range(120))
        assert stamps(t)[23:25] == ["2024-01-01 23:00", "2024-01-02 00:00"]

    def test_midnight_behind_the_last_hour_ends_the_day(self, table: Read):
        names = [f"{h:02d}:00" for h in range(1, 24)] + ["00:00"]
        rows = "".join(f"{d},{','.join(['1'] * 24)}\n" for d in DAYS[:3])
        assert stamps(table(f"Date,{','.join(names)}\n{rows}"))[23] == "2024-01-02 00:00"

    def test_a_table_with_times_in_its_rows_stays(self, table: Read):
        t = table(
            "day,2019,2020,2021\n" + "".join(f"{d},1,{k},{k * 2}\n" for k, d in enumerate(DAYS)), target_col=("20*",)
        )
        assert t.schema.time == "day"
        assert "turned" not in t.facts


class TestHeaders:
    """Names found, rows of data not taken for names."""

    @pytest.mark.parametrize("key", ["2020-01-{:02d}", "{:d}"])
    def test_leading_rows_with_text_are_rows(self, table: Read, key: str):
        t = table("t,sales\n" + "".join(f"{key.format(d)},{d if d > 9 else 'closed'}\n" for d in range(1, 31)))
        assert (t.channels, len(t.frame), t.facts["header_lines"]) == (["sales"], 30, [1])
        assert t.ledger.counts() == {"text-to-missing": 9}

    def test_a_point_that_was_just_created_keeps_its_neighbour(self, table: Read):
        t = table("Time,T1,T2\n" + "".join(f"{h},{k},{k if k > 9 else 'Pt Created'}\n" for k, h in enumerate(HOURS)))
        assert (t.channels, len(t.frame), t.frame["T1"].tolist()[:3]) == (["T1", "T2"], 60, [0, 1, 2])

    @pytest.mark.parametrize("quote", ["", '"'])
    def test_ids_that_begin_like_comments(self, table: Read, quote: str):
        names = ("#10 envelope", "50% off", "// misc", "pen", "%x")
        rows = "".join(f"{quote}{name}{quote},{d},{k}\n" for name in names for k, d in enumerate(DAYS[:9]))
        t = table(f"item,date,v\n{rows}", id_col="item")
        assert t.frame["unique_id"].unique().tolist() == list(names)

    def test_comments_are_comments_and_on_record(self, table: Read):
        t = table("t,v\n2020-01-01,1\n# half, time\n2020-01-02,2\n#2020-01-03,3\n// x\n2020-01-04,4\n")
        assert t.frame["v"].tolist() == [1, 2, 4]
        assert t.ledger.frame["line"].tolist() == [3, 5, 6]
        assert set(t.ledger.frame["rule"]) == {"comment-left-out"}

    def test_a_preamble_is_on_record(self, table: Read):
        t = table("Station,North\nHeight,12\n\ntime,v\n" + "".join(f"{h},{k}\n" for k, h in enumerate(HOURS)))
        assert t.ledger.frame[["line", "old"]].to_numpy().tolist() == [[1, "Station,North"], [2, "Height,12"]]

    def test_settings_as_wide_as_the_table(self, table: Read):
        t = table("1,2,3\n3,4,5\ntime,a,b\n" + "".join(f"{k},{k % 5},{k % 7}\n" for k in range(40)))
        assert (t.channels, len(t.frame), t.schema.time) == (["a", "b"], 40, "time")
        assert t.ledger.frame["line"].tolist() == [1, 2]

    def test_a_unit_called_none(self, table: Read):
        t = table("Timestamp,flow,state\n,none,none\n" + "".join(f"{h},{k % 5},{k % 7}\n" for k, h in enumerate(HOURS)))
        assert (t.channels, t.facts["units"]) == (["flow", "state"], {"flow": "none", "state": "none"})

    def test_a_record_number_that_starts_over(self, table: Read):
        rows = "".join(f'"{h}",{k % 20},12.{k}\n' for k, h in enumerate(HOURS))
        t = table(f'"TOA5","a","CR1000"\n"TIMESTAMP","RECORD","V"\n"TS","RN","Volts"\n"","","Min"\n{rows}')
        assert (t.channels, t.facts["ignored"]) == (["V"], {"RECORD": "row numbers"})


class TestCells:
    """What stands around numbers."""

    @pytest.mark.parametrize(
        ("cells", "values", "words"),
        [
            (["12.5 °C", "13 °C"], [12.5, 13], "'°C' is left out"),
            (["903 W", "1.08 kW", "2 W"], [903, 1080, 2], "converted to W"),
            (["1.5 GiB", "512 MiB", "1 GiB"], [1.5, 0.5, 1], "converted to GiB"),
            (["300 ms", "1.5 s", "200 ms"], [300, 1500, 200], "converted to ms"),
            (["1.09M", "507.43K", "1B"], [1_090_000, 507_430, 1e9], "converted to plain numbers"),
            (["950", "1.2K"], [950, 1200], "converted to plain numbers"),
            (["-1.34%", "+2%"], [-1.34, 2], "'%' is left out"),
            (["$1,234.50", "-$2"], [1234.5, -2], "'$' is left out"),
            (["¥1,234", "¥2,345"], [1234, 2345], "'¥' is left out"),
            (["1,234円", "12円"], [1234, 12], "'円' is left out"),
            (["(1.50)", "2"], [-1.5, 2], "read as negative"),
            (["290 K", "291 K"], [290, 291], "'K' is left out"),
        ],
    )
    def test_quantities(self, table: Read, cells: list[str], values: list[float], words: str):
        rows = "".join(f'{d},"{cell}"\n' for d, cell in zip(DAYS, cells, strict=False))
        t = table(f"day,v\n{rows}")
        np.testing.assert_allclose(t.frame["v"], values, rtol=1e-12)
        assert words in said(t)

    def test_decimal_commas_with_a_currency(self, table: Read):
        t = table("day;v\n" + "".join(f"{d};1.234,{k:02d} €\n" for k, d in enumerate(DAYS)))
        assert t.frame["v"].tolist()[:2] == [1234.0, 1234.01]

    @pytest.mark.parametrize("cells", [("1 °C", "2 %"), ("$1", "€2"), ("1st", "2nd"), ("3 kg", "4 m")])
    def test_units_that_do_not_go_together_are_not_read(self, table: Read, cells: tuple[str, str]):
        t = table("day,x,v\n" + "".join(f"{d},{cells[k % 2]},{k % 7}\n" for k, d in enumerate(DAYS)))
        assert t.channels == ["v"]
        assert "'x' (text)" in said(t)

    def test_words_for_no_value_leave_the_numbers(self, table: Read):
        t = table("day,v,c\n" + "".join(f"{d},{k % 7},{'ND' if k % 3 else k}\n" for k, d in enumerate(DAYS)))
        assert t.channels == ["v", "c"]
        assert t.ledger.counts() == {"text-to-missing": 40}

    def test_what_is_left_out_is_said(self, table: Read):
        t = table("day,v,status\n" + "".join(f"{d},{k % 7},{k % 2}\n" for k, d in enumerate(DAYS)))
        assert "'status' (quality codes)" in said(t)

    def test_a_status_alone_is_the_series(self, table: Read):
        assert table("day,status\n" + "".join(f"{d},{k % 3}\n" for k, d in enumerate(DAYS))).channels == ["status"]

    def test_a_word_among_quantities_is_on_record(self, table: Read):
        t = table("day,v\n" + "".join(f"{d},{'undefined' if k % 9 == 8 else f'{k} W'}\n" for k, d in enumerate(DAYS)))
        assert t.ledger.counts() == {"text-to-missing": 6}
        assert t.frame["v"].tolist()[:2] == [0, 1]

    def test_constants_and_counts_beside_a_series(self, table: Read):
        rows = "".join(f"{k + 1},{d},0042,{k % 7}.5\n" for k, d in enumerate(DAYS))
        t = table(f"nr,day,meter,v\n{rows}Total,,,99\n")
        assert t.channels == ["v"]
        assert t.facts["ignored"] == {"nr": "row numbers", "meter": "constant (42)"}

    def test_a_constant_alone_and_one_of_many_alike_stay(self, table: Read):
        assert table("day,v\n" + "".join(f"{d},5\n" for d in DAYS)).channels == ["v"]
        rows = "".join(f"{d},{k % 7},0\n" for k, d in enumerate(DAYS))
        assert table(f"day,shop 1,shop 2\n{rows}").channels == ["shop 1", "shop 2"]


class TestTimes:
    """Stamps as they come."""

    @pytest.mark.parametrize(
        ("name", "cell"),
        [
            ("timestamp", lambda day: 86_400_000 * day),
            ("time", lambda day: 86_400_000_000 * day),
            ("unixtime", lambda day: 86_400 * day),
        ],
    )
    def test_epochs_before_1990(self, table: Read, name: str, cell: Callable[[int], int]):
        t = table(f"{name},v\n" + "".join(f"{cell(7000 + k)},{k % 5}\n" for k in range(600)))
        assert (t.channels, stamps(t)[0], t.schema.time) == (["v"], "1989-03-02 00:00", name)

    def test_milliseconds_before_1970(self, table: Read):
        t = table("time,v\n" + "".join(f"{86_400_000 * (k - 3650)},{k % 5}\n" for k in range(40)))
        assert stamps(t)[0] == "1960-01-04 00:00"

    @pytest.mark.parametrize("between", [" - ", " – ", " to ", " / "])
    def test_intervals_take_their_start(self, table: Read, between: str):
        t = table("period,v\n" + "".join(f"{h}{between}{h + 3600},{k % 5}\n" for k, h in enumerate(HOURS)))
        assert stamps(t)[:2] == ["2024-01-20 00:00", "2024-01-20 01:00"]
        assert "their start is taken" in said(t)

    def test_an_offset_is_no_interval(self, table: Read):
        t = table("t,v\n" + "".join(f"{h}-05:00,{k % 5}\n" for k, h in enumerate(HOURS)))
        assert (t.schema.zone, stamps(t)[0]) == ("-05:00", "2024-01-20 05:00")

    def test_intervals_with_a_zone_and_the_hour_that_comes_twice(self, table: Read):
        cells = ["01:00:00 - 27/10/2024 02:00:00", "02:00:00 (CEST) - 27/10/2024 02:00:00 (CET)"]
        cells += ["02:00:00 (CET) - 27/10/2024 03:00:00"]
        cells += [f"{h:02d}:00:00 - 27/10/2024 {h + 1:02d}:00:00" for h in range(3, 9)]
        t = table("MTU (CET/CEST),v\n" + "".join(f"27/10/2024 {cell},{k}\n" for k, cell in enumerate(cells)))
        assert stamps(t) == [f"2024-10-{26 + (23 + k) // 24} {(23 + k) % 24:02d}:00" for k in range(9)]

    @pytest.mark.parametrize(
        ("name", "zone"), [("Time, GMT+02:00", "+02:00"), ("time (CET)", "CET"), ("t [UTC]", "UTC")]
    )
    def test_the_zone_of_the_header(self, table: Read, name: str, zone: str):
        t = table(f'"{name}",v\n' + "".join(f"{h},{k % 5}\n" for k, h in enumerate(HOURS)))
        assert (t.schema.zone, t.facts["zone"]) == (zone, zone)

    @pytest.mark.parametrize("written", ["%d %B", "%B %d", "%m/%d", "%d.%m."])
    def test_dates_without_a_year_are_said(self, table: Read, written: str):
        rows = "".join(f"{d.item().strftime(written)},{k % 5}\n" for k, d in enumerate(DAYS))
        t = table(f"day,v\n{rows}")
        assert t.facts["time_column"] is None
        assert "a time without a year" in said(t)

    def test_dates_without_a_year_beside_the_year(self, table: Read):
        rows = "".join(f"2024,{d.item().strftime('%d %B')},{k % 5}\n" for k, d in enumerate(DAYS))
        t = table(f"year,day,v\n{rows}")
        assert t.facts["time_column"] == ["year", "day"]
        assert stamps(t)[-1] == "2024-02-29 00:00"

    def test_dots_between_hours_and_minutes(self, table: Read):
        t = table(
            "Date,Time,v\n" + "".join(f"{str(h)[:10]},{str(h)[11:13]}.30.00,{k % 5}\n" for k, h in enumerate(HOURS))
        )
        assert stamps(t)[:2] == ["2024-01-20 00:30", "2024-01-20 01:30"]

    def test_a_clock_that_changes_without_a_zone(self, table: Read):
        autumn = [np.datetime64("2024-10-26T00:00") + 60 * h for h in range(96)]
        wall = [h if h < np.datetime64("2024-10-27T03:00") else h - 60 for h in autumn]
        text = "t,v\n" + "".join(f"{h},{k % 5}\n" for k, h in enumerate(wall))
        assert "stamps repeat at 2024-10-27 02:00 (line 29)" in said(table(text))
        assert "--zone" in said(table(text))
        assert "--zone" not in said(table(text, zone="Europe/Berlin"))

    def test_repeats_elsewhere_are_no_change_of_clocks(self, table: Read):
        rows = "".join(f"{h},{k % 5}\n" for k, h in enumerate([*HOURS[:30], *HOURS[20:]]))
        assert "--zone" not in said(table(f"t,v\n{rows}"))
