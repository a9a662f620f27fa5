"""What comes out: formats by suffix, spreadsheets, names of strangers, places refused before any work."""

from __future__ import annotations

import json
import os
from io import StringIO
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

NAIVE = ("-H", 3, "-m", "naive", "-q")
EVIL = 'x\x1b[31m\x07\x9b2J\u202e=1"&<'


@pytest.fixture
def evil(tmp_path, sine):
    """The sine under a name that steers terminals, in a file whose name does too."""
    path = tmp_path / "evil\x1b[2J.csv"
    frame = pd.read_csv(sine).rename(columns={"load": EVIL})
    frame.to_csv(path, index=False)
    return path


def steering(text: str) -> set[str]:
    """Characters of the text that steer a terminal."""
    return {c for c in text if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202e\u2028")}


def test_parquet_and_excel_hold_timestamps(tsf, sine, tmp_path):
    for suffix in ("parquet", "xlsx"):
        tsf("forecast", sine, *NAIVE, "-o", f"f.{suffix}")
    expected = pd.read_csv(StringIO(tsf("forecast", sine, *NAIVE).stdout), parse_dates=["when"])
    for made in (pd.read_parquet(tmp_path / "f.parquet"), pd.read_excel(tmp_path / "f.xlsx")):
        assert made["when"].dtype.kind == "M"
        assert made["when"].tolist() == expected["when"].tolist()
        assert made["yhat"].tolist() == expected["yhat"].tolist()


def test_parquet_keeps_the_zone(tsf, sine, tmp_path):
    tsf("prepare", sine, "--zone", "Europe/Berlin", "-q", "-o", "p.parquet")
    made = pd.read_parquet(tmp_path / "p.parquet")["when"]
    assert str(made.dt.tz) == "Europe/Berlin"
    again = tsf("prepare", tmp_path / "p.parquet", "-q").stdout
    assert again.splitlines()[1] == tsf("prepare", sine, "--zone", "Europe/Berlin", "-q").stdout.splitlines()[1]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "json", "parquet", "xlsx"])
def test_what_was_prepared_is_prepared(tsf, sine, tmp_path, suffix):
    tsf("prepare", sine, "-q", "-o", f"p.{suffix}")
    assert tsf("prepare", tmp_path / f"p.{suffix}", "-q").stdout == tsf("prepare", sine, "-q").stdout


def test_formulas_become_text_where_asked(tsf, tmp_path):
    rows = [f"2024-01-{d:02d},{name},{d}" for name in ("=1+1", "-2+3", "plain") for d in range(1, 13)]
    (tmp_path / "shops.csv").write_text("\n".join(["day,=shop,y", *rows]))
    options = ("prepare", "shops.csv", "--id-col", "=shop", "-q")
    assert tsf(*options).stdout.splitlines()[:2] == ["=shop,day,y", "-2+3,2024-01-01,1.0"]
    safe = pd.read_csv(StringIO(tsf(*options, "--safe-csv").stdout))
    assert safe.columns.tolist() == ["'=shop", "day", "y"]
    assert safe["'=shop"].unique().tolist() == ["'-2+3", "'=1+1", "plain"]
    tsf(*options, "-o", "shops.xlsx")
    from openpyxl import load_workbook

    cells = [cell for row in load_workbook(tmp_path / "shops.xlsx").active.iter_rows() for cell in row]
    assert cells[0].value == "=shop"
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_names_of_strangers_are_escaped_wherever_a_person_reads(tsf, evil):
    verbs = {
        "forecast": (*NAIVE[:-1], "--plot", "-"),
        "inspect": (),
        "plot": (),
        "prepare": (),
    }
    for verb, options in verbs.items():
        done = tsf(verb, evil, *options)
        assert not steering(done.stderr), verb
        assert not steering(done.stdout) or verb in ("prepare", "forecast"), verb
    for wrong in (("forecast", evil.with_name("no\x1b[2J.csv")), ("forecast", evil, "--target-col", "y\x1b\x9b")):
        code = 4 if len(wrong) == 2 else 5
        done = tsf(*wrong, code=code)
        assert not steering(done.stderr)
        assert "\\x1b" in done.stderr
        error = json.loads(tsf(*wrong, "--json", code=code).stderr)
        assert not steering(error["message"])


