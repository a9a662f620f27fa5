"""The promises of docs/design.md, "What the command line promises", that need no process of their own."""

from __future__ import annotations

import gzip
import json
from io import StringIO

import pandas as pd
import pytest

RIDGE = ("--horizon", 24, "--model", "ridge")
TABLE = ["when", "yhat", "yhat_lo_80", "yhat_hi_80", "yhat_lo_95", "yhat_hi_95"]


def one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("tsforecast: error: ")
    return lines[0]


def test_stdout_holds_the_forecast_and_nothing_else(tsf, sine):
    done = tsf("forecast", sine, *RIDGE)
    table = pd.read_csv(StringIO(done.stdout))
    assert list(table.columns) == TABLE
    assert len(table) == 24
    assert table["when"].iloc[0] == "2024-01-17T16:00:00"
    assert table.notna().all().all()
    assert "ridge" in done.stderr
    assert "seasonal-naive" in done.stderr


def test_quiet_says_nothing(tsf, sine):
    assert tsf("forecast", sine, *RIDGE, "--quiet").stderr == ""


def test_a_pipe_gets_no_colour_and_no_progress(tsf, sine):
    done = tsf("forecast", sine, *RIDGE)
    assert "\x1b" not in done.stderr + done.stdout
    assert "\r" not in done.stderr


def test_stdin_and_compressed_files_give_the_same_bytes(tsf, sine, tmp_path):
    plain = tsf("forecast", sine, *RIDGE).stdout
    packed = tmp_path / "x.csv.gz"
    packed.write_bytes(gzip.compress(sine.read_bytes()))
    assert tsf("forecast", "-", *RIDGE, stdin=sine.read_bytes()).stdout == plain
    assert tsf("forecast", packed, *RIDGE).stdout == plain


def test_prepare_then_forecast_is_forecast(tsf, sine, tmp_path):
    messy = tmp_path / "messy.csv"
    lines = sine.read_text().splitlines()
    lines[50], lines[60] = lines[60], lines[50]
    del lines[100:103]
    messy.write_text("\n".join([*lines, lines[-1]]) + "\n")
    prepared = tsf("prepare", messy, "--mark-filled").stdout
    assert len(prepared.splitlines()) == 401
    assert tsf("forecast", "-", *RIDGE, stdin=prepared).stdout == tsf("forecast", messy, *RIDGE).stdout


@pytest.mark.parametrize("name", ["csv", "tsv", "jsonl", "json", "parquet"])
def test_every_format_holds_the_same_table(tsf, sine, tmp_path, name):
    tsf("forecast", sine, *RIDGE, "--format", name, "-o", f"out.{name}", "-q")
    path = tmp_path / f"out.{name}"
    read = {
        "csv": pd.read_csv,
        "tsv": lambda p: pd.read_csv(p, sep="\t"),
        "jsonl": lambda p: pd.read_json(p, lines=True, convert_dates=False),
        "json": lambda p: pd.read_json(p, convert_dates=False),
        "parquet": pd.read_parquet,
    }
    table = read[name](path)
    assert list(table.columns) == TABLE
    expected = pd.read_csv(StringIO(tsf("forecast", sine, *RIDGE, "-q").stdout))
    assert table["yhat"].to_numpy() == pytest.approx(expected["yhat"].to_numpy(), rel=1e-9)


def test_the_version(tsf):
    from tsforecast import __version__

    assert tsf("--version").stdout == f"tsforecast {__version__}\n"


USAGE = [
    ("nonsense",),
    ("forecast",),
    ("forecast", "x.csv", "--horizon", "soon"),
    ("forecast", "x.csv", "--horizon", "0"),
    ("forecast", "x.csv", "--model", "prophet"),
    ("forecast", "x.csv", "--level", "120"),
    ("forecast", "x.csv", "--dropout", "1.5"),
    ("forecast", "x.csv", "--strategy", "sideways"),
    ("forecast", "x.csv", "--nonsense"),
    ("fit", "x.csv"),
    ("synth", "lorentz"),
    ("backtest", "x.csv", "--windows", "0"),
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_usage_errors_end_with_2(tsf, arguments):
    done = tsf(*arguments, code=2)
    one_line(done.stderr)
    assert done.stdout == ""


BAD_INPUT = [
    ("no such file", None, 4),
    ("empty", b"", 5),
    ("header only", b"ds,y\n", 5),
    ("one row", b"ds,y\n2024-01-01,1\n", 5),
    ("all missing", b"ds,y\n2024-01-01,\n2024-01-02,\n2024-01-03,\n", 5),
    ("text", b"ds,y\n2024-01-01,a\n2024-01-02,b\n2024-01-03,c\n", 5),
    ("binary", bytes(range(256)) * 40, 4),
    ("image", b"\x89PNG\r\n\x1a\n" + bytes(2000), 4),
    ("truncated gzip", gzip.compress(b"ds,y\n" + b"2024-01-01,1\n" * 500)[:40], 4),
]


@pytest.mark.parametrize(("what", "content", "code"), BAD_INPUT, ids=[case[0] for case in BAD_INPUT])
def test_bad_input_is_one_clear_line(tsf, tmp_path, what, content, code):
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_bytes(content)
    done = tsf("forecast", path, "--horizon", 3, "-m", "ridge", code=code)
    one_line(done.stderr)
    assert done.stdout == ""


def test_a_directory_is_no_table(tsf, tmp_path):
    one_line(tsf("forecast", tmp_path, "-H", 3, code=4).stderr)


def test_json_errors_are_an_object(tsf):
    done = tsf("forecast", "missing.csv", "--json", code=4)
    error = json.loads(done.stderr)
    assert set(error) == {"code", "message", "hint"}
    assert error["code"] == 4
    assert "missing.csv" in error["message"]


def test_the_skill_gate(tsf, tmp_path):
    assert tsf("synth", "random-walk", "-n", 600, "--seed", 3, "-o", "walk.csv").stderr == ""
    done = tsf("forecast", "walk.csv", "-H", 10, "-m", "naive", "--require-skill", code=6)
    assert done.stdout == ""
    assert "does not beat" in done.stderr


def test_the_coverage_gate(tsf, sine):
    given = ("forecast", sine, "-H", 5, "-m", "naive")
    assert tsf(*given, "--require-coverage", 100).stdout == tsf(*given).stdout
    done = tsf(*given, "--require-coverage", 0, code=6)
    assert done.stdout == ""
    assert "of the held-out points" in done.stderr


def test_bounds_on_the_command_line_hold_in_the_table(tsf, sine):
    table = tsf("forecast", sine, "-H", 5, "-m", "naive", "--bounds", "7,7.1").stdout
    rows = [[float(cell) for cell in line.split(",")[1:]] for line in table.splitlines()[1:]]
    assert {min(map(min, rows)), max(map(max, rows))} == {7.0, 7.1}


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04" + bytes(100)], ids=["empty", "text", "stub"])
def test_a_damaged_model_ends_with_8(tsf, tmp_path, content):
    (tmp_path / "m.tsf").write_bytes(content)
    one_line(tsf("predict", "m.tsf", code=8).stderr)


def test_a_missing_model_ends_with_4(tsf):
    one_line(tsf("predict", "m.tsf", code=4).stderr)
