"""One bad series never stops the others, and never vanishes: from a file through the command line to every output."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pandas as pd
import pytest
from process import checked, in_process

import tsforecast as ts

N, H = 60, 4
MONTHS = pd.date_range("2019-01-01", periods=N, freq="MS")
LEFT_OUT = {
    "empty": "no value",
    "text": "no number, but text such as 'closed'",
    "short": "only 2 rows of values",
    "late gap": "2 usable rows",
    "stale": "ends at 2021-06-01, 30 steps (2.5 years) before the latest, more than --max-stale 24",
    "daily": "its rows are 1 day apart, those of most",
}
DOUBTFUL = {
    "flat": "constant: every value is 7",
    "gap": "a gap of 14 steps is longer than --max-gap 6; only what follows it is used",
}
GOOD = ["north", "south", "west"]
OPTIONS = ("--id-col", "shop", "-m", "ridge", "-H", H, "--max-gap", 6, "--max-stale", 24)


def sold(seed: int, n: int = N) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.round(50 + 10 * np.sin(2 * np.pi * np.arange(n) / 12) + rng.normal(size=n), 2)


def bad(name: str) -> tuple[pd.DatetimeIndex, list[object]]:
    """Stamps and cells of a series that something is wrong with."""
    cells = list(sold(9))
    return {
        "empty": (MONTHS, [""] * N),
        "flat": (MONTHS, [7] * N),
        "text": (MONTHS, ["closed"] * N),
        "short": (MONTHS[-2:], cells[-2:]),
        "gap": (MONTHS, ["" if 20 < i < 35 else cell for i, cell in enumerate(cells)]),
        "late gap": (MONTHS, ["" if 43 < i < 58 else cell for i, cell in enumerate(cells)]),
        "stale": (MONTHS[:30], cells[:30]),
        "daily": (pd.date_range("2023-01-01", periods=N, freq="D"), cells),
    }[name]


def write(path: Path, *names: str) -> Path:
    """A long file of the good series and the named bad ones."""
    parts = [(name, (MONTHS, list(sold(i)))) for i, name in enumerate(GOOD)]
    parts += [(name, bad(name)) for name in names]
    rows = [
        f"{name},{ds:%Y-%m-%d},{cell}"
        for name, (stamps, cells) in parts
        for ds, cell in zip(stamps, cells, strict=True)
    ]
    path.write_text("\n".join(["shop,month,sold", *rows, ""]), encoding="utf-8")
    return path


@pytest.fixture
def tsf(tmp_path: Path) -> Callable[..., CompletedProcess[str]]:
    def run(*arguments: object, code: int) -> CompletedProcess[str]:
        return checked(in_process(list(map(str, arguments)), tmp_path, None, {}), code)

    return run


def statuses(text: str) -> dict[str, tuple[str, str]]:
    rows = [json.loads(line) for line in text.splitlines()]
    return {row["unique_id"]: (row["state"], row["reason"]) for row in rows}


def forecasts(text: str) -> dict[str, list[float]]:
    frame = pd.read_csv(StringIO(text))
    return {str(name): rows["yhat"].tolist() for name, rows in frame.groupby("shop")}


def test_each_is_named_with_its_reason_and_the_others_are_forecast(tsf, tmp_path):
    file = write(tmp_path / "shops.csv", *LEFT_OUT, *DOUBTFUL)
    done = tsf("forecast", file, *OPTIONS, "--status", "status.jsonl", code=7)

    made = forecasts(done.stdout)
    assert sorted(made) == sorted([*GOOD, *DOUBTFUL])
    assert {name: len(values) for name, values in made.items()} == dict.fromkeys(made, H)
    assert np.isfinite(list(made.values())).all()
    assert made["flat"] == [7.0] * H
    for seed, name in enumerate(GOOD):
        assert made[name] == pytest.approx(sold(seed, N + H)[N:], abs=6)

    found = statuses((tmp_path / "status.jsonl").read_text())
    assert found.keys() == {*GOOD, *LEFT_OUT, *DOUBTFUL}
    assert {name: found[name] for name in GOOD} == dict.fromkeys(GOOD, ("ok", ""))
    for state, reasons in (("left out", LEFT_OUT), ("doubtful", DOUBTFUL)):
        for name, reason in reasons.items():
            assert found[name][0] == state
            assert reason in found[name][1]
            assert f"{name}/sold: {found[name][1]}" in " ".join(done.stderr.split())
    last = done.stderr.splitlines()[-1]
    assert "6 of 11 series were left out" in last


@pytest.mark.parametrize("name", [*LEFT_OUT, *DOUBTFUL])
def test_each_alone_among_good_ones(tsf, tmp_path, name):
    file = write(tmp_path / "shops.csv", name)
    done = tsf("forecast", file, *OPTIONS, "--status", "status.jsonl", code=7 if name in LEFT_OUT else 0)
    expected = sorted(GOOD if name in LEFT_OUT else [*GOOD, name])
    assert sorted(forecasts(done.stdout)) == expected
    state, reason = statuses((tmp_path / "status.jsonl").read_text())[name]
    assert state == ("left out" if name in LEFT_OUT else "doubtful")
    assert (LEFT_OUT | DOUBTFUL)[name] in reason


def test_a_series_at_another_step_is_not_averaged_into_the_others(tsf, tmp_path):
    alone, beside = write(tmp_path / "alone.csv"), write(tmp_path / "beside.csv", "daily", "text", "empty")
    expected = forecasts(tsf("forecast", alone, *OPTIONS, "-q", code=0).stdout)
    assert forecasts(tsf("forecast", beside, *OPTIONS, "-q", code=7).stdout) == expected


def test_three_series_with_one_bad_one_write_two_forecasts(tsf, tmp_path):
    for bad_one in LEFT_OUT:
        file = write(tmp_path / "shops.csv", bad_one)
        rows = file.read_text().splitlines()
        file.write_text("\n".join(row for row in rows if not row.startswith("west,")) + "\n")
        done = tsf("forecast", file, *OPTIONS, "-o", "f.csv", code=7)
        made = pd.read_csv(tmp_path / "f.csv")
        assert made["shop"].tolist() == ["north"] * H + ["south"] * H, bad_one
        assert f"1 of 3 series was left out: {bad_one}" in done.stderr


def test_json_says_so_too(tsf, tmp_path):
    done = tsf("forecast", write(tmp_path / "shops.csv", "short"), *OPTIONS, "-q", "--json", code=7)
    said = json.loads(done.stderr.splitlines()[-1])
    assert said["code"] == 7
    assert "short/sold" in said["message"]
    assert {row["shop"] for row in json.loads(done.stdout)["rows"]} == set(GOOD)


def test_fit_predict_and_backtest_end_alike(tsf, tmp_path):
    file = write(tmp_path / "shops.csv", *LEFT_OUT, *DOUBTFUL)
    tsf("fit", file, *OPTIONS, "-o", "m.tsf", "--status", "fit.jsonl", code=7)
    done = tsf("predict", "m.tsf", file, "--status", "predict.jsonl", code=7)
    tsf("backtest", file, *OPTIONS, "--windows", 2, "--status", "backtest.jsonl", code=7)
    for verb in ("fit", "predict", "backtest"):
        found = statuses((tmp_path / f"{verb}.jsonl").read_text())
        # two rows are too few to learn from, but a model that has learnt goes on from them
        expected = LEFT_OUT.keys() - ({"late gap"} if verb == "predict" else set())
        assert {name for name, (state, _) in found.items() if state == "left out"} == expected, verb
        assert all(LEFT_OUT[name] in found[name][1] for name in expected), verb
        assert found["late gap"][0] != "ok"
    assert sorted(forecasts(done.stdout)) == sorted([*GOOD, *DOUBTFUL, "late gap"])


def test_where_nothing_is_left_it_is_an_error_that_says_why(tsf, tmp_path):
    path = tmp_path / "shops.csv"
    path.write_text("shop,month,sold\na,2024-01-01,1\na,2024-02-01,2\nb,2024-01-01,closed\nb,2024-02-01,closed\n")
    said = tsf("forecast", path, *OPTIONS, code=5).stderr
    assert "none of 2 series can be forecast; the first, a/sold: only 2 rows of values" in said


def test_python_has_the_same_statuses(tmp_path):
    file = write(tmp_path / "shops.csv", *LEFT_OUT, *DOUBTFUL)
    made = ts.forecast(file, horizon=H, model="ridge", id_col="shop", max_gap=6, max_stale=24)
    states = {own.unique_id: own.state for own in made.status}
    expected = dict.fromkeys(LEFT_OUT, "left out") | dict.fromkeys(DOUBTFUL, "doubtful") | dict.fromkeys(GOOD, "ok")
    assert states == expected


@pytest.mark.parametrize(("names", "code"), [("a,b,c", 7), ("pump 1,pump 2,pump 3", 7), ("load,remark,heat", 0)])
def test_a_column_of_a_wide_table_without_a_value(tsf, tmp_path, names, code):
    """Named like the others it is a sensor that never said a word; else it is no series, which is said too."""
    rows = [f"2024-01-{i:02d},{i % 7 + 3},,{2 * i}" for i in range(1, 29)]
    path = tmp_path / "wide.csv"
    path.write_text("\n".join([f"date,{names}", *rows]), encoding="utf-8")
    done = tsf("forecast", str(path), "-H", "3", "--model", "naive", code=code)
    assert len(done.stdout.splitlines()) == 1 + 2 * 3
    silent = names.split(",")[1]
    assert (f"{silent}: no value" if code else f"'{silent}' (empty)") in done.stderr
