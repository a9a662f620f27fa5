"""What is no table ends with one clear line and the right code: never a traceback, a hang or a wrong answer."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pytest

from tsforecast.config import ReadConfig
from tsforecast.errors import DataError, NotReadableError, TsforecastError, UsageError
from tsforecast.io import read

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10


def refused(tmp_path: Path, data: bytes, name: str = "x.csv", **options: object) -> TsforecastError:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(TsforecastError) as caught:
        read(path, ReadConfig(**options))
    error = caught.value
    assert "\n" not in error.message
    assert len(error.message) < 500
    return error


NO_TABLES = (
    b"",
    b"\n\n",
    b"\xef\xbb\xbf",
    b"time,value\n",
    b"a,b\nc,d\ne,f\n",
    b"# only\n# comments\n",
    b",,\n,,\n",
    b"t,v\n2020-01-01,NA\n2020-01-02,\n",
    b"just some prose\nwithout any table in it\nat all\n",
    b"t,v\n2020-01-01,1,5\n2020-01-02,2,5\n2020-01-03,3,5\n",
    b"{}",
    b"[]",
    b'[{"a": {"b": 1}}]',
    b"[[1, 2], [3, 4]]",
)


@pytest.mark.parametrize("data", NO_TABLES)
@pytest.mark.parametrize("name", ["x.csv", "x.data"])
def test_content_that_cannot_be_used(tmp_path, data, name):
    assert isinstance(refused(tmp_path, data, name), DataError)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (PNG, "x.csv"),
        (b"\xff\xd8\xff\xe0" + PNG, "x.csv"),
        (b"%PDF-1.4\n" + PNG, "x.csv"),
        (bytes(range(256)) * 100, "x.csv"),
        (b"t,v\n2020-01-01,1\n\x00\x00\x00\n", "x.csv"),
        (np.random.default_rng(0).bytes(20000), "x.csv"),
        (gzip.compress(b"t,v\n2020-01-01,1\n" * 500)[:-30], "x.csv.gz"),
        (b"t,v\n2020-01-01,1\n", "x.csv.gz"),
        (b"t,v\n2020-01-01,1\n", "x.parquet"),
        (b"PAR1" + b"garbage" * 20, "x.parquet"),
        (b"t,v\n2020-01-01,1\n", "x.xlsx"),
        (b"PK\x03\x04" + b"xl/garbage" * 20, "x.xlsx"),
        (b"PK\x03\x04" + b"garbage" * 20, "x.zip"),
        (b'[{"a": 1}, {"a"', "x.json"),
        (b'{"a": 1}\n{"a"\n', "x.jsonl"),
        (b"[" * 100_000, "x.json"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bytes_that_cannot_be_read(tmp_path, data, name):
    assert isinstance(refused(tmp_path, data, name), NotReadableError)


def test_a_decompression_bomb(tmp_path):
    bomb = pytest.importorskip("zstandard").ZstdCompressor().compress(bytes(1 << 29))
    assert "unfolds to more than 256 MiB" in refused(tmp_path, bomb, "x.csv.zst").message


def test_one_endless_line(tmp_path):
    error = refused(tmp_path, b"1," * 5_000_000)
    assert isinstance(error, DataError)
    assert "line 1 is longer than" in error.message


def test_a_quote_left_open(tmp_path):
    error = refused(tmp_path, b't,v\n2020-01-01,1\n2020-01-02,"2\n' + b"2020-01-03,3\n" * 20_000)
    assert isinstance(error, DataError)


def test_absent_directory_and_forbidden(tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path, tmp_path / "a\x00b", tmp_path / ("x" * 300)):
        with pytest.raises(NotReadableError):
            read(path)


def test_closed_stdin(monkeypatch):
    closed = io.TextIOWrapper(io.BytesIO(b""))
    closed.close()
    for stream in (closed, None):
        monkeypatch.setattr("sys.stdin", stream)
        with pytest.raises(NotReadableError, match="stdin is closed"):
            read("-")


def test_nested_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"t": [1, 2], "v": [[1, 2], [3]]}), tmp_path / "x.parquet")
    with pytest.raises(DataError, match="'v' is list"):
        read(tmp_path / "x.parquet")


def test_wrong_options(tmp_path):
    fine = b"t,v\n2020-01-01 10:00,1\n2020-01-02 11:00,2\n"
    for option, value in {"encoding": "klingon", "delimiter": "ab", "zone": "Mars/Base", "decimal": "x"}.items():
        assert isinstance(refused(tmp_path, fine, **{option: value}), UsageError), option
    for option in ("time_col", "id_col"):
        assert isinstance(refused(tmp_path, fine, **{option: "absent"}), DataError)
    assert isinstance(refused(tmp_path, "t,ä\n2020-01-01,1\n".encode("cp1252"), encoding="utf-8"), NotReadableError)


def test_infinite_and_absurd_values_are_kept_for_the_repair(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("t,v\n2020-01-01,inf\n2020-01-02,-1e308\n2020-01-03,1e400\n")
    assert read(path).frame["v"].tolist() == [np.inf, -1e308, np.inf]


def test_absurd_values_warn_nobody(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("t,n,v\n" + "".join(f"2020-01-{d},{(-1) ** d * 1.7e308},{-9999 - d % 2}\n" for d in range(10, 30)))
    t = read(path)
    assert t.channels == ["n", "v"]
    path.write_text("n,v\n" + "".join(f"{(-1) ** d * 1.7e308},{d}.5\n" for d in range(10, 30)))
    assert read(path).channels == ["n", "v"]


def test_one_row(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("t,v\n2020-01-01,1\n")
    assert read(path).frame["v"].tolist() == [1]
