"""`tsforecast inspect` as a person meets it."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.cells import cell_len


@pytest.fixture(scope="module")
def holes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """500 hours of a day, the third hundred absent; a column of text."""
    hours = np.arange(500)
    frame = pd.DataFrame(
        {
            "when": pd.date_range("2024-01-01", periods=500, freq="h"),
            "load": np.sin(2 * np.pi * hours / 24) + 0.1 * np.random.default_rng(0).standard_normal(500),
            "site": "A",
        }
    )
    path = tmp_path_factory.mktemp("inspect") / "holes.csv"
    frame.drop(index=range(200, 300)).to_csv(path, index=False)
    return path


def blocks_of(text: str) -> str:
    return max(re.findall(r"[█▓▒░·]+", text), key=len)


@pytest.mark.parametrize("width", [80, 140])
def test_the_report_fits_the_terminal_and_says_what_the_file_is(tsf, holes, width):
    done = tsf("inspect", holes, env={"COLUMNS": str(width)})
    assert done.stderr == ""
    assert max(map(cell_len, done.stdout.splitlines())) <= width
    picture = blocks_of(done.stdout)
    assert len(picture) > width / 2
    gap = [i / len(picture) for i, char in enumerate(picture) if char == "·"]
    assert (min(gap), max(gap)) == (pytest.approx(0.4, abs=0.03), pytest.approx(0.6, abs=0.03))
    assert set(picture[: int(0.38 * len(picture))]) == {"█"}
    text = " ".join(done.stdout.split())
    for expected in (
        "utf-8, cells cut at comma, header in line 1",
        "when (YYYY-MM-DD HH:MM, no zone)",
        "400 from 2024-01-01 00:00 to 2024-01-21 19:00; step h",
        "ignored site (constant text)",
        "100 absent rows in 1 gap",
        "100 in 1 gap; longest 100 steps = 4.17 days from 2024-01-09 08:00",
        "season 24 steps = 1 day",
        "--max-gap leaves long gaps open",
    ):
        assert expected in text


def test_japanese_names_fit_the_terminal_too(tsf, tmp_path):
    names = [
        f"{kind}({unit}) 観測値"
        for kind in ("平均気温", "最高気温", "最低気温", "平均海面気圧")
        for unit in ("℃", "hPa")
    ]
    rows = [f"2024-01-{day:02d}," + ",".join("1" if day % 2 else "2" for _ in names) for day in range(1, 31)]
    (tmp_path / "x.csv").write_text("\n".join(["年月日," + ",".join(names), *rows]) + "\n", encoding="cp932")
    lines = tsf("inspect", "x.csv", env={"COLUMNS": "80"}).stdout.splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert "cp932" in lines[1]


def test_stdin_is_inspected_as_the_file_is_and_json_is_one_object(tsf, holes):
    whole = json.loads(tsf("inspect", holes, "--json").stdout)
    assert whole["channels"][0]["longest_gaps"] == [
        {"start": "2024-01-09T08:00:00", "end": "2024-01-13T11:00:00", "steps": 100}
    ]
    assert whole["problem"] is None
    piped = json.loads(tsf("inspect", "-", "--json", stdin=holes.read_bytes()).stdout)
    assert piped["source"] == "-"
    piped["source"], piped["reading"]["source"] = whole["source"], whole["reading"]["source"]
    assert piped | {"seconds": 0} == whole | {"seconds": 0}


def test_what_cannot_be_regularised_is_shown_and_ends_well(tsf, tmp_path):
    (tmp_path / "x.csv").write_text("when,v\n03/04/2020,1\n04/04/2020,2\n05/04/2020,4\n")
    done = tsf("inspect", "x.csv")
    assert re.search(r"will stop\s+with: .*--dayfirst or --monthfirst", " ".join(done.stdout.split()))


@pytest.mark.parametrize(("content", "code"), [(None, 4), ("", 5), ("when,v\n", 5)])
def test_what_cannot_be_read_keeps_its_exit_code(tsf, tmp_path, content, code):
    if content is not None:
        (tmp_path / "x.csv").write_text(content)
    done = tsf("inspect", "x.csv", code=code)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_page_and_chaos_card_are_drawn(tsf, holes, tmp_path):
    done = tsf("inspect", holes, "--dynamics", "--html", "page.html", "--plot", "card.svg")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert not re.search(r"https?://|<script|<link|<img|@import", page)
    assert "prefers-color-scheme: dark" in page
    # Series, spectrum and card, each for wide and narrow pages.
    assert page.count("<svg") == page.count("</svg>") == 6
    identifiers = re.findall(r'\bid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))
    assert "longest 100 steps" in page
    assert "page.html" in done.stderr
    assert "Recurrences" in (tmp_path / "card.svg").read_text(encoding="utf-8")


def test_the_spectrum_is_drawn(tsf, holes, tmp_path):
    tsf("inspect", holes, "--plot", "spectrum.svg", "-q")
    drawn = (tmp_path / "spectrum.svg").read_text(encoding="utf-8")
    assert "Scalogram" in drawn
    assert re.search(r">24(\.\d)?<", drawn)


@pytest.mark.parametrize("options", [("--plot", "x.doc"), ("--html", "x.png"), ("--freq", "nonsense")])
def test_impossible_wishes_are_usage_errors(tsf, holes, tmp_path, options):
    tsf("inspect", holes, *options, code=2)
    assert list(tmp_path.iterdir()) == []


def test_a_constant_has_no_spectrum_to_draw(tsf, tmp_path):
    (tmp_path / "x.csv").write_text("step,v\n" + "".join(f"{i},3\n" for i in range(50)))
    done = tsf("inspect", "x.csv", "--plot", "x.png", code=5)
    assert "no column is long enough and varies" in done.stderr


def test_the_card_names_chaos_and_its_horizon(tsf, tmp_path):
    (tmp_path / "x.csv").write_text(tsf("synth", "henon", "--length", 1000, "--coordinate", "x").stdout)
    card = json.loads(tsf("inspect", "x.csv", "--dynamics", "--json").stdout)["channels"][0]["dynamics"]
    assert card["verdict"] == "chaotic"
    # Known for the Hénon map with a 1.4, b 0.3: 0.419 per step.
    assert card["exponent"]["low"] < 0.419 < card["exponent"]["high"]
    assert card["horizon"]["steps"] > 0
    assert card["time_unit"] is None
    lines = tsf("inspect", "x.csv", "--dynamics", env={"COLUMNS": "80"}).stdout.splitlines()
    assert any(re.match(r"  verdict +chaotic$", line) for line in lines)
    assert max(map(len, lines)) <= 80


def test_exponents_are_given_per_unit_of_time_where_there_is_one(tsf, tmp_path):
    made = tsf("synth", "henon", "--length", 1000, "--coordinate", "x", "--start", "2024-01-01", "--freq", "h").stdout
    card = json.loads(tsf("inspect", "-", "--dynamics", "--json", stdin=made).stdout)["channels"][0]["dynamics"]
    assert card["time_unit"] == "day"
    assert card["exponent_per_time"]["value"] == pytest.approx(24 * card["exponent"]["value"])


def test_no_tensorflow_is_loaded(process, holes, tmp_path):
    for name in ("tensorflow", "keras"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('loaded')\n")
    process("inspect", holes, env={"PYTHONPATH": f"{tmp_path}:{':'.join(filter(None, sys.path))}"})


def test_without_statsmodels_the_rest_is_told(process, holes, tmp_path):
    (tmp_path / "statsmodels.py").write_text("raise ImportError\n")
    done = process("inspect", holes, env={"PYTHONPATH": f"{tmp_path}:{':'.join(filter(None, sys.path))}"})
    assert "not tested: pip install 'tsforecast-cli[prepare]'" in done.stdout


def test_a_name_cannot_command_the_terminal_or_break_the_picture(tsf, tmp_path):
    values = np.sin(2 * np.pi * np.arange(200) / 24)
    frame = pd.DataFrame({"t": pd.date_range("2024-01-01", periods=200, freq="h"), "lo\x1b[2Jad\x07\u202e": values})
    frame.to_csv(tmp_path / "x.csv", index=False)
    done = tsf("inspect", "x.csv", "--plot", "x.svg", "--html", "x.html")
    assert r"lo\x1b[2Jad\x07\u202e" in done.stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", done.stdout + done.stderr)
    texts = ET.parse(tmp_path / "x.svg").getroot().itertext()
    assert any(r"lo\x1b[2Jad\x07\u202e" in text for text in texts)
    assert "\x1b" not in (tmp_path / "x.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("scale", "suffix"), [(5e-324, "svg"), (1e-300, "html"), (1e160, "svg")])
def test_numbers_at_the_ends_of_the_range_are_drawn(tsf, tmp_path, scale, suffix):
    # In this process a library's warning would be an error.
    values = scale * np.round(100 * np.sin(2 * np.pi * np.arange(400) / 24))
    pd.DataFrame({"t": np.arange(400), "v": values}).to_csv(tmp_path / "x.csv", index=False)
    option = "--html" if suffix == "html" else "--plot"
    done = tsf("inspect", "x.csv", "--dynamics", option, f"x.{suffix}")
    assert "season   24 steps" in done.stdout
    assert (tmp_path / f"x.{suffix}").read_text(encoding="utf-8").count("</svg>") >= 1
