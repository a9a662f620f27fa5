"""The fewest rows and the furthest numbers, through the verbs: an answer or one refusal, never exit 1 or a warning."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from fuzzing import broken_contract, in_process

VALUES: dict[str, Callable[[int, random.Random], float]] = {
    "1e160": lambda _, rng: 1e160 * (1 + rng.random()),
    "1e299": lambda _, rng: 1e299 * (1 + rng.random()),
    "1e308": lambda _, rng: 1.7e308 * (2 * rng.random() - 1),
    "infinite": lambda i, rng: float("inf") if i % 20 == 3 else rng.random(),
    "1e-300": lambda _, rng: 1e-300 * (1 + rng.random()),
    "subnormal": lambda _, rng: 5e-324 * rng.randint(1, 9),
}
VERBS = ("inspect --json", "inspect", "prepare", "plot", "forecast -H 3 --model naive", "forecast -H 3 --model ridge")

pytestmark = pytest.mark.filterwarnings("default")


def run(folder: Path, verb: str, values: list[float]) -> None:
    stamps = pd.date_range("2020-01-01", periods=len(values)).strftime("%Y-%m-%d")
    rows = "".join(f"{day},{value!r}\n" for day, value in zip(stamps, values, strict=True))
    (folder / "x.csv").write_text("date,y\n" + rows)
    name, *options = verb.split()
    done = in_process([name, "x.csv", *options], folder, None, {})
    assert not broken_contract(done.returncode, done.stderr)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", VALUES)
def test_the_furthest_numbers(tmp_path: Path, kind: str, verb: str):
    rng = random.Random(0)
    run(tmp_path, verb, [VALUES[kind](i, rng) for i in range(120)])


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("n_rows", [1, 2, 3, 4])
def test_the_fewest_rows(tmp_path: Path, n_rows: int, verb: str):
    run(tmp_path, verb, [float(i) for i in range(n_rows)])


def test_no_file_to_write_to_is_a_usage_error(tmp_path: Path):
    (tmp_path / "x.csv").write_text("date,y\n2020-01-01,1\n2020-01-02,2\n")
    done = in_process(["fit", "x.csv", "-H", "3", "-o", ""], tmp_path, None, {})
    assert done.returncode == 2
    assert not broken_contract(done.returncode, done.stderr)
