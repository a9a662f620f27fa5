"""A system as a table; what cannot be made is a usage error."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsforecast.errors import UsageError
from tsforecast.synth import generate


@given(noise=st.sampled_from([0.01, 0.1, 1.0]), seed=st.integers(0, 5))
@settings(max_examples=10, deadline=None)
def test_noise_is_a_fraction_of_the_standard_deviation(noise: float, seed: int) -> None:
    clean, noisy = (generate("henon", length=3000, seed=seed, noise=n)[["x", "y"]].to_numpy() for n in (0.0, noise))
    np.testing.assert_allclose((noisy - clean).std(axis=0) / clean.std(axis=0), noise, rtol=0.06)


def test_choosing_coordinates_does_not_change_them() -> None:
    whole = generate("lorenz", length=20, noise=0.1)
    pd.testing.assert_frame_equal(
        generate("lorenz", length=20, noise=0.1, coordinates=["z", "x"]), whole[["ds", "z", "x"]]
    )


def test_stamps() -> None:
    frame = generate("sine", length=3, start="2024-01-31", freq="ME")
    assert frame["ds"].astype(str).tolist() == ["2024-01-31", "2024-02-29", "2024-03-31"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "lorentz"}, "no system called"),
        ({"name": "lorenz", "length": 0}, "length"),
        ({"name": "sine", "length": 10**13}, "length must be 1 to"),
        ({"name": "lorenz", "step": 1e9}, "1,000 rows of lorenz, 1e.09 apart, cannot be computed"),
        ({"name": "mackey-glass", "step": 1e9}, "cannot be computed"),
        ({"name": "lorenz", "step": 1e-320}, "cannot be computed"),
        ({"name": "sine", "step": 1e308}, "cannot be computed"),
        ({"name": "lorenz", "seed": -1}, "seed"),
        ({"name": "henon", "noise": 1e308}, "beyond the largest number"),
        ({"name": "lorenz", "step": -1.0}, "step"),
        ({"name": "henon", "step": 0.5}, "step must be 1"),
        ({"name": "lorenz", "noise": float("nan")}, "noise"),
        ({"name": "lorenz", "initial_state": [1.0]}, "must be 3 numbers"),
        ({"name": "white-noise", "initial_state": [1.0]}, "must be 0 numbers"),
        ({"name": "henon", "initial_state": [5.0, 5.0]}, "runs away"),
        ({"name": "lorenz", "initial_state": [1e200, 0.0, 0.0], "length": 10}, "runs away"),
        ({"name": "lorenz", "coordinates": ["w"]}, "coordinates"),
        ({"name": "lorenz", "coordinates": []}, "coordinates"),
        ({"name": "sine", "start": "2024-01-01"}, "together"),
        ({"name": "sine", "start": "2024-01-01", "freq": "fortnightly"}, "not a frequency"),
        ({"name": "sine", "start": "soon", "freq": "h"}, "stamps"),
    ],
)
def test_impossible_requests_are_usage_errors(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        generate(**arguments)  # type: ignore[arg-type]


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UsageError) as error:
        generate("lorentz")
    assert error.value.hint == "did you mean lorenz?"
