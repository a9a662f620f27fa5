"""Inputs that are elsewhere, through fsspec: `memory://` here; a server that speaks S3 where one is installed."""

from __future__ import annotations

import json
import sys

import pytest
from shops import sold

from tsforecast.batch.batch_run import BatchRun
from tsforecast.batch.crew import Inline
from tsforecast.batch.inputs import found, hashed
from tsforecast.batch.job import Job
from tsforecast.batch.outdir import OutputFolder
from tsforecast.config import BatchConfig, ForecastConfig, ModelConfig
from tsforecast.errors import MissingDependencyError, NotReadableError

H = 4


@pytest.fixture
def bucket():
    """`memory://shops` with two files of series and one of words."""
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    for i in range(2):
        with system.open(f"/shops/per/shop{i}.csv", "wb") as stream:
            stream.write(sold(i).to_csv(index=False).encode())
    with system.open("/shops/per/notes.md", "wb") as stream:
        stream.write(b"no table")
    yield system
    system.rm("/shops", recursive=True)


def status_of(folder, *inputs):
    own = BatchConfig(input=tuple(map(str, inputs)), output_dir=str(folder))
    job = Job(model=ModelConfig(model="drift"), forecast=ForecastConfig(horizon=H), batch=own)
    BatchRun(job, OutputFolder(folder), engine=Inline).run()
    return [json.loads(line) for line in (folder / "status.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("given", ["memory://shops/per", "memory://shops/per/*.csv"])
def test_a_folder_or_a_glob_elsewhere_is_its_tables(bucket, given):
    assert found([given]) == ["memory:///shops/per/shop0.csv", "memory:///shops/per/shop1.csv"]


def test_what_is_elsewhere_is_forecast_as_what_is_here(bucket, tmp_path):
    (tmp_path / "per").mkdir()
    for i in range(2):
        sold(i).to_csv(tmp_path / "per" / f"shop{i}.csv", index=False)
    here, there = status_of(tmp_path / "a", tmp_path / "per"), status_of(tmp_path / "b", "memory://shops/per")
    assert [row.pop("source") for row in there] == ["memory:///shops/per/shop0.csv", "memory:///shops/per/shop1.csv"]
    for row in here:
        del row["source"]
    assert here == there
    assert hashed("memory://shops/per/shop0.csv").sha256 == hashed(str(tmp_path / "per" / "shop0.csv")).sha256


def test_what_is_not_there_is_said(bucket, tmp_path):
    rows = status_of(tmp_path / "a", "memory://shops/per/shop0.csv", "memory://shops/per/gone.csv")
    assert [row["state"] for row in rows] == ["ok", "left out"]
    assert "gone.csv" in rows[1]["reason"]
    with pytest.raises(NotReadableError, match="holds no file that could be a table"):
        found(["memory://nowhere/*.csv"])


def test_what_speaks_a_protocol_has_to_be_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingDependencyError) as missing:
        found(["s3://bucket/per"])
    assert "tsforecast-cli[remote]" in missing.value.hint


def test_files_in_a_bucket_of_an_s3_server(tmp_path, monkeypatch):
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0)
    import fsspec

    for name, value in (("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "x"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    server.start()
    try:
        host, port = server.get_host_and_port()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        system = fsspec.filesystem("s3")
        system.mkdir("shops")
        system.pipe({f"shops/per/shop{i}.csv": sold(i).to_csv(index=False).encode() for i in range(2)})
        rows = status_of(tmp_path / "out", "s3://shops/per")
    finally:
        server.stop()
    assert [(row["unique_id"], row["state"]) for row in rows] == [("shop0", "ok"), ("shop1", "ok")]
