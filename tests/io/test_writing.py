"""Whole files or none, floats that read back equal, the user's names and zone on the way out."""

from __future__ import annotations

import errno
import io
import json
import os
import stat

import numpy as np
import pandas as pd
import pytest

from tsforecast.config import ReadConfig
from tsforecast.data.panel import Schema
from tsforecast.errors import NotReadableError, UsageError
from tsforecast.io import external, read, write
from tsforecast.io.files import replacing

FRAME = pd.DataFrame({"t": ["2020-01-01", "2020-01-02"], "v": [0.1 + 0.2, np.nan], "s": ["a,b", 'say "ö"']})


def test_csv_to_the_byte(tmp_path):
    write(FRAME, str(tmp_path / "x.csv"))
    text = 't,v,s\n2020-01-01,0.30000000000000004,"a,b"\n2020-01-02,,"say ""ö"""\n'
    assert (tmp_path / "x.csv").read_bytes() == text.encode()


def test_the_suffix_names_the_format(tmp_path):
    for suffix in ("tsv", "json", "jsonl", "parquet"):
        write(FRAME, str(tmp_path / f"x.{suffix}"))
    assert (tmp_path / "x.tsv").read_text(encoding="utf-8").startswith("t\tv\ts\n")
    records = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert records[0] == {"t": "2020-01-01", "v": 0.1 + 0.2, "s": "a,b"}
    assert records[1]["v"] is None
    assert [json.loads(line) for line in (tmp_path / "x.jsonl").read_text(encoding="utf-8").splitlines()] == records
    assert pd.read_parquet(tmp_path / "x.parquet")["v"][0] == 0.1 + 0.2


def test_an_option_beats_the_suffix(tmp_path):
    write(FRAME, str(tmp_path / "x.csv"), "jsonl")
    assert (tmp_path / "x.csv").read_text(encoding="utf-8").startswith("{")
    with pytest.raises(UsageError, match="xml"):
        write(FRAME, None, "xml")


def test_stdout(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr("sys.stdout", out)
    write(FRAME[["t"]], None, None)
    assert out.buffer.getvalue() == b"t\n2020-01-01\n2020-01-02\n"


def test_a_broken_pipe_is_left_to_the_caller(monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        monkeypatch.setattr("sys.stdout", out)
        with pytest.raises(BrokenPipeError):
            write(FRAME, "-")
        monkeypatch.undo()
        with pytest.raises(BrokenPipeError):
            out.close()


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("old")
    broken = FRAME.assign(s=[object(), object()])
    with pytest.raises(TypeError):
        write(broken, str(path))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.json"]


@pytest.mark.parametrize("place", ["absent/x.csv", ".", "file/x.csv"])
def test_a_place_that_cannot_be_written(tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotReadableError, match="cannot be written"):
        write(FRAME, str(tmp_path / place))
    assert os.listdir(tmp_path) == ["file"]


def test_a_full_disk(tmp_path):
    def write_until_full() -> None:
        with replacing(tmp_path / "x.csv") as stream:
            stream.write(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(NotReadableError, match="No space left"):
        write_until_full()
    assert os.listdir(tmp_path) == []


def test_permissions_are_kept(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("old")
    path.chmod(0o640)
    write(FRAME, str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def panel(start: str, periods: int, freq: str) -> pd.DataFrame:
    ds = pd.date_range(start, periods=periods, freq=freq, unit="us")
    return pd.DataFrame({"unique_id": "", "ds": ds, "v": np.arange(periods) / 3})


def test_dates_alone_where_the_grid_is_daily():
    for freq in ("D", "MS", "W", "QS", "YS", "B"):
        assert external(panel("2020-01-05", 3, freq), Schema("day"), freq)["day"].str.len().eq(10).all()
    assert external(panel("2020-01-05", 2, "h"), Schema("t"), "h")["t"].tolist() == [
        "2020-01-05T00:00:00",
        "2020-01-05T01:00:00",
    ]


def test_sub_second_stamps_keep_their_digits():
    assert external(panel("2020-01-05", 2, "250ms"), Schema("t"), "250ms")["t"][1] == "2020-01-05T00:00:00.250000"


def test_the_zone_of_the_user_over_the_change_of_clocks():
    out = external(panel("2020-10-24T23:00", 4, "h"), Schema("t", zone="Europe/Berlin"), "h")["t"].tolist()
    assert out == [
        "2020-10-25T01:00:00+02:00",
        "2020-10-25T02:00:00+02:00",
        "2020-10-25T02:00:00+01:00",
        "2020-10-25T03:00:00+01:00",
    ]


def test_names_of_the_user():
    frame = panel("2020-01-01", 2, "D")
    assert list(external(frame, Schema("day"), "D")) == ["day", "v"]
    assert list(external(frame, Schema("day", "shop"), "D")) == ["shop", "day", "v"]
    assert list(external(frame, Schema("v"), "D")) == ["v_", "v"]


def test_an_integer_index_stays_one():
    frame = pd.DataFrame({"unique_id": "", "ds": [3, 4], "v": [1.0, 2.0]})
    assert external(frame, Schema("step"), 1)["step"].tolist() == [3, 4]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json", "jsonl", "parquet"])
def test_what_is_written_reads_back_equal(tmp_path, suffix):
    frame = panel("2020-10-24T20:00", 30, "h")
    frame["v"] = np.random.default_rng(1).normal(size=30) * 10.0 ** np.arange(-15, 15)
    path = str(tmp_path / f"x.{suffix}")
    write(external(frame, Schema("when", zone="Europe/Berlin"), "h"), path)
    t = read(path, ReadConfig(zone="Europe/Berlin"))
    pd.testing.assert_frame_equal(t.frame, frame.astype({"unique_id": "str"}), check_exact=True)
    assert t.schema.zone == "Europe/Berlin"
