"""A batch from its inputs to its folder: in this process, or by the command where it is about processes."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import chdir
from pathlib import Path

import pandas as pd
import pytest
from process import COMMAND, environment, in_process
from shops import a_folder, long_frame, sold

from tsforecast.batch.batch_run import BatchRun
from tsforecast.batch.crew import Crew, Inline
from tsforecast.batch.job import Job
from tsforecast.batch.outdir import OutputFolder
from tsforecast.config import BatchConfig, ForecastConfig, ModelConfig, PrepareConfig, ReadConfig
from tsforecast.errors import DataError, UsageError

H = 4


def batch(
    tmp_path: Path, *inputs: Path, model: str = "drift", engine=Inline, kind: str = "parquet", **more
) -> BatchRun:
    own = BatchConfig(input=tuple(map(str, inputs)), output_dir=str(tmp_path / "out"), **more.pop("batch", {}))
    job = Job(model=ModelConfig(model=model), forecast=ForecastConfig(horizon=H), batch=own, **more)
    return BatchRun(job, OutputFolder(tmp_path / "out"), kind, engine=engine)


def status(folder: Path) -> dict[str, dict[str, object]]:
    rows = [json.loads(line) for line in (folder / "status.jsonl").read_text().splitlines()]
    return {str(row["unique_id"]): row for row in rows}


def contents(folder: Path) -> dict[str, str]:
    """The hash of every file of a run but those that say when and how long."""
    skipped = {"timings.jsonl", ".lock"}
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in skipped
    }


def test_every_series_has_its_row_and_its_forecast(tmp_path):
    folder = a_folder(tmp_path / "per")
    (folder / "empty.csv").write_text("")
    totals = batch(tmp_path, folder).run()
    assert totals.states == {"ok": 5, "left out": 1}
    rows = status(tmp_path / "out")
    assert list(rows) == ["empty", *(f"shop{i}" for i in range(5))]
    assert rows["shop0"]["source"] == str(folder / "shop0.csv")
    made = pd.read_parquet(tmp_path / "out" / "forecasts")
    assert made.groupby("unique_id").size().to_dict() == {f"shop{i}": H for i in range(5)}
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["series"] == {"all": 6, "left out": 1, "ok": 5}
    assert {i["name"]: i["sha256"] for i in manifest["inputs"]} == {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.csv")
    }


def test_what_is_finished_is_never_made_again(tmp_path):
    folder = a_folder(tmp_path / "per", 3)
    batch(tmp_path, folder).run()
    before = contents(tmp_path / "out")
    made: list[str] = []

    class Counting(Inline):
        def carried_out(self, orders, tick=1.0):
            for answer in super().carried_out(orders, tick):
                made.append(answer["key"])
                yield answer

    batch(tmp_path, folder, engine=Counting).run()
    assert not made
    assert contents(tmp_path / "out") == before
    sold(9).to_csv(folder / "shop1.csv", index=False)
    batch(tmp_path, folder, engine=Counting).run()
    assert len(made) == 1


def test_of_two_files_with_the_same_bytes_each_has_its_series(tmp_path):
    folder = a_folder(tmp_path / "per", 1)
    shutil.copy(folder / "shop0.csv", folder / "twin.csv")
    batch(tmp_path, folder).run()
    rows = status(tmp_path / "out")
    assert {uid: row["source"] for uid, row in rows.items()} == {
        uid: str(folder / f"{uid}.csv") for uid in ("shop0", "twin")
    }
    (folder / "twin.csv").rename(folder / "moved.csv")
    batch(tmp_path, folder).run()
    assert status(tmp_path / "out").keys() == {"shop0", "moved"}


def test_what_changed_since_the_last_run_is_said(tmp_path):
    folder = a_folder(tmp_path / "per", 3)
    assert set(batch(tmp_path, folder).run().changed) == set()
    sold(1, 61).to_csv(folder / "shop1.csv", index=False)
    sold(7).to_csv(folder / "shop7.csv", index=False)
    for _ in range(2):  # the second run is the same job and says the same
        batch(tmp_path, folder).run()
        rows = status(tmp_path / "out")
        changed = {uid: row["changed"] for uid, row in rows.items() if row["changed"]}
        assert changed.keys() == {"shop1", "shop7"}
        assert "rows" in changed["shop1"]
        assert changed["shop7"] == ["new"]


def test_the_number_of_workers_changes_no_byte(tmp_path):
    folder = a_folder(tmp_path / "per", 3)
    found = []
    for name, engine, workers in (("a", Inline, 1), ("b", Crew, 2)):
        (tmp_path / name).mkdir()
        asked = {"batch": {"workers": workers, "scope": "local"}}
        batch(tmp_path / name, folder, model="ridge", engine=engine, **asked).run()
        found.append(contents(tmp_path / name / "out"))
    for made in found:
        del made["manifest.json"]  # names where it was
    assert found[0] == found[1]


def test_series_that_end_early_are_judged_among_all(tmp_path):
    """In a piece that the others are in, too, and in one of its own."""
    folder = a_folder(tmp_path / "per", 0)
    pd.concat([long_frame(2), sold(8, 40).assign(shop="stale")]).to_csv(folder / "long.csv", index=False)
    sold(9, 40).assign(shop="alone").to_csv(folder / "other.csv", index=False)
    asked = {"read": ReadConfig(id_col="shop"), "prepare": PrepareConfig(max_stale=10)}
    batch(tmp_path, folder, kind="csv", **asked).run()
    rows = status(tmp_path / "out")
    assert (rows["stale"]["state"], rows["stale"]["stale"]) == ("left out", 20)
    assert "20 steps before the latest, more than --max-stale 10" in str(rows["stale"]["reason"])
    assert rows["alone"]["state"] == "left out"
    made = pd.read_csv(tmp_path / "out" / "forecasts.csv")
    assert made.groupby("unique_id").size().to_dict() == {"s00": H, "s01": H}


def test_a_dozen_related_series_have_one_model_where_that_is_asked_for(tmp_path):
    path = tmp_path / "long.csv"
    long_frame(12).to_csv(path, index=False)
    asked = {"read": ReadConfig(id_col="shop"), "batch": {"scope": "global"}}
    assert batch(tmp_path, path, model="ridge", **asked).run().models == {"ridge": 12}
    assert {row["scope"] for row in status(tmp_path / "out").values()} == {"global"}
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    long_frame(11).to_csv(fewer / "long.csv", index=False)
    batch(fewer, fewer / "long.csv", model="ridge", **asked).run()
    assert {row["scope"] for row in status(fewer / "out").values()} == {"local"}
    manifest = json.loads((fewer / "out" / "manifest.json").read_text())
    assert manifest["models"]["D"]["why"] == "11 series are too few for one model of all"


def test_a_second_run_of_one_folder_is_refused(tmp_path):
    folder = OutputFolder(tmp_path / "out")
    with folder.locked(), pytest.raises(UsageError, match="another run is writing into"):
        batch(tmp_path, a_folder(tmp_path / "per", 1)).run()
    batch(tmp_path, tmp_path / "per").run()


def test_a_folder_of_other_things_is_not_touched(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("dear")
    with pytest.raises(UsageError, match="a folder with other things in it"):
        batch(tmp_path, a_folder(tmp_path / "per", 1)).run()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_nothing_that_can_be_forecast_is_an_error(tmp_path):
    (tmp_path / "a.csv").write_text("")
    with pytest.raises(DataError, match="no series could be forecast"):
        batch(tmp_path, tmp_path / "a.csv").run()
    assert "is empty" in str(status(tmp_path / "out")["a"]["reason"])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A folder with six files, and what a run from beginning to end makes of them."""
    place = tmp_path_factory.mktemp("killed")
    a_folder(place / "per", 6)
    own = BatchConfig(input=("per",), output_dir="out", scope="local", workers=2)
    job = Job(model=ModelConfig(model="ridge"), forecast=ForecastConfig(horizon=H), batch=own)
    with chdir(place):
        BatchRun(job, OutputFolder("out"), engine=Inline).run()
    return place, contents(place / "out")


