"""The first hour of a user: the first screen, examples in help, rarer options folded, completion, the man page."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import pytest

from tsforecast.cli.application import VERBS
from tsforecast.cli.completion import columns_of
from tsforecast.cli.examples import EXAMPLES

ROOT = Path(__file__).parents[2]


def test_a_bare_call_says_where_to_begin(tsf):
    done = tsf()
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 24
    assert "  tsforecast forecast FILE" in lines
    assert set(VERBS) <= set(done.stdout.split())


def test_every_verb_has_examples_that_name_options_it_has(tsf):
    assert tuple(EXAMPLES) == VERBS
    for verb in VERBS:
        help_text = tsf(verb, "--help", "--all").stdout
        for command, words in EXAMPLES[verb]:
            assert f"$ {command}" in help_text
            assert words in help_text
            arguments = next(part for part in command.split("|") if f"tsforecast {verb}" in part).split()
            assert all(word in help_text for word in arguments if word.startswith("-") and word != "-"), command


def test_rarer_options_are_folded_and_named(tsf):
    short, whole = tsf("forecast", "--help").stdout, tsf("forecast", "--help", "--all").stdout
    assert "--nonexistent" not in short
    assert "--nonexistent" in whole
    assert "--horizon" in short
    assert "more options: tsforecast forecast --help --all" in short
    assert "more options" not in whole


def completions(process, words: str, at: int) -> list[str]:
    env = {"COMP_WORDS": words, "COMP_CWORD": str(at), "_TSFORECAST_COMPLETE": "complete_bash"}
    return process(env=env).stdout.splitlines()


def test_the_shell_is_offered_the_columns_of_the_file(process, tmp_path):
    (tmp_path / "x.csv").write_text("day;units sold;upkeep\n" + "2024-01-01;1,5;2\n2024-01-02;2,5;3\n" * 3)
    assert completions(process, "tsforecast forecast x.csv --target-col u", 4) == ["units\\ sold", "upkeep"]


def test_and_verbs_models_and_choices(process):
    assert completions(process, "tsforecast fo", 1) == ["forecast"]
    assert "seasonal-naive" in completions(process, "tsforecast forecast x.csv -m seas", 4)
    assert completions(process, "tsforecast prepare x.csv --impute k", 4) == ["kalman", "knn"]


def test_columns_of_what_cannot_be_read_are_none(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"\x00\x01")
    assert columns_of(str(tmp_path / "x.csv")) == []
    assert columns_of(str(tmp_path)) == []


def test_completion_can_be_installed(tsf):
    assert "--install-completion" in tsf("--help").stdout


def test_the_man_page_is_what_the_command_line_says_and_is_shipped():
    spec = importlib.util.spec_from_file_location("man_page", ROOT / "scripts" / "man_page.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.PAGE.read_text(encoding="utf-8") == script.page(), "run scripts/man_page.py"
    shared = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("shared-data]")[1]
    assert '"docs/tsforecast.1" = "share/man/man1/tsforecast.1"' in shared


def test_the_man_page_is_sound_roff():
    try:
        done = subprocess.run(
            ["groff", "-man", "-ww", "-z", ROOT / "docs" / "tsforecast.1"], capture_output=True, check=True
        )
    except FileNotFoundError:
        pytest.skip("needs groff")
    assert done.stderr == b""
