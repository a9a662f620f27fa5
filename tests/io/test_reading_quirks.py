"""Each quirk of real files: written small, read with no option, every cell checked."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from tsforecast.config import ReadConfig
from tsforecast.data.panel import Table
from tsforecast.errors import DataError
from tsforecast.io import read


def table(tmp_path: Path, text: str | bytes, name: str = "x.csv", **options: object) -> Table:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(path, ReadConfig(**options))


def days(t: Table) -> list[str]:
    return [str(d) for d in t.frame["ds"].to_numpy().astype("datetime64[D]")]


def stamps(t: Table) -> list[str]:
    return [str(d) for d in t.frame["ds"].to_numpy().astype("datetime64[s]")]


PLAIN = "day,a,b\n2020-01-01,1.5,10\n2020-01-02,2.5,20\n2020-01-03,3.5,30\n"


def is_plain(t: Table, names: tuple[str, ...] = ("a", "b")) -> bool:
    return (
        t.channels == list(names)
        and days(t) == ["2020-01-01", "2020-01-02", "2020-01-03"]
        and t.frame[names[0]].tolist() == [1.5, 2.5, 3.5]
        and t.frame[names[1]].tolist() == [10, 20, 30]
    )


@pytest.mark.parametrize(
    ("name", "text"),
    {
        "comma": PLAIN,
        "semicolon": PLAIN.replace(",", ";"),
        "tab": PLAIN.replace(",", "\t"),
        "pipe": PLAIN.replace(",", "|"),
        "runs of blanks": PLAIN.replace(",", "   "),
        "blanks at both ends": "  " + PLAIN.replace(",", "  ").replace("\n", " \n "),
        "decimal comma": PLAIN.replace(",", ";").replace(".", ","),
        "decimal comma and tabs": PLAIN.replace(",", "\t").replace(".", ","),
        "crlf": PLAIN.replace("\n", "\r\n"),
        "cr": PLAIN.replace("\n", "\r"),
        "no newline at the end": PLAIN.rstrip("\n"),
        "quoted": "\n".join(",".join(f'"{c}"' for c in line.split(",")) for line in PLAIN.splitlines()),
        "single quotes": "\n".join(",".join(f"'{c}'" for c in line.split(",")) for line in PLAIN.splitlines()),
        "comments": "# made by a logger\n" + PLAIN.replace("2020-01-02", "# half time\n2020-01-02"),
        "commented header": "# made by a logger\n# " + PLAIN,
        "preamble": "Station report\nmade 2020-02-01 10:00\n\n" + PLAIN,
        "preamble of settings": "Station,Berlin,north\nSensor,XY,12\n" + PLAIN,
        "padded title": "Report,,\n" + PLAIN,
        "blank lines": PLAIN.replace("\n", "\n\n"),
        "blank rows at the end": PLAIN + ",,\n" * 5,
        "trailing delimiters": PLAIN.replace("\n", ",\n"),
        "padded cells": PLAIN.replace(",", " , "),
        "repeated header": PLAIN.replace("2020-01-03", "day,a,b\n2020-01-03"),
    }.items(),
)
def test_a_dialect_changes_nothing(tmp_path, name, text):
    assert is_plain(table(tmp_path, text)), name


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_encodings_are_found(tmp_path, codec):
    text = PLAIN.replace("a,b", "Température moyenne à l'été,Höhe über Grund")
    t = table(tmp_path, text.encode(codec))
    assert is_plain(t, ("Température moyenne à l'été", "Höhe über Grund"))
    assert any("not UTF-8" in note for note in t.facts["notes"]) == (codec not in ("utf-8", "utf-8-sig"))


def test_a_japanese_weather_export(tmp_path):
    """The shape of the weather bureau's download: a title, a blank line, four header rows, codes between the values."""
    rows = [
        "ダウンロードした時刻:2023/10/20 10:42:41",
        "",
        ",東京,東京,東京,東京,東京,東京",
        "年月日,平均気温(℃),平均気温(℃),平均気温(℃),最高気温(℃),最高気温(℃),最多風向(16方位)",
        ",,,,,時分,",
        ",,品質情報,均質番号,,,",
        *(f"2013/10/{d},{d}.5,8,1,{d + 5}.0,2013/10/{d} 13:46,{'北南'[d % 2]}" for d in range(10, 31)),
    ]
    t = table(tmp_path, "\r\n".join(rows).encode("cp932"))
    assert t.channels == ["平均気温(℃)", "最高気温(℃)"]
    assert t.facts["encoding"] == "cp932"
    assert t.facts["header_lines"] == [3, 4, 5, 6]
    assert t.facts["preamble_lines"] == [1]
    assert t.facts["ignored"] == {
        "平均気温(℃) 品質情報": "quality codes",
        "平均気温(℃) 均質番号": "quality codes",
        "最高気温(℃) 時分": "times, not the time column",
        "最多風向(16方位)": "text",
    }
    assert t.lines[0] == 7
    assert t.schema.time == "年月日"


