"""The report as one JSON object, of every verb, on stdout and in a file; and the gate of `update`."""

from __future__ import annotations

import json
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from tsforecast.cli.reports.record import sensible

NAIVE = ("-H", 6, "-m", "drift")
HEAD = {"report_version", "tsforecast", "verb", "exit", "error", "warnings", "seconds"}


@pytest.fixture(scope="module")
def gap(tmp_path_factory):
    """Ninety days with one left out."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=90), "sales": rng.poisson(20, 90)}).drop(index=40)
    path = tmp_path_factory.mktemp("report") / "gap.csv"
    frame.to_csv(path, index=False)
    return path


def test_the_report_of_a_forecast_is_one_object_with_all_of_it(tsf, gap, tmp_path):
    plain = pd.read_csv(StringIO(tsf("forecast", gap, *NAIVE, "-q").stdout))
    done = tsf("forecast", gap, *NAIVE, "--json", "--report", "r.json")
    found = json.loads(done.stdout)
    assert done.stderr == ""
    assert HEAD | {"read", "prepared", "repairs", "fit", "status", "rows", "output", "horizon"} == found.keys()
    assert (found["report_version"], found["verb"], found["exit"], found["error"]) == (1, "forecast", 0, None)
    assert found["read"]["channels"] == ["sales"]
    assert {name: found["repairs"][name] for name in ("fill linear", "gap")} == {"fill linear": 1, "gap": 1}
    fit = found["fit"]
    assert (fit["chosen"], fit["asked"], fit["horizon"], fit["bounds"]) == (
        "drift",
        True,
        6,
        {"sales": {"sales": [0, None]}},
    )
    scores = {row["model"]: row["mae"] for row in fit["holdout"]["models"]}
    assert fit["skill"] == pytest.approx(1 - scores["drift"] / scores[fit["reference"]])
    assert fit["coverage"].keys() == {"80", "95"}
    assert [row["state"] for row in found["status"]] == ["ok"]
    assert pd.DataFrame(found["rows"])["yhat"].tolist() == plain["yhat"].tolist()
    assert json.loads((tmp_path / "r.json").read_text()) == found


def test_with_a_file_for_the_table_the_report_has_its_name(tsf, gap, tmp_path):
    found = json.loads(tsf("forecast", gap, *NAIVE, "-o", "f.csv", "--json").stdout)
    assert found["output"] == "f.csv"
    assert "rows" not in found
    assert len((tmp_path / "f.csv").read_text().splitlines()) == 7
    assert "-o FILE" in tsf("forecast", gap, *NAIVE, "--json", "--format", "tsv", code=2).stderr


def test_a_gate_that_fails_still_reports_and_an_early_end_reports_to_the_file(tsf, gap, tmp_path):
    done = tsf("forecast", gap, *NAIVE, "--require-coverage", 0.001, "--json", code=6)
    found = json.loads(done.stdout)
    assert (found["exit"], found["fit"]["chosen"], "rows" in found) == (6, "drift", False)
    assert found["error"] == json.loads(done.stderr)
    done = tsf("forecast", "absent.csv", "--json", "--report", "r.json", code=4)
    assert done.stdout == ""
    assert json.loads((tmp_path / "r.json").read_text())["error"] == json.loads(done.stderr)


def test_every_verb_reports(tsf, gap, tmp_path):
    lines = gap.read_text().splitlines()
    (tmp_path / "old.csv").write_text("\n".join(lines[:60]) + "\n")
    tsf("fit", "old.csv", *NAIVE, "-q", "-o", "m.tsf")
    calls = {
        "forecast": (gap, *NAIVE),
        "fit": (gap, *NAIVE, "-o", "n.tsf"),
        "predict": ("m.tsf", gap),
        "update": ("m.tsf", gap, "-o", "n.tsf", "--force"),
        "backtest": (gap, *NAIVE),
        "prepare": (gap,),
        "inspect": (gap,),
        "embed": (gap, "--delay", 1, "--dimension", 2),
        "plot": (gap,),
        "synth": ("sine", "-n", 5),
        "models": (),
        "doctor": (),
    }
    for verb, arguments in calls.items():
        found = json.loads(tsf(verb, *arguments, "--json").stdout)
        assert found.keys() >= HEAD, verb
        assert (found["verb"], found["exit"]) == (verb, 0)
        assert len(found) > len(HEAD), verb


def test_an_update_that_is_no_better_writes_nothing_unless_forced(tsf, gap, tmp_path):
    """Last value learns nothing: what was trained further is what it was."""
    lines = gap.read_text().splitlines()
    (tmp_path / "old.csv").write_text("\n".join(lines[:60]) + "\n")
    tsf("fit", "old.csv", "-H", 6, "-m", "naive", "-q", "-o", "m.tsf")
    before = (tmp_path / "m.tsf").read_bytes()
    done = tsf("update", "m.tsf", gap, "-o", "n.tsf", code=6)
    assert "no better than m.tsf" in done.stderr
    assert "--force" in done.stderr
    tsf("update", "m.tsf", gap, "-o", "m.tsf", code=6)
    assert (tmp_path / "m.tsf").read_bytes() == before
    assert not (tmp_path / "n.tsf").exists()
    tsf("update", "m.tsf", gap, "-o", "n.tsf", "--force")
    made = pd.read_csv(StringIO(tsf("predict", "n.tsf").stdout))
    assert made["day"].iloc[0] == "2024-03-31"


def test_an_update_that_could_not_be_measured_is_written_and_said(tsf, gap, tmp_path):
    lines = gap.read_text().splitlines()
    (tmp_path / "old.csv").write_text("\n".join(lines[:-4]) + "\n")
    tsf("fit", "old.csv", *NAIVE, "-q", "-o", "m.tsf")
    assert "not measured: too few new rows" in tsf("update", "m.tsf", gap, "-o", "n.tsf").stderr
    assert (tmp_path / "n.tsf").exists()


def test_a_saved_model_shows_its_card(tsf, gap, tmp_path):
    tsf("fit", gap, "-H", 7, "-m", "drift", "--impute", "pchip", "-q", "-o", "m.tsf")
    (tmp_path / "m.bin").write_bytes((tmp_path / "m.tsf").read_bytes())
    text = tsf("inspect", "m.tsf", env={"COLUMNS": "80"}).stdout
    assert max(map(len, text.splitlines())) <= 80
    assert "model      drift" in text
    assert "horizon    7 steps = 7 days" in text
    assert "go on from 2024-03-30" in text
    assert "impute pchip" in text
    assert "* drift" in text
    card = json.loads(tsf("inspect", "m.bin", "--json").stdout)
    assert (card["model"], card["horizon"], card["channels"], card["levels"]) == ("drift", 7, ["sales"], [80, 95])
    assert card["settings"]["impute"] == "pchip"
    assert "tsforecast predict m.bin" in tsf("forecast", "m.bin", code=4).stderr
    (tmp_path / "broken.tsf").write_bytes((tmp_path / "m.tsf").read_bytes()[:-40])
    tsf("inspect", "broken.tsf", code=8)


def test_on_a_terminal_numbers_have_the_digits_that_tell_them_apart():
    frame = pd.DataFrame(
        {
            "unique_id": ["a", "a", "b", "b"],
            "ds": pd.date_range("2024-01-01", periods=4),
            "yhat": [20.123456, 23.654321, 101234.567, 101236.1],
            "yhat_lo_80": [15.0 / 7, np.nan, 101230.01234, 101231.98765],
            "n": [1, 2, 3, 4],
        }
    )
    shown = sensible(frame)
    assert shown["yhat"].tolist() == [20.12, 23.65, 101234.567, 101236.1]
    assert shown["yhat_lo_80"].tolist() == pytest.approx([2.14, np.nan, 101230.012, 101231.988], nan_ok=True)
    assert shown["n"].tolist() == [1, 2, 3, 4]
    assert frame["yhat"].iloc[0] == 20.123456


def test_a_report_in_html_is_the_page_of_a_forecast(tsf, gap, tmp_path):
    tsf("forecast", gap, *NAIVE, "-q", "--report", "r.html", "--plot", "p.html")
    assert (tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "r.html").read_bytes() == (tmp_path / "p.html").read_bytes()
    refused = tsf("prepare", gap, "--report", "r2.html", code=2)
    assert "--report r2.json" in refused.stderr
    assert not (tmp_path / "r2.html").exists()
