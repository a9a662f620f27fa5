"""`batch`, `replay` and `--dry-run` as a person meets them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from process import checked, in_process
from shops import a_folder, long_frame, sold


def tsf(folder: Path, *arguments: str, code: int = 0):
    return checked(in_process(list(arguments), folder, None, {}), code)


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Path:
    """A folder with three files, an empty one and one that is none, and a batch of them in `out`."""
    place = tmp_path_factory.mktemp("replay")
    with_an_empty_one(place / "per")
    tsf(place, *BATCH, code=7)
    return place


BATCH = ("batch", "per", "-o", "out", "-H", "4", "-m", "drift", "--format", "csv", "--workers", "1")


def with_an_empty_one(folder: Path) -> None:
    (a_folder(folder, 3) / "empty.csv").write_text("")
    (folder / "shop.dat").write_text("y\n1\n")


def test_a_replay_gives_the_same_numbers(done):
    said = tsf(done, "replay", "out/manifest.json", "--workers", "1")
    assert "12 forecasts of 4 series are the same" in said.stderr
    assert said.stdout == ""


def test_what_differs_is_shown_and_ends_with_6(done, tmp_path):
    (tmp_path / "per").symlink_to(done / "per")
    (tmp_path / "out").mkdir()
    for name in ("manifest.json", "status.jsonl"):
        (tmp_path / "out" / name).write_bytes((done / "out" / name).read_bytes())
    made = pd.read_csv(done / "out" / "forecasts.csv")
    was = made.loc[5, "yhat"]
    made.loc[5, "yhat"] = was * (1 + 1e-9)
    made.to_csv(tmp_path / "out" / "forecasts.csv", index=False)
    said = tsf(tmp_path, "replay", "out/manifest.json", "--workers", "1", "-o", "again", code=6)
    changed = made.loc[5]
    line = f"per/shop1.csv shop1 sold {changed['ds']}: yhat was {changed['yhat']}, is {was}"
    assert said.stdout.splitlines() == [line]
    assert "1 of 12 forecasts differ, by up to 1e-09 of themselves" in said.stderr
    # what the first replay has made is finished: the second compares only
    again = ("replay", "out/manifest.json", "--workers", "1", "-o", "again", "--json")
    told = json.loads(tsf(tmp_path, *again, "--tolerance", "1e-8").stdout)["replay"]
    assert (told["rows"], told["series"], told["differing"], told["shown"]) == (12, 4, 0, [])
    told = json.loads(tsf(tmp_path, *again, code=6).stdout)["replay"]
    assert (told["differing"], told["shown"]) == (1, [line])


def test_other_inputs_are_no_replay(done, tmp_path):
    with_an_empty_one(tmp_path / "per")
    sold(9).to_csv(tmp_path / "per" / "shop1.csv", index=False)
    said = tsf(tmp_path, "replay", str(done / "out" / "manifest.json"), code=5)
    assert "the inputs are not what they were: per/shop1.csv has changed" in said.stderr


@pytest.mark.parametrize("content", ["", "[]", '{"inputs": []}'])
def test_what_is_no_manifest_is_refused(tmp_path, content):
    (tmp_path / "manifest.json").write_text(content)
    assert "is no manifest of a batch" in tsf(tmp_path, "replay", "manifest.json", code=4).stderr


def test_a_dry_run_writes_nothing(tmp_path):
    long_frame(6).to_csv(tmp_path / "long.csv", index=False)
    dry = ("batch", "long.csv", "--id-col", "shop", "-o", "out", "-H", "4", "-m", "drift", "--dry-run")
    said = tsf(tmp_path, *dry)
    assert "about 6, 360 rows, 312 windows to learn from" in said.stdout
    assert "memory" in said.stdout
    assert json.loads(tsf(tmp_path, *dry, "--json").stdout)["estimate"]["windows"] == 312
    assert [path.name for path in tmp_path.iterdir()] == ["long.csv"]


def test_the_configuration_it_writes_is_one_it_reads(tmp_path):
    text = tsf(tmp_path, "batch", "--init").stdout
    assert tomllib.loads(text) == {}
    settings = [line.removeprefix("# ") for line in text.splitlines() if " = " in line]
    assert "workers is not set" in text
    (tmp_path / "all.toml").write_text("\n".join(settings))
    shown = tsf(tmp_path, "batch", "--config", "all.toml", "--print-config").stdout
    assert 'scope = "auto"  # all.toml' in shown
    (tmp_path / "bad.toml").write_text("[batch]\nwrokers = 3\n")
    said = tsf(tmp_path, "batch", "--config", "bad.toml", code=2).stderr
    assert "unknown setting 'wrokers' of batch; did you mean workers?" in said


def test_a_job_in_a_file_is_the_same_job(tmp_path):
    a_folder(tmp_path / "per", 2)
    (tmp_path / "job.toml").write_text(
        '[batch]\ninput = ["per/*.csv"]\noutput_dir = "out"\nhorizon = 4\nmodel = "drift"\nlog_format = "json"\n'
        "workers = 1\n"
    )
    said = tsf(tmp_path, "batch", "--config", "job.toml")
    events = [json.loads(line) for line in said.stderr.splitlines()]
    assert [event["event"] for event in events] == ["reading", "planned", "gathering", "ended"]
    assert events[-1]["states"] == {"ok": 2}
    assert events[1]["pieces"] == 2


def test_left_out_series_end_with_7(done):
    said = tsf(done, *BATCH, "--report", "r.json", code=7)  # all of it is finished
    told = json.loads((done / "r.json").read_text())["batch"]
    assert (told["states"], told["rows"], told["output"]) == ({"ok": 3, "left out": 1}, 12, "out")
    assert "not read   per/shop.dat: no table by their names" in said.stderr
    assert "1 of 4 series was left out; out/status.jsonl says why of each" in said.stderr


def test_a_folder_to_write_into_has_to_be_named(tmp_path):
    assert "-o DIR" in tsf(tmp_path, "batch", "per", code=2).stderr