def test_units_below_the_names_join_them(tmp_path):
    t = table(tmp_path, "time,temp,wind\n[UTC],[degC],[m/s]\n2020-01-01,1,2\n2020-01-02,3,4\n")
    assert t.channels == ["temp [degC]", "wind [m/s]"]
    assert t.schema.time == "time [UTC]"


def test_no_header(tmp_path):
    t = table(tmp_path, "2020-01-01,1\n2020-01-02,2\n2020-01-03,4\n")
    assert (t.channels, t.frame["column_2"].tolist(), t.lines.tolist()) == (["column_2"], [1, 2, 4], [1, 2, 3])


def test_duplicate_and_empty_names(tmp_path):
    t = table(tmp_path, "t,v,v,,v_2\n2020-01-01,1,2,3,4\n2020-01-02,1,2,3,4\n")
    assert t.channels == ["v", "v_3", "column_4", "v_2"]


def test_line_numbers_are_physical(tmp_path):
    t = table(tmp_path, 'title\n\nt,v,s\n2020-01-01,1,"a\nb"\n\n2020-01-02,2,c\n# x\n2020-01-03,3,d\n')
    assert t.lines.tolist() == [4, 7, 9]


def test_footers_are_left_out_on_record(tmp_path):
    t = table(tmp_path, PLAIN + "Total,7.5,60\nSource: the office\n")
    assert is_plain(t)
    entries = t.ledger.frame
    assert entries[entries["rule"] == "footer-left-out"]["line"].tolist() == [5, 6]


def test_a_row_without_stamp_is_left_out_on_record(tmp_path):
    t = table(tmp_path, PLAIN.replace("2020-01-03", "oops,9,9\n2020-01-03"))
    assert is_plain(t)
    entry = t.ledger.frame.iloc[0]
    assert (entry["rule"], entry["line"], entry["old"]) == ("row-without-stamp", 4, "oops,9,9")


@pytest.mark.parametrize("token", ["", "NA", "NaN", "null", "-", "--", "?", "*", "#N/A", "欠測", "n/a", "None", "."])
def test_missing_tokens(tmp_path, token):
    t = table(tmp_path, PLAIN.replace("2.5", token))
    assert np.isnan(t.frame["a"][1])
    assert len(t.ledger) == 0


def test_text_in_a_column_of_numbers_becomes_missing_on_record(tmp_path):
    t = table(tmp_path, PLAIN.replace("2.5", "?0.2"))
    assert np.isnan(t.frame["a"][1])
    entry = t.ledger.frame.iloc[0]
    assert (entry["rule"], entry["line"], entry["column"], entry["old"]) == ("text-to-missing", 3, "a", "?0.2")
    assert str(entry["ds"]) == "2020-01-02 00:00:00"


def test_columns_that_are_no_numbers_are_ignored_with_a_reason(tmp_path):
    text = "t,v,flag,site,note,ok\n" + "".join(f"2020-01-0{d},{d},{d % 2},x,text{d},TRUE\n" for d in range(1, 9))
    t = table(tmp_path, text.replace("flag", "v_flag"))
    assert t.channels == ["v"]
    assert t.facts["ignored"] == {
        "v_flag": "quality codes",
        "site": "constant text",
        "note": "text",
        "ok": "truth values",
    }


def test_truth_values_on_demand(tmp_path):
    t = table(tmp_path, "t,v,ok\n2020-01-01,1,TRUE\n2020-01-02,2,FALSE\n", target_col=("ok",))
    assert t.frame["ok"].tolist() == [1.0, 0.0]


def test_target_columns_by_glob(tmp_path):
    text = "t,load_a,load_b,temp\n2020-01-01,1,2,3\n2020-01-02,4,5,6\n"
    assert table(tmp_path, text, target_col=("load_*",)).channels == ["load_a", "load_b"]
    with pytest.raises(DataError, match="no column 'nope'"):
        table(tmp_path, text, target_col=("nope",))


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1.234,5", "2.000,25"], [1234.5, 2000.25]),
        (["1,234.5", "2,000.25"], [1234.5, 2000.25]),
        (["1,234,567", "2,000"], [1234567, 2000]),
        (["999", "1,234"], [999, 1234]),
        (["1'234.5", "2'000"], [1234.5, 2000]),
        (["1 234", "12"], [1234, 12]),
        (["1\u00a0234,5", "12,25"], [1234.5, 12.25]),
        (["0,5", "1,25"], [0.5, 1.25]),
        (["−1.5", "+2"], [-1.5, 2]),
        (["1e3", "-2.5E-2"], [1000, -0.025]),
        (["inf", "-Infinity"], [np.inf, -np.inf]),
        (["１２", "３.５"], [12, 3.5]),
    ],
)
def test_numbers(tmp_path, cells, values):
    text = "t;v\n" + "".join(f"2020-01-0{i + 1};{cell}\n" for i, cell in enumerate(cells))
    assert table(tmp_path, text).frame["v"].tolist() == values