def test_pictures_of_strangers_names_are_well_formed(tsf, evil, tmp_path):
    tsf("forecast", evil, *NAIVE, "--plot", "p.svg")
    tsf("plot", evil, "-o", "t.svg")
    tsf("forecast", evil, *NAIVE, "--plot", "p.html")
    for name in ("p.svg", "t.svg"):
        ET.parse(tmp_path / name)
        assert "\\x1b[31m" in (tmp_path / name).read_text()
    assert not steering((tmp_path / "p.html").read_text())


@pytest.mark.parametrize("as_json", [False, True])
def test_an_error_line_is_never_long(tsf, as_json):
    long = "n" * 3000 + '"\\' * 500
    for wrong in (("forecast", long), ("forecast", "x.csv", "--zone", long), ("forecast", "x.csv", f"--{long}")):
        done = tsf(*wrong, *(("--json",) if as_json else ()), code=4 if len(wrong) == 2 else 2)
        assert len(done.stderr.rstrip("\n")) <= 500
        assert len(done.stderr.splitlines()) == 1
        if as_json:
            assert set(json.loads(done.stderr)) == {"code", "message", "hint"}


WRONG_PLACES = [
    (("-o", ""), 2, "-o names no file"),
    (("-o", "x.foo"), 2, ".foo"),
    (("-o", "x.csv.gz"), 2, ".gz"),
    (("-o", "."), 4, "directory"),
    (("-o", "absent/x.csv"), 4, "No such file"),
    (("--plot", "absent/x.png"), 4, "No such file"),
    (("--plot", "x.bmp"), 2, ".png"),
    (("--plot", ""), 2, "--plot names no file"),
    (("--plot-training", "x.bmp"), 2, ".png"),
    (("--plot-attention", "absent/x.png"), 4, "No such file"),
    (("--plot-attention", "x.png"), 2, "needs a model to be named"),
    (("--plot-attention", "x.png", "--model", "gru"), 2, "which gru is not"),
    (("--ledger", "absent/x"), 4, "--ledger"),
    (("--status", "absent/x"), 4, "--status"),
    (("--format", "xml"), 2, "parquet"),
]


@pytest.mark.parametrize(("options", "code", "said"), WRONG_PLACES)
def test_a_place_is_refused_before_the_file_is_read(tsf, tmp_path, options, code, said):
    done = tsf("forecast", "missing.csv", *options, code=code)
    assert said in done.stderr
    assert "missing.csv" not in done.stderr
    assert os.listdir(tmp_path) == []


def test_a_model_needs_a_place_too(tsf):
    assert "names no file" in tsf("fit", "missing.csv", "-o", "", code=2).stderr
    assert "names no file" in tsf("update", "m.tsf", "missing.csv", "-o", "", code=2).stderr


def test_the_status_of_each_series(tsf, sine, tmp_path):
    both = pd.concat([pd.read_csv(sine).assign(site=site) for site in ("a", "b")])
    both.to_csv(tmp_path / "long.csv", index=False)
    tsf("forecast", "long.csv", "--id-col", "site", *NAIVE, "--status", "s.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()]
    assert [(row["unique_id"], row["state"]) for row in rows] == [("a", "ok"), ("b", "ok")]


def test_a_zone_there_is_not_is_refused_beside_numbers_too(tsf, tmp_path):
    (tmp_path / "n.csv").write_text("n,y\n" + "".join(f"{i},{i % 7}\n" for i in range(60)))
    assert "Mars/X" in tsf("forecast", "n.csv", "-H", 3, "--zone", "Mars/X", code=2).stderr


def test_what_would_take_for_ever_is_refused(tsf):
    assert "cannot be computed" in tsf("synth", "lorenz", "--step", "1e9", code=2).stderr
    assert "cannot be computed" in tsf("synth", "mackey-glass", "--step", "1e9", code=2).stderr


def test_the_smallest_numbers_are_drawn(tsf):
    rows = "day,y\n2020-01-01,5e-324\n2020-01-02,1e-323\n2020-01-03,5e-324\n"
    assert len(tsf("plot", "-", stdin=rows).stdout.splitlines()) > 5


def test_two_results_never_share_a_place(tsf, sine):
    said = tsf("forecast", sine, "-o", "x", "--ledger", "./x", code=2).stderr
    assert "-o and --ledger both name" in said
    assert "both go to stdout" in tsf("forecast", sine, "--status", "-", code=2).stderr
