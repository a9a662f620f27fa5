"""Pieces: what is read, how it is cut, and what names what was made of it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shops import a_folder, long_frame

from tsforecast.batch.inputs import found, hashed, passed_over
from tsforecast.batch.job import Job
from tsforecast.batch.pieces import Piece, planned
from tsforecast.batch.runs import cuts_at, runs_of
from tsforecast.batch.tables import Reader
from tsforecast.config import BatchConfig, FitConfig, ForecastConfig, PrepareConfig, ReadConfig
from tsforecast.errors import DataError, NotReadableError, UsageError


def keys(path: Path, job: Job, identity: str = "", scope: str = "global") -> list[str]:
    return [piece.key for piece in planned([hashed(str(path))], job, identity, scope)]


def test_a_folder_a_glob_and_a_file_name_each_table_once_in_order(tmp_path):
    folder = a_folder(tmp_path / "per", 3)
    (folder / "notes.md").write_text("no table")
    (folder / ".hidden.csv").write_text("a\n1\n")
    (folder / "sub").mkdir()
    (folder / "sub" / "x.parquet").write_bytes(b"")
    names = found([str(folder / "shop2.csv"), str(folder / "*.csv"), str(folder)])
    assert [name.removeprefix(f"{folder}/") for name in names] == [
        "shop2.csv",
        "shop0.csv",
        "shop1.csv",
        "sub/x.parquet",
    ]
    (folder / "sub" / "y.dat").write_text("a\n1\n")
    left = passed_over([str(folder / "shop2.csv"), str(folder), str(folder / "sub")])
    assert [name.removeprefix(f"{folder}/") for name in left] == ["notes.md", "sub/y.dat"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_is_no_empty_one(tmp_path):
    a_folder(tmp_path / "per", 1)
    closed = tmp_path / "per" / "closed"
    closed.mkdir(mode=0)
    with pytest.raises(NotReadableError, match="closed cannot be read"):
        found([str(tmp_path / "per")])


def test_a_file_whose_name_looks_like_a_glob_is_that_file(tmp_path):
    (tmp_path / "a[1].csv").write_text("a\n1\n")
    (tmp_path / "a1.csv").write_text("a\n1\n")
    assert found([str(tmp_path / "a[1].csv")]) == [str(tmp_path / "a[1].csv")]


@pytest.mark.parametrize(
    ("given", "kind"), [(["-"], UsageError), ([], UsageError), (["/nowhere/*.csv"], NotReadableError)]
)
def test_what_cannot_be_an_input_is_refused(given, kind):
    with pytest.raises(kind):
        found(given)


def test_a_key_is_of_data_settings_seed_models_and_place(tmp_path):
    path = a_folder(tmp_path, 1) / "shop0.csv"
    job = Job()
    same = keys(path, job)
    assert same == keys(path, Job())
    others = [
        replace(job, forecast=ForecastConfig(horizon=3)),
        replace(job, fit=FitConfig(seed=1)),
        replace(job, prepare=PrepareConfig(max_gap=3)),
        replace(job, batch=BatchConfig(scope="local")),
    ]
    found = [keys(path, other)[0] for other in others] + keys(path, job, "another model")
    # the forecasts of a file without ids bear its name
    found += keys(path.rename(tmp_path / "renamed.csv"), job)
    path.write_text((tmp_path / "renamed.csv").read_text() + "2024-03-01,9\n")
    found += keys(path, job)
    assert len({*same, *found}) == 1 + len(found)


def test_how_a_batch_is_run_is_no_part_of_the_key(tmp_path):
    path = a_folder(tmp_path, 1) / "shop0.csv"
    run = BatchConfig(workers=7, log_format="json", output_dir="elsewhere", input=("x.csv",))
    assert keys(path, Job()) == keys(path, Job(batch=run))


def test_a_job_survives_json():
    job = Job(
        read=ReadConfig(na_value=("-200", "?"), target_col=("a*",)),
        forecast=ForecastConfig(horizon="2d", bounds=(0.0, np.inf), level=(50, 99.5)),
    )
    assert Job.from_dict(job.to_dict()) == job
    with pytest.raises(NotReadableError, match="unknown setting colour"):
        Job.from_dict({**job.to_dict(), "read": {"colour": 3}})


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.integers(1, 25))
def test_cuts_hold_whole_series_and_every_row_once(lengths, rows):
    from tsforecast.batch.runs import FileRuns

    starts = np.cumsum([0, *lengths[:-1]])
    runs = FileRuns(starts, np.arange(len(lengths), dtype="uint64"), sum(lengths))
    cuts = list(cuts_at(runs, rows))
    assert [low for low, _ in cuts] == [0, *(high for _, high in cuts[:-1])]
    assert cuts[-1][1] == sum(lengths)
    assert {low for low, _ in cuts} <= set(starts.tolist())
    assert all(high - low >= rows for low, high in cuts[:-1])


def parts(path: Path, rows: int, monkeypatch) -> list[pd.DataFrame]:
    monkeypatch.setattr("tsforecast.batch.pieces.ROWS", {"global": rows, "local": rows})
    reader = Reader(ReadConfig(id_col="shop"))
    pieces = planned([hashed(str(path))], Job(read=ReadConfig(id_col="shop")), "", "local")
    return [reader.table(piece).frame for piece in pieces]


@pytest.mark.parametrize("groups", [17, 1000])
def test_a_parquet_file_is_cut_between_series_and_nothing_is_lost(tmp_path, monkeypatch, groups):
    path = tmp_path / "long.parquet"
    frame = long_frame(5)
    frame.to_parquet(path, index=False, row_group_size=groups)
    runs = runs_of(str(path), groups, "shop")
    assert runs is not None
    assert runs.starts.tolist() == [0, 60, 120, 180, 240]
    found = parts(path, 100, monkeypatch)
    assert [len(part) for part in found] == [120, 120, 60]
    joined = pd.concat(found, ignore_index=True)
    assert joined["unique_id"].tolist() == frame["shop"].tolist()
    assert joined["sold"].tolist() == frame["sold"].tolist()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_series_that_do_not_lie_together_are_still_whole(tmp_path, monkeypatch, suffix):
    frame = long_frame(4).sample(frac=1, random_state=0)
    path = tmp_path / f"mixed{suffix}"
    frame.to_csv(path, index=False) if suffix == ".csv" else frame.to_parquet(path, index=False)
    found = parts(path, 60, monkeypatch)
    assert len(found) > 1
    ids = [set(part["unique_id"]) for part in found]
    assert sum(map(len, ids)) == len(set().union(*ids)) == 4
    assert sum(map(len, found)) == len(frame)


def test_a_series_in_two_partitions_is_refused(tmp_path):
    for month in (1, 2):
        long_frame(3).assign(day=lambda f, m=month: f["day"] + pd.Timedelta(days=60 * m)).to_parquet(
            tmp_path / f"{month}.parquet", index=False
        )
    sources = [hashed(str(tmp_path / f"{month}.parquet")) for month in (1, 2)]
    with pytest.raises(DataError, match="3 series lie in both .*1.parquet and .*2.parquet"):
        list(planned(sources, Job(read=ReadConfig(id_col="shop")), "", "global"))


def test_a_piece_survives_json():
    for piece in (Piece("a.csv", "0", 1, 3, None, "k"), Piece("b.parquet", "0", rows=(3, 9))):
        assert Piece.from_dict(piece.to_dict()) == piece