def test_underscores_are_no_thousands_marks(tmp_path):
    t = table(tmp_path, "t,v\n2020-01-01,1\n2020-01-02,1_000\n2020-01-03,3\n")
    assert np.isnan(t.frame["v"][1])


def test_sentinels_are_suspected_and_left_alone(tmp_path):
    rng = np.random.default_rng(0)
    values = np.round(rng.normal(20, 2, 200), 2)
    values[[5, 50, 51, 52]] = -200
    text = "t,v,w\n" + "".join(f"{np.datetime64('2020-01-01') + i},{v},{abs(v)}\n" for i, v in enumerate(values))
    t = table(tmp_path, text)
    assert (t.frame["v"] == -200).sum() == 4
    assert [(s["column"], s["value"], s["count"]) for s in t.facts["suspects"]] == [("v", -200.0, 4)]
    cleaned = table(tmp_path, text, na_value=("-200",))
    assert cleaned.frame["v"].isna().sum() == 4
    assert cleaned.facts["suspects"] == []


def test_ordinary_edges_are_no_suspects(tmp_path):
    text = "t,v\n" + "".join(f"{np.datetime64('2020-01-01') + i},{i - 9}\n" for i in range(300))
    assert table(tmp_path, text).facts["suspects"] == []


def test_na_values_may_be_words(tmp_path):
    t = table(tmp_path, PLAIN.replace("2.5", "Kaputt"), na_value=("kaputt",))
    assert np.isnan(t.frame["a"][1])
    assert len(t.ledger) == 0


LONG = "day,shop,v\n" + "".join(f"2020-01-0{d},{s},{d}\n" for s in ("north", "south", "east") for d in range(1, 9))


def test_long_files_need_their_id_column(tmp_path):
    with pytest.raises(DataError, match="'shop'") as caught:
        table(tmp_path, LONG)
    assert caught.value.hint == "--id-col shop"
    t = table(tmp_path, LONG, id_col="shop")
    assert t.frame["unique_id"].tolist() == ["north"] * 8 + ["south"] * 8 + ["east"] * 8
    assert (t.schema.id, t.channels) == ("shop", ["v"])


def test_long_files_by_number_need_their_id_column(tmp_path):
    text = LONG.replace("north", "1").replace("south", "2").replace("east", "3")
    with pytest.raises(DataError, match="'shop'"):
        table(tmp_path, text)
    assert table(tmp_path, text, id_col="shop").frame["unique_id"].unique().tolist() == ["1", "2", "3"]


def test_long_files_with_an_index(tmp_path):
    text = LONG.replace("2020-01-0", "").replace("day", "step")
    with pytest.raises(DataError, match="'shop'"):
        table(tmp_path, text)
    t = table(tmp_path, text, id_col="shop")
    assert t.frame["ds"].tolist() == [*range(1, 9)] * 3


def test_repeated_stamps_alone_are_no_long_file(tmp_path):
    t = table(tmp_path, "day,v\n" + "2020-01-01,1.5\n2020-01-02,2.5\n" * 5)
    assert len(t.frame) == 10


@pytest.mark.parametrize(
    ("name", "text"),
    {
        "x.json": '[{"day": "2020-01-01", "a": 1.5, "b": 10}, {"day": "2020-01-02", "a": 2.5, "b": 20},'
        ' {"day": "2020-01-03", "a": 3.5, "b": 30}]',
        "columns.json": '{"day": ["2020-01-01", "2020-01-02", "2020-01-03"], "a": [1.5, 2.5, 3.5], "b": [10, 20, 30]}',
        "pandas.json": '{"day": {"0": "2020-01-01", "1": "2020-01-02", "2": "2020-01-03"},'
        ' "a": {"0": 1.5, "1": 2.5, "2": 3.5}, "b": {"0": 10, "1": 20, "2": 30}}',
        "data.json": '{"data": [{"day": "2020-01-01", "a": 1.5, "b": 10}, {"day": "2020-01-02", "a": 2.5, "b": 20},'
        ' {"day": "2020-01-03", "a": 3.5, "b": 30}]}',
        "x.jsonl": '{"day": "2020-01-01", "a": 1.5, "b": 10}\n{"day": "2020-01-02", "a": 2.5, "b": 20}\n\n'
        '{"day": "2020-01-03", "a": 3.5, "b": 30}\n',
    }.items(),
)
def test_json(tmp_path, name, text):
    assert is_plain(table(tmp_path, text, name))


