"""Running tsforecast: in this process by default, as a real one where the promise is about processes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from process import COMMAND, checked, environment, in_process

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tsf(tmp_path: Path) -> Run:
    """Run tsforecast here, in an empty folder; an exit code other than `code` fails the test with what was said."""

    def run(*arguments: object, code: int = 0, stdin: str | bytes | None = None, env: dict[str, str] | None = None):
        data = stdin.encode() if isinstance(stdin, str) else stdin
        return checked(in_process(list(map(str, arguments)), tmp_path, data, env or {}), code)

    return run


@pytest.fixture
def process(tmp_path: Path) -> Run:
    """The same with a process of its own."""

    def run(*arguments: object, code: int = 0, stdin: str | bytes | None = None, env: dict[str, str] | None = None):
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            input=data,
            stdin=subprocess.DEVNULL if data is None else None,
            capture_output=True,
            cwd=tmp_path,
            env=environment(**(env or {})),
            timeout=300,
            check=False,
        )
        texts = (done.stdout.decode(), done.stderr.decode())
        return checked(subprocess.CompletedProcess(done.args, done.returncode, *texts), code)

    return run


@pytest.fixture(scope="session")
def sine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 hours of a noisy day, in a CSV."""
    hours = np.arange(400)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "when": pd.date_range("2024-01-01", periods=400, freq="h"),
            "load": 10 + 3 * np.sin(2 * np.pi * hours / 24) + 0.2 * rng.standard_normal(400),
        }
    )
    path = tmp_path_factory.mktemp("data") / "sine.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def ridge_model(sine: Path) -> Path:
    """A saved ridge model of `sine`, horizon 24."""
    path = sine.with_name("ridge.tsf")
    arguments = ["fit", str(sine), "--horizon", "24", "--model", "ridge", "--quiet", "-o", str(path)]
    checked(in_process(arguments, path.parent, None, {}), 0)
    return path
