"""`stream`: a line for each row at once, a state that survives what ends the process."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess

import numpy as np
import pandas as pd
import pytest
from process import COMMAND, environment

import tsforecast as ts


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Saved naive model of 300 hours of noise, and the rows of 60 more."""
    folder = tmp_path_factory.mktemp("stream")
    values = 10 + np.random.default_rng(0).standard_normal(360)
    frame = pd.DataFrame({"when": pd.date_range("2024-01-01", periods=360, freq="h"), "load": values.round(3)})
    ts.save(folder / "m.tsf", ts.fit(frame.iloc[:300], 3, model="naive"))
    rows = [f"{when.isoformat()},{load}" for when, load in frame.iloc[300:].itertuples(index=False)]
    return folder / "m.tsf", rows


def said(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_row_has_its_line_and_the_end_says_what_they_were(tsf, model):
    path, rows = model
    done = tsf("stream", path, stdin="\n".join(["when,load", *rows, rows[-1]]) + "\n")
    assert [row["status"] for row in said(done.stdout)] == ["ok"] * 60 + ["duplicate"]
    assert "rows: 60 ok, 1 duplicate" in done.stderr
    assert set(said(done.stdout)[-2]["forecast"]) == {f"yhat{n}" for n in ("", "_lo_80", "_hi_80", "_lo_95", "_hi_95")}


def test_steps_columns_and_names_are_as_asked(tsf, model):
    path, rows = model
    turned = "\n".join(",".join(reversed(row.split(","))) for row in rows[:2])
    done = tsf("stream", path, "--columns", "y,t", "--time-col", "t", "--target-col", "y", "-H", 5, stdin=turned)
    assert len(said(done.stdout)[0]["forecast"]["yhat"]) == 5
    assert "'load'" in tsf("stream", path, "--columns", "y,t", stdin=turned, code=5).stderr
    assert "--target-col names 2" in tsf("stream", path, "--target-col", "a,b", stdin="", code=2).stderr


def test_compressed_rows_are_refused_with_what_unfolds_them(tsf, model, tmp_path):
    path, rows = model
    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress("\n".join(rows).encode()))
    assert "(gzip), which stream does not unfold; zcat FILE" in tsf("stream", path, "rows.csv.gz", code=4).stderr


def test_a_restart_goes_on_as_if_nothing_had_been(tsf, model, tmp_path):
    path, rows = model
    whole = said(tsf("stream", path, stdin="\n".join(rows) + "\n").stdout)
    first = tsf("stream", path, "--state", "s.json", stdin="\n".join(rows[:25]) + "\n")
    second = tsf("stream", path, "--state", "s.json", stdin="\n".join(rows[20:]) + "\n")
    assert "25 rows were read before" in second.stderr
    both = [*said(first.stdout), *said(second.stdout)]
    assert [row["status"] for row in both[25:30]] == ["duplicate"] * 5
    after = both[30:]
    assert [{k: v for k, v in row.items() if k != "line"} for row in after] == [
        {k: v for k, v in row.items() if k != "line"} for row in whole[25:]
    ]
    assert [p.name for p in tmp_path.iterdir()] == ["s.json"]


def test_a_state_that_is_none_or_of_another_model_is_refused(tsf, model, tmp_path):
    path, rows = model
    tsf("stream", path, "--state", "s.json", stdin=rows[0] + "\n")
    good = json.loads((tmp_path / "s.json").read_text())
    for name, change in {
        "another": {"model": "0" * 64},
        "newer": {"format": 2},
        "tracks": {"tracks": [{}]},
        "values": {"tracks": [{**good["tracks"][0], "values": [["x"]]}]},
        "group": {"tracks": [{**good["tracks"][0], "group": 7}]},
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({**good, **change}))
        refused = tsf("stream", path, "--state", f"{name}.json", stdin=rows[1] + "\n", code=5)
        assert "cannot be gone on from" in refused.stderr
    (tmp_path / "s.json").write_text("{")
    tsf("stream", path, "--state", "s.json", stdin=rows[1] + "\n", code=5)


def test_each_line_is_there_before_the_next_row_and_sigterm_keeps_the_state(model, tmp_path):
    path, rows = model
    command = [*COMMAND, "stream", str(path), "--state", "s.json", "-q"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path, env=environment(), text=True
    ) as stream:
        for row in rows[:3]:
            stream.stdin.write(row + "\n")
            stream.stdin.flush()
            assert json.loads(stream.stdout.readline())["load"] == float(row.split(",")[1])
        os.kill(stream.pid, signal.SIGTERM)
        assert stream.wait(timeout=60) == 143
    assert json.loads((tmp_path / "s.json").read_text())["rows"] == 3
