"""A row is put behind those of a CSV file whole, by one writer at a time."""

from __future__ import annotations

import threading

import pytest

from tsforecast.errors import DataError
from tsforecast.io.appending import append_row


def test_the_header_stands_once_and_rows_follow(tmp_path):
    path = tmp_path / "h.csv"
    append_row(str(path), {"a": 1, "b": 0.1}, "--history")
    rows = append_row(str(path), {"a": 'x,"y', "b": float("nan")}, "--history")
    assert path.read_text() == 'a,b\n1,0.1\n"x,""y",\n'
    assert rows[-1] == {"a": 'x,"y', "b": ""}
    assert [p.name for p in tmp_path.iterdir()] == ["h.csv"]


def test_a_file_with_other_columns_is_left_as_it_is(tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("a,c\n1,2\n")
    with pytest.raises(DataError, match="other columns"):
        append_row(str(path), {"a": 1, "b": 2}, "--history")
    path.write_text("a,b\n1\n")
    with pytest.raises(DataError, match="line 2 has 1 cells"):
        append_row(str(path), {"a": 1, "b": 2}, "--history")
    assert path.read_text() == "a,b\n1\n"


def test_no_writer_loses_its_row(tmp_path):
    path = tmp_path / "h.csv"
    threads = [threading.Thread(target=append_row, args=(str(path), {"n": n}, "--history")) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(int, path.read_text().split()[1:])) == list(range(12))
