"""The catalogue costs nothing to list, and every system of it can be made."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from tsforecast.synth import generate, systems

NAMES = list(systems())


def test_the_catalogue_is_listed_without_numpy() -> None:
    code = "import sys, tsforecast.synth as s; s.systems(); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", NAMES)
def test_every_system_gives_a_finite_table_repeatable_by_seed(name: str) -> None:
    system = systems()[name]
    first, again = generate(name, length=50, seed=3), generate(name, length=50, seed=3)
    pd.testing.assert_frame_equal(first, again)
    assert list(first.columns) == ["ds", *system.coordinates]
    assert first["ds"].tolist() == list(range(50))
    assert np.isfinite(first.iloc[:, 1:].to_numpy()).all()


@pytest.mark.parametrize("name", [n for n in NAMES if systems()[n].kind != "signal"])
def test_another_seed_is_another_trajectory(name: str) -> None:
    assert not np.allclose(generate(name, length=50, seed=1).iloc[:, 1], generate(name, length=50, seed=2).iloc[:, 1])


@pytest.mark.parametrize("name", [n for n in NAMES if systems()[n].initial_state])
def test_a_chosen_initial_state_is_the_first_row(name: str) -> None:
    system = systems()[name]
    row = generate(name, length=1, initial_state=system.initial_state).iloc[0, 1:].to_numpy(dtype=float)
    if system.kind == "signal":
        np.testing.assert_allclose(row, 1.0 if name == "square" else 0.0, atol=1e-12)
    else:
        np.testing.assert_allclose(row, system.initial_state, rtol=1e-12)
