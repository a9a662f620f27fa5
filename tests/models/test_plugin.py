"""A forecaster of another package, from its installation to a forecast by a saved model, in real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from plug_in import install

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent


@pytest.fixture
def tsf(tmp_path: Path, project: Path) -> Callable[..., str]:
    """Run tsforecast where the package is installed (or not), and give what it wrote to stdout."""
    site = tmp_path / "site"
    install(site, {"plus-one": "plus_one_package:PlusOne"})
    source = (HERE / "foreign_models.py").read_text(encoding="utf-8")
    (site / "plus_one_package.py").write_text(source, encoding="utf-8")

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


def test_a_model_of_another_package_is_listed_fitted_saved_and_predicts(tsf, tmp_path: Path):
    days = [f"2024-01-{day:02},{2 * day}" for day in range(1, 32)]
    (tmp_path / "line.csv").write_text("day,sold\n" + "\n".join(days) + "\n")
    assert "plus-one" in tsf("models")
    assert "plus-one" not in tsf("models", installed=False)

    expected = [["2024-02-01", 63.0], ["2024-02-02", 64.0], ["2024-02-03", 65.0]]
    options = ["--horizon", 3, "--model", "plus-one", "--quiet"]
    assert _points(tsf("forecast", "line.csv", *options)) == expected
    tsf("fit", "line.csv", *options, "-o", "m.tsf")
    assert _points(tsf("predict", "m.tsf", "--quiet")) == expected
    refusal = tsf("predict", "m.tsf", installed=False, code=8)
    assert "plus-one" in refusal
    assert "the package that the model came from" in refusal


def _points(table: str) -> list[list[object]]:
    header, *rows = (line.split(",") for line in table.splitlines())
    at = header.index("yhat")
    return [[row[0], float(row[at])] for row in rows]
