"""Small files that would fill the memory are refused with 5 and one line, before they do."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import resource
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tsforecast.config import ReadConfig
from tsforecast.errors import DataError, UsageError
from tsforecast.io import read

SMALL = 2_000_000
ROWS = "day,value\n" + "".join(f"2020-01-{d:02d},{d}\n" for d in range(1, 29))


def refused(path: Path, max_size: int = SMALL) -> str:
    with pytest.raises(DataError) as caught:
        read(path, ReadConfig(max_size=max_size))
    assert caught.value.exit_code == 5
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("fold", [bytes, gzip.compress, bz2.compress, lzma.compress], ids=["plain", "gz", "bz2", "xz"])
def test_bytes_beyond_the_largest_size(tmp_path: Path, fold: Callable[[bytes], bytes]):
    path = tmp_path / "x"
    path.write_bytes(fold(ROWS.encode() + b"\n" * SMALL))
    assert "larger than 2 MB" in refused(path)
    path.write_bytes(fold(ROWS.encode()))
    assert len(read(path, ReadConfig(max_size=SMALL)).frame) == 28


def test_what_unfolds_a_thousandfold_is_a_bomb_whatever_is_allowed(tmp_path: Path):
    path = tmp_path / "x.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(17):
            file.write(bytes(1 << 24))
    assert "unfolds to more than 256 MiB" in refused(path, 10**12)


def test_parquet_of_more_rows_than_fit(tmp_path: Path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": np.zeros(10**6), "b": np.zeros(10**6)}), path)
    assert path.stat().st_size < SMALL / 10
    assert "larger than 2 MB" in refused(path)


def test_parquet_of_one_long_text_in_every_row(tmp_path: Path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": pa.array(["x" * 10_000]).take(pa.array(np.zeros(20_000, "int64")))}), path)
    assert path.stat().st_size < SMALL
    assert "larger than 2 MB" in refused(path)


def test_excel_cells_far_apart(tmp_path: Path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.active["XFD900000"] = 2
    book.save(tmp_path / "x.xlsx")
    assert "larger than" in refused(tmp_path / "x.xlsx", 10**6)


def test_an_excel_file_that_unfolds(tmp_path: Path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 3 * SMALL)
    (tmp_path / "x.xlsx").write_bytes(made.getvalue())
    assert "larger than" in refused(tmp_path / "x.xlsx")


def test_json_records_of_a_column_each(tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps([{f"c{i}": 1} for i in range(2000)]))
    assert "larger than" in refused(path)


def test_a_stream_without_an_end(tmp_path: Path):
    if not Path("/dev/zero").exists():
        pytest.skip("needs /dev/zero")
    assert "larger than" in refused(Path("/dev/zero"))


@pytest.mark.parametrize(
    ("given", "size"), [("500MB", 5e8), ("2 GB", 2e9), ("1GiB", 2**30), (1000, 1000), ("1.5k", 1500)]
)
def test_sizes_with_units(given, size):
    assert ReadConfig(max_size=given).max_size == size


@pytest.mark.parametrize("given", ["", "big", "-1", 0, "1TB", "1e99", None, "9" * 40])
def test_what_is_no_size(given):
    with pytest.raises(UsageError, match="size"):
        ReadConfig(max_size=given)


def test_a_bomb_costs_no_memory(tmp_path: Path):
    """A real process with a gigabyte to spend."""
    import sys

    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(ROWS.encode() + b"\n" * 60_000_000, 1))
    command = [sys.executable, "-m", "tsforecast", "prepare", str(path), "--max-size", "50MB"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (2**30, 2**30)),
    )
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.count("\n") == 1
    assert "--max-size" in done.stderr
