"""Random tables in random dialects read back equal; the fast way and the plain way agree."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsforecast.config import ReadConfig
from tsforecast.data.panel import Table
from tsforecast.errors import TsforecastError
from tsforecast.io import read

NAMES = st.text("abcdefgäöü温度_ ()%", min_size=1, max_size=8).map(lambda s: " ".join(f"x{s}".split()))
VALUES = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-10000, 10000).map(float))
WRITTEN = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%Y%m%d %H:%M:%S",
    "%d %b %Y %H:%M:%S",
    "%Y年%m月%d日 %H時%M分%S秒",
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[pd.Timestamp], np.ndarray]:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    n = draw(st.integers(3, 30))
    seconds = draw(st.lists(st.integers(0, 3_000_000_000), min_size=n, max_size=n, unique=True))
    start = pd.Timestamp("1951-06-30")
    values = np.array([[draw(VALUES) for _ in names] for _ in range(n)])
    holes = np.array([[draw(st.integers(0, 9)) == 0 for _ in names] for _ in range(n)])
    holes[0] = False
    values[holes] = np.nan
    return names, [start + pd.Timedelta(seconds=s) for s in seconds], values


@st.composite
def dialects(draw: st.DrawFn) -> dict[str, object]:
    decimal = draw(st.sampled_from(".,"))
    return {
        "decimal": decimal,
        "delimiter": draw(st.sampled_from(";\t|" if decimal == "," else ",;\t|")),
        "newline": draw(st.sampled_from(["\n", "\r\n"])),
        "quoting": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        "written": draw(st.sampled_from(WRITTEN)),
        "missing": draw(st.sampled_from(["", "NA", "-", "?", "NaN"])),
        "preamble": draw(st.sampled_from([[], ["a title", ""], ["# a comment"], ["made 2020-01-01 10:00", "", ""]])),
        "codec": draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])),
    }


@given(tables(), dialects())
def test_a_random_table_in_a_random_dialect_reads_back_equal(tmp_path_factory, table, dialect):
    names, stamps, values = table
    text = io.StringIO(newline="")
    for line in dialect["preamble"]:
        text.write(line + dialect["newline"])
    writer = csv.writer(
        text, delimiter=dialect["delimiter"], lineterminator=dialect["newline"], quoting=dialect["quoting"]
    )
    writer.writerow(["time", *names])
    for stamp, row in zip(stamps, values.tolist(), strict=True):
        cells = [dialect["missing"] if v != v else repr(v).replace(".", dialect["decimal"]) for v in row]
        writer.writerow([stamp.strftime(dialect["written"]), *cells])
    path = tmp_path_factory.mktemp("t") / "x.csv"
    path.write_bytes(text.getvalue().encode(dialect["codec"]))
    t = read(path)
    assert t.channels == names
    assert t.frame["ds"].tolist() == stamps
    np.testing.assert_array_equal(t.frame[names].to_numpy(), values)
    first = len(dialect["preamble"]) + 2
    assert t.lines.tolist() == list(range(first, first + len(stamps)))


def large(kind: str, n: int = 9000) -> str:
    """A clean text of more than a quarter of a megabyte."""
    rng = np.random.default_rng(5)
    instants = np.datetime64("2019-03-09T05:06:07") + np.arange(n) * np.timedelta64(61, "s")
    stamps = {
        "iso": [str(i).replace("T", " ") for i in instants],
        "utc": [f"{i}Z" for i in instants],
        "offset": [f"{i}+09:00" for i in instants],
        "day first": [f"{str(i)[8:10]}/{str(i)[5:7]}/{str(i)[:4]} {str(i)[11:]}" for i in instants],
        "epoch": [str(int(i.astype("int64"))) for i in instants],
        "nanoseconds": [str(int(i.astype("int64")) * 10**9 + 1000) for i in instants],
    }[kind]
    rows = zip(stamps, rng.normal(size=n).tolist(), rng.integers(0, 99, n).tolist(), strict=True)
    return "time,a,b,note\n" + "".join(
        f"{s},{a if k % 50 else 'NA'},{b},word{k % 7}\n" for k, (s, a, b) in enumerate(rows)
    )


@pytest.mark.parametrize("change", ["none", "bad cell", "blank rows", "crlf", "quoted", "no end", "late date"])
@pytest.mark.parametrize("kind", ["iso", "utc", "offset", "day first", "epoch", "nanoseconds"])
def test_the_fast_way_agrees_with_the_plain_way(tmp_path, kind, change):
    text = large(kind)
    assert len(text) > 1 << 18
    if change == "bad cell":
        head, tail = text[:300_000].rsplit("\n", 1)[0], text[300_000:].split("\n", 1)[1]
        text = f"{head}\n{head.splitlines()[-1].split(',')[0]},oops,3,x\n{tail}"
    elif change == "blank rows":
        text += ",,,\n" * 9
    elif change == "quoted":
        text = text.replace("word3", '"word, three"')
    elif change == "no end":
        text = text.rstrip("\n")
    elif change == "late date":
        text += "not a date,1,2,x\n"
    text = text.replace("\n", "\r\n") if change == "crlf" else text
    paths = tmp_path / "fast.csv", tmp_path / "plain.csv"
    paths[0].write_text(text, newline="")
    # A comment is declined by the fast way, and moves every line down by one.
    paths[1].write_text("# plain\n" + text, newline="")
    fast, plain = (read(path, ReadConfig()) for path in paths)
    pd.testing.assert_frame_equal(fast.frame, plain.frame, check_exact=True)
    assert (fast.lines + 1).tolist() == plain.lines.tolist()
    assert fast.schema == plain.schema
    assert fast.ledger.counts() | {"comment-left-out": 1} == plain.ledger.counts()
    for key in (
        "channels",
        "ignored",
        "zone",
        "time_column",
        "time_format",
        "suspects",
        "n_rows",
        "delimiter",
        "dayfirst",
    ):
        assert fast.facts[key] == plain.facts[key], key
    assert fast.facts.get("blank_rows") == plain.facts.get("blank_rows")


ID_CELLS = (
    "001",
    "1",
    "1.0",
    "01e0",
    "+1",
    " 1",
    "1 ",
    "a",
    "A",
    "#10 envelope",
    "50% off",
    "// misc",
    "NULL",
    "",
    "é",
    "-1",
)
VALUE_CELLS = (
    "0",
    "1.5",
    "-2",
    "1e3",
    "+4",
    " 5",
    "NA",
    "",
    "nan",
    "inf",
    "1_000",
    "1,5",
    '"1,234"',
    "ND",
    "0x1F",
    "7 %",
    "true",
)
STAMPS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H",
    "%d/%m/%Y %H:%M:%S",
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S+09:00",
)


@given(
    st.lists(st.sampled_from(ID_CELLS), min_size=1, max_size=5, unique=True),
    st.lists(st.tuples(st.sampled_from(VALUE_CELLS), st.sampled_from(VALUE_CELLS)), min_size=1, max_size=4),
    st.sampled_from(STAMPS),
    st.sampled_from(["unique_id", "item"]),
    st.sampled_from([None, "item", "none"]),
    st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=20, derandomize=True)
def test_the_size_of_a_file_changes_nothing(tmp_path_factory, ids, values, written, name, id_col, newline):
    """The fast reader and the plain reader make one table, or one error, of any text."""
    hours = pd.date_range("2020-01-05", periods=6000 // len(ids), freq="7h").strftime(written)
    rows = [f"{hour},{key}" for hour in hours for key in ids]
    # Plain cells come first, as in the files where the fast way is taken at its word too early.
    cells = [f"1.5,{k % 7}" if k < 3000 else ",".join(values[k % len(values)]) for k in range(len(rows))]
    lines = [f"time,{name},a,b", *(f"{row},{pair}" for row, pair in zip(rows, cells, strict=True))]
    text = newline.join(lines) + newline
    text += "".join(f"{hours[-1]},{ids[0]},2,3{newline}" for _ in range(max(0, (1 << 18) - len(text)) // 20 + 1))
    folder = tmp_path_factory.mktemp("size")
    (folder / "fast.csv").write_text(text, newline="")
    (folder / "plain.csv").write_text("# plain\n" + text, newline="")
    fast, plain = (_outcome(folder / f"{way}.csv", ReadConfig(id_col=id_col)) for way in ("fast", "plain"))
    if isinstance(fast, str) or isinstance(plain, str):
        assert fast == plain
        return
    pd.testing.assert_frame_equal(fast.frame, plain.frame, check_exact=True)
    assert (fast.lines + 1).tolist() == plain.lines.tolist()
    assert fast.ledger.counts() | {"comment-left-out": 1} == plain.ledger.counts()
    assert fast.facts["ignored"] == plain.facts["ignored"]
    assert set(fast.frame["unique_id"]) <= {key.strip() for key in ids} | {""}


@pytest.mark.parametrize("names", [[str(y) for y in range(1990, 2020)], [f"{h:02d}:00" for h in range(24)]])
def test_a_large_table_with_time_across_is_turned_the_same_way(tmp_path, names):
    keys = (
        [f"{k:05d}" for k in range(2500)] if len(names) == 30 else pd.date_range("2000-01-01", periods=3000).astype(str)
    )
    rows = "".join(f"{key},{','.join(str(k % 97 + j / 4) for j in range(len(names)))}\n" for k, key in enumerate(keys))
    text = f"key,{','.join(names)}\n{rows}"
    assert len(text) > 1 << 18
    (tmp_path / "fast.csv").write_text(text)
    (tmp_path / "plain.csv").write_text("# plain\n" + text)
    fast, plain = read(tmp_path / "fast.csv"), read(tmp_path / "plain.csv")
    pd.testing.assert_frame_equal(fast.frame, plain.frame, check_exact=True)
    assert len(fast.frame) == len(keys) * len(names)
    assert fast.frame["unique_id"].iloc[0] == ("00000" if len(names) == 30 else "")


def _outcome(path: Path, config: ReadConfig) -> Table | str:
    """The table, or what the error says, without the lines that a comment moves."""
    try:
        return read(path, config)
    except TsforecastError as error:
        return re.sub(r"line \d+|\S*\.csv", "", error.message) + str(error.hint)


@pytest.mark.parametrize("name", ["machine_temperature_system_failure", "nyc_taxi"])
def test_real_files_the_fast_way(sample_data: Path, tmp_path: Path, name: str):
    data = (sample_data / f"{name}.csv").read_bytes()
    (tmp_path / "plain.csv").write_bytes(b"# plain\n" + data)
    fast, plain = read(sample_data / f"{name}.csv"), read(tmp_path / "plain.csv")
    pd.testing.assert_frame_equal(fast.frame, plain.frame, check_exact=True)
    assert (fast.lines + 1).tolist() == plain.lines.tolist()