ARGUMENTS = ["per", "-o", "out", "-H", "4", "-m", "ridge", "--scope", "local", "--workers", "2"]


def started(place: Path) -> subprocess.Popen[str]:
    command = [*COMMAND, "batch", *ARGUMENTS]
    return subprocess.Popen(command, cwd=place, env=environment(), stderr=subprocess.PIPE, text=True)


def wait_for(pieces: Path, n: int, run: subprocess.Popen[str]) -> None:
    """Until so many pieces are finished, or the run is over."""
    while run.poll() is None and len(list(pieces.glob("*.jsonl"))) < n:
        time.sleep(0.001)


def test_killed_and_terminated_the_same_command_gives_the_same_bytes(undisturbed, tmp_path):
    """Where it is terminated it ends soon and leaves nothing half done; benchmarks/killed_batch.py kills 200 times."""
    place, expected = undisturbed
    (tmp_path / "per").symlink_to(place / "per")
    out = tmp_path / "out"
    run = started(tmp_path)
    wait_for(out / ".pieces", 1, run)
    run.kill()
    run.communicate()
    assert run.returncode == -signal.SIGKILL
    run = started(tmp_path)
    # workers of the killed run may finish their piece yet: what is there says nothing of this run, its first line does
    assert run.stderr.readline().startswith("pieces")
    run.terminate()
    run.communicate(timeout=10)
    assert run.returncode == 143
    assert not [path for path in out.rglob("*") if path.suffix == ".tmp"]
    with (out / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    done = in_process(["batch", *ARGUMENTS], tmp_path, None, {})
    assert done.returncode == 0, done.stderr
    assert contents(out) == expected


def test_a_worker_that_dies_costs_its_piece_one_more_try(tmp_path):
    """The first worker is killed at its first order; the piece is made all the same."""
    crew = Crew({"job": Job(model=ModelConfig(model="drift")).to_dict(), "output": str(tmp_path)}, 1)
    OutputFolder(tmp_path).pieces.mkdir()
    path = a_folder(tmp_path / "per", 1) / "shop0.csv"
    order = {"key": "k", "piece": {"source": str(path), "sha256": "", "part": 0, "parts": 1, "rows": None, "key": "k"}}
    answers = crew.carried_out([order], tick=0.01)
    assert next(answers) is None
    os.kill(crew._workers[0].process.pid, signal.SIGKILL)
    assert [a["key"] for a in answers if a is not None] == ["k"]
    assert OutputFolder(tmp_path).is_finished("k")


def test_a_worker_that_always_dies_fails_its_piece_and_no_other(tmp_path):
    crew = Crew({"job": {}, "output": str(tmp_path)}, 1)
    told = list(crew.carried_out([{"key": "k", "piece": {}}], tick=0.01))
    failed = [answer for answer in told if answer is not None]
    assert [answer["key"] for answer in failed] == ["k"]
    assert "failed" in failed[0]
