"""Time that a file states twice, in decimal years, without a year, or anew in a second table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsforecast.config import ReadConfig
from tsforecast.errors import DataError
from tsforecast.io import read

MONTHS = pd.date_range("1990-01-01", periods=60, freq="MS")
DECIMAL = MONTHS.year + (MONTHS.month - 0.5) / 12
LEVEL = np.round(350 + 0.15 * np.arange(60) + 3 * np.sin(MONTHS.month / 2), 2)


def table(path, text: str, config: ReadConfig | None = None):
    path.write_text(text)
    return read(path, config or ReadConfig())


def rows(*columns) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in zip(*columns, strict=True))


def test_a_decimal_year_beside_the_time_is_no_target_unless_asked_for(tmp_path):
    text = "year,month,decimal date,average\n" + rows(MONTHS.year, MONTHS.month, np.round(DECIMAL, 4), LEVEL)
    found = table(tmp_path / "co2.csv", text)
    assert found.channels == ["average"]
    assert "'decimal date' (the decimal year of the time)" in "\n".join(found.facts["notes"])
    assert table(tmp_path / "co2.csv", text, ReadConfig(target_col=("decimal date",))).channels == ["decimal date"]


def test_what_only_happens_to_lie_near_the_year_is_a_target(tmp_path):
    near = np.round(DECIMAL[0] + np.random.default_rng(0).uniform(-0.05, 0.05, 60), 3)
    stamps = pd.date_range("1990-01-01", periods=60, freq="h")
    found = table(tmp_path / "near.csv", "time,price\n" + rows(stamps, near))
    assert found.channels == ["price"]


def test_comments_of_words_above_columns_cut_at_blanks_are_no_header(tmp_path):
    head = "# Mauna Loa\n#            decimal       monthly    de-season  #days  st.dev  unc. of\n#             date\n"
    body = "".join(
        f"{m.year:4d} {m.month:4d} {d:12.4f} {v:9.2f} {v + 0.5:9.2f} 25 {0.3 + v / 1e3:6.2f} {v / 1e4:6.3f}\n"
        for m, d, v in zip(MONTHS, DECIMAL, LEVEL, strict=True)
    )
    found = table(tmp_path / "co2.txt", head + body)
    assert found.frame["ds"].iloc[[0, -1]].tolist() == [MONTHS[0], MONTHS[-1]]
    assert "column_3" not in found.channels
    np.testing.assert_array_equal(found.frame["column_4"], LEVEL)


@pytest.mark.parametrize(
    ("years", "first", "step"),
    [
        (DECIMAL, "1990-01-01", "MS"),
        (MONTHS.year + (MONTHS.month - 1) / 12, "1990-01-01", "MS"),
        (MONTHS.year + (MONTHS.day_of_year + 14) / 365.25, "1990-01-01", "MS"),
        (1990 + np.arange(60) / 4, "1990-01-01", "QS"),
        (1900.5 + np.arange(60), "1900-01-01", "YS"),
        (2019 + np.arange(60) / 365, "2019-01-01", "D"),
    ],
    ids=["middle", "start", "by days", "quarters", "years", "days"],
)
def test_decimal_years_alone_are_the_time(tmp_path, years, first, step):
    found = table(tmp_path / "x.csv", "year,v\n" + rows(np.round(years, 4), LEVEL))
    expected = pd.date_range(first, periods=60, freq=step)
    assert found.frame["ds"].tolist() == expected.tolist()
    assert "read as decimal years" in "\n".join(found.facts["notes"])


def test_parts_of_the_calendar_are_no_targets_where_they_are_right(tmp_path):
    days = pd.date_range("2024-02-20", periods=60)
    head = "date,Month,dayOfWeek,is_weekend,week,sales\n"
    columns = [days.date, days.month, days.day_of_week + 1, (days.day_of_week > 4).astype(int), days.isocalendar().week]
    found = table(tmp_path / "x.csv", head + rows(*columns, LEVEL))
    assert found.channels == ["sales"]
    columns[1] = np.where(np.arange(60) == 30, 7, days.month)
    assert table(tmp_path / "x.csv", head + rows(*columns, LEVEL)).channels == ["Month", "sales"]


def test_dates_without_a_year_are_named_as_the_cause(tmp_path):
    days = [f"{d.day} {d:%b}" for d in pd.date_range("2024-03-01", periods=60)]
    with pytest.raises(DataError, match="its dates have no year"):
        table(tmp_path / "x.csv", "day,shop\n" + rows(days, ["north", "south"] * 30))
    with pytest.raises(DataError, match="dates of column 'day' have no year: line 2 says '1 Mar'") as caught:
        table(tmp_path / "y.csv", "day,v\n" + rows(days, LEVEL), ReadConfig(time_col="day"))
    assert "--time-col none" in caught.value.hint


def test_days_and_months_with_a_dot_between_are_no_numbers(tmp_path):
    days = [f"{d:%d.%m}" for d in pd.date_range("2024-03-01", periods=60)]
    found = table(tmp_path / "x.csv", "day,v\n" + rows(days, LEVEL))
    assert found.channels == ["v"]
    assert "'day' ('01.03') looks like a time without a year" in "\n".join(found.facts["notes"])


def test_rows_without_a_time_are_counted_within_each_series(tmp_path):
    found = table(tmp_path / "x.csv", "shop,v\n" + rows(["a", "b"] * 30, LEVEL), ReadConfig(id_col="shop"))
    assert found.frame.groupby("unique_id")["ds"].apply(list).to_dict() == {"a": [*range(30)], "b": [*range(30)]}


def test_the_ends_of_intervals_are_no_ids(tmp_path):
    hours = pd.date_range("2024-05-13", periods=72, freq="h")
    ends = hours + pd.Timedelta(minutes=59)
    text = "Date,Start,End,Usage\n" + rows(
        hours.strftime("%m/%d/%Y"), hours.strftime("%I:%M %p"), ends.strftime("%I:%M %p"), np.tile(LEVEL[:24], 3)
    )
    found = table(tmp_path / "meter.csv", text)
    assert found.channels == ["Usage"]
    assert found.frame["ds"].tolist() == hours.tolist()


def segment(start: float, n: int) -> str:
    settings = "Channels\t1\t\nSamples\t{n}\t\nDate\t2024/05/13\t\n***End_of_Header***\t\t\nX_Value\tVolt\tComment\n"
    body = "".join(f"{start + 0.5 * k:.6f}\t{np.sin(k / 3):.6f}\t\n" for k in range(n))
    return settings.format(n=n) + body


def test_a_second_table_goes_on_or_is_refused(tmp_path, keep_account):
    head = "LabVIEW Measurement\t\nSeparator\tTab\n***End_of_Header***\t\n\t\n"
    (tmp_path / "on.lvm").write_text(head + segment(0, 40) + "\n" + segment(20, 30))
    found = read(tmp_path / "on.lvm")
    assert (len(found.frame), found.channels, found.frame["ds"].tolist()) == (70, ["Volt"], [*range(70)])
    keep_account(found, (tmp_path / "on.lvm").read_bytes())
    (tmp_path / "anew.lvm").write_text(head + segment(0, 40) + "\n" + segment(0, 30))
    with pytest.raises(DataError, match=r"holds 2 tables .* begins at 0.000000 again \(line 56\)") as caught:
        read(tmp_path / "anew.lvm")
    assert "head -n 49 or tail -n +55" in caught.value.hint


def test_loggers_whose_files_were_joined_are_one_table(tmp_path):
    def part(k):
        head = '"TOA5","st","CR1000"\n"TIMESTAMP","RECORD","AirT"\n"TS","RN","Deg C"\n"","","Avg"\n'
        stamps = pd.date_range("2024-03-01", periods=90, freq="30min")[45 * k : 45 * k + 45]
        return head + "".join(f'"{s}",{i},{12 + i % 5}.25\n' for i, s in enumerate(stamps))

    found = table(tmp_path / "joined.dat", part(0) + part(1))
    assert (len(found.frame), found.channels) == (90, ["AirT"])
    assert "row without stamp" not in "\n".join(found.facts["notes"])
