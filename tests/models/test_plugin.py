"""The forecaster of docs/models.md: as a file of the project, and as another package's, in real processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plug_in import GROUP, install

import tsforecast.models
from tsforecast.models import registry


@pytest.fixture
def page(project: Path) -> dict[str, list[str]]:
    """The blocks of docs/models.md, by language."""
    found: dict[str, list[str]] = {}
    text = (project / "docs" / "models.md").read_text(encoding="utf-8")
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        found.setdefault(language, []).append(block)
    return found


@pytest.fixture
def in_the_folder(page: dict[str, list[str]], tmp_path: Path):
    """The model as a file of the folder of models."""
    (tmp_path / "median_step.py").write_text(page["python"][0], encoding="utf-8")
    tsforecast.models.__path__.append(str(tmp_path))
    found = registry.everything, registry.names
    for cached in found:
        cached.cache_clear()
    yield
    tsforecast.models.__path__.remove(str(tmp_path))
    for cached in found:
        cached.cache_clear()
    sys.modules.pop("tsforecast.models.median_step", None)
    vars(tsforecast.models).pop("median_step", None)


@pytest.mark.usefixtures("in_the_folder")
def test_a_file_in_the_folder_is_a_model_and_its_printed_test_passes(page: dict[str, list[str]]):
    assert "median-step" in registry.names()
    names: dict[str, Any] = {}
    exec(page["python"][1], names)
    (test,) = (member for name, member in names.items() if name.startswith("test_"))
    test()


@pytest.mark.usefixtures("in_the_folder")
def test_its_forged_state_is_refused():
    from tsforecast.models.contract import State

    model = registry.find("median-step")
    assert model.restored(model(12).state()) == model(12)
    for forged in ({}, {"context_length": 1}, {"context_length": "12"}, {"context_length": 12, "more": 1}):
        with pytest.raises(ValueError):
            model.restored(State(forged))


@pytest.fixture
def tsf(tmp_path: Path, project: Path, page: dict[str, list[str]]) -> Callable[..., str]:
    """Run tsforecast where the package is installed (or not), and give what it wrote to stdout."""
    site = tmp_path / "site"
    install(site, tomllib.loads(page["toml"][0])["project"]["entry-points"][GROUP])
    (site / "median_step.py").write_text(page["python"][0], encoding="utf-8")

    def run(*arguments: object, installed: bool = True, code: int = 0) -> str:
        path = [str(project), *([str(site)] if installed else [])]
        done = subprocess.run(
            [sys.executable, "-m", "tsforecast", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout if code == 0 else done.stderr

    return run


@pytest.mark.slow
def test_a_model_of_another_package_is_listed_fitted_saved_and_predicts(tsf, tmp_path: Path):
    days = [f"2024-01-{day:02},{2 * day}" for day in range(1, 32)]
    (tmp_path / "line.csv").write_text("day,sold\n" + "\n".join(days) + "\n")
    assert "median-step" in tsf("models")
    assert "median-step" not in tsf("models", installed=False)

    expected = [["2024-02-01", 64.0], ["2024-02-02", 66.0], ["2024-02-03", 68.0]]
    options = ["--horizon", 3, "--model", "median-step", "--quiet"]
    assert _points(tsf("forecast", "line.csv", *options)) == expected
    tsf("fit", "line.csv", *options, "-o", "m.tsf")
    assert _points(tsf("predict", "m.tsf", "--quiet")) == expected
    refusal = tsf("predict", "m.tsf", installed=False, code=8)
    assert "median-step" in refusal
    assert "the package that the model came from" in refusal


def _points(table: str) -> list[list[object]]:
    header, *rows = (line.split(",") for line in table.splitlines())
    at = header.index("yhat")
    return [[row[0], float(row[at])] for row in rows]