def test_json_numbers_alone(tmp_path):
    t = table(tmp_path, "[1, 2.5, null, 4]", "x.json")
    assert t.frame["ds"].tolist() == [0, 1, 2, 3]
    assert t.frame["value"].tolist()[:2] == [1, 2.5]


def test_excel(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    import datetime as dt

    book = openpyxl.Workbook()
    for row in (["Report"], [], ["day", "a", "b"]):
        book.active.append(row)
    for d in (1, 2, 3):
        book.active.append([dt.datetime(2020, 1, d), d + 0.5, d * 10])  # noqa: DTZ001
    book.save(tmp_path / "x.xlsx")
    t = read(tmp_path / "x.xlsx")
    assert is_plain(t)
    assert t.facts["format"] == "excel"


def test_stdin(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PLAIN.encode())))
    t = read("-")
    assert is_plain(t)
    assert t.facts["source"] == "stdin"


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst", ""])
def test_compression_by_suffix_and_by_magic_bytes(tmp_path, suffix):
    import bz2
    import gzip
    import lzma

    pack = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, "": gzip.compress}.get(suffix)
    if pack is None:
        pack = pytest.importorskip("zstandard").ZstdCompressor().compress
    assert is_plain(table(tmp_path, pack(PLAIN.encode()), f"x.csv{suffix}"))


def test_facts_are_plain_json(tmp_path):
    import json

    t = table(tmp_path, PLAIN.replace("2.5", "x"))
    assert json.loads(json.dumps(t.facts)) == t.facts
    assert t.facts["n_rows"] == 3


def test_a_header_of_years(tmp_path):
    t = table(tmp_path, "month,2019,2020\n1,5.5,6\n2,7,8\n3,9,10\n")
    assert (t.channels, t.frame["2019"].tolist()) == (["2019", "2020"], [5.5, 7, 9])


def test_a_column_without_name_is_named_and_said(tmp_path):
    t = table(tmp_path, '"x" "y" "z"\n"1" 2020-01-01 5.5 7\n"2" 2020-01-02 6.5 2\n')
    assert (t.schema.time, t.channels) == ("x", ["y", "z"])
    assert any("3 names for 4 columns: the first is called 'column_1'" in note for note in t.facts["notes"])
    t = table(tmp_path, "date,co2,trend\n1958-03-01,315.7,314.6,-1\n1958-04-01,317.4,315.2,-2\n")
    assert (t.schema.time, t.channels) == ("date", ["co2", "trend", "column_4"])
    assert any("the last is called 'column_4'" in note for note in t.facts["notes"])


def test_more_cells_than_names_stop_where_decimal_commas_could_be_why(tmp_path):
    with pytest.raises(DataError, match="2 names but the rows have 3 cells"):
        table(tmp_path, "t,v\n2020-01-01,1,5\n2020-01-02,2,5\n")


def test_one_column_of_counted_numbers_is_the_series(tmp_path):
    t = table(tmp_path, "1\n2\n3\n4\n5\n")
    assert (t.frame["ds"].tolist(), t.frame["column_1"].tolist()) == ([0, 1, 2, 3, 4], [1, 2, 3, 4, 5])


def test_row_numbers_are_no_series(tmp_path):
    t = table(tmp_path, "No,day,v\n1,2020-01-01,5\n2,2020-01-02,7\n3,2020-01-03,6\n")
    assert (t.channels, t.facts["ignored"]) == (["v"], {"No": "row numbers"})


def test_columns_called_as_ours(tmp_path):
    t = table(tmp_path, "unique_id,ds,y\n5,2020-01-01,1\n6,2020-01-01,2\n")
    assert (t.schema.id, t.frame["unique_id"].tolist(), t.channels) == ("unique_id", ["5", "6"], ["y"])
    t = table(tmp_path, "time,ds,y\n2020-01-01,5,1\n2020-01-02,7,2\n")
    assert t.channels == ["ds_", "y"]
    assert t.frame["ds_"].tolist() == [5, 7]


def test_time_col_none_takes_the_rows_as_they_come(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("t,y\n2024-01-01,1\n2024-01-05,2\n2024-01-06,3\n")
    table = read(str(path), ReadConfig(time_col="none", target_col=("y",)))
    assert table.frame["ds"].tolist() == [0, 1, 2]
    assert table.channels == ["y"]
