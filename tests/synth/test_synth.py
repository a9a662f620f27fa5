"""Known answers of the generators."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsforecast.errors import UsageError
from tsforecast.synth import generate, systems
from tsforecast.synth.delays import mackey_glass
from tsforecast.synth.flows import RIGHT_HAND_SIDES, integrate

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


def test_henon_and_logistic_obey_their_equations() -> None:
    x, y = generate("henon", length=200).iloc[:, 1:].to_numpy().T
    np.testing.assert_allclose(x[1:], 1 - 1.4 * x[:-1] ** 2 + y[:-1], atol=1e-12)
    np.testing.assert_allclose(y[1:], 0.3 * x[:-1], atol=1e-12)
    z = generate("logistic", length=200)["x"].to_numpy()
    np.testing.assert_allclose(z[1:], 4 * z[:-1] * (1 - z[:-1]), atol=1e-12)


@pytest.mark.parametrize("name", RIGHT_HAND_SIDES)
def test_flows_obey_their_equations(name: str) -> None:
    """The fourth-order central difference of a finely sampled solution is the right-hand side."""
    system, h = systems()[name], 1e-3
    times = h * np.arange(40)
    states = integrate(name, system.parameters, np.asarray(system.initial_state) + 0.1, times)
    slope = (states[:-4] - 8 * states[1:-3] + 8 * states[3:-1] - states[4:]) / (12 * h)
    expected = [RIGHT_HAND_SIDES[name](t, s, system.parameters) for t, s in zip(times, states.tolist(), strict=True)]
    np.testing.assert_allclose(slope, expected[2:-2], rtol=1e-6, atol=1e-6)


def test_the_double_pendulum_keeps_its_energy() -> None:
    a1, a2, w1, w2 = generate("double-pendulum", length=400).iloc[:, 1:].to_numpy().T
    g = systems()["double-pendulum"].parameters["g"]
    energy = w1**2 + 0.5 * w2**2 + w1 * w2 * np.cos(a1 - a2) - 2 * g * np.cos(a1) - g * np.cos(a2)
    np.testing.assert_allclose(energy, energy[0], atol=1e-6)


def test_mackey_glass_converges_with_order_four() -> None:
    p, times = systems()["mackey-glass"].parameters, np.array([120.3])
    exact = mackey_glass(p, 0.5, times, steps_per_delay=1360)
    errors = [abs(float(mackey_glass(p, 0.5, times, steps_per_delay=n)[0] - exact[0])) for n in (40, 80, 160)]
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert (orders > 3.5).all(), (errors, orders)


def test_mackey_glass_in_its_first_delay_is_the_linear_solution() -> None:
    """Up to tau the history is constant, so x relaxes exponentially to forcing / gamma."""
    p, times = systems()["mackey-glass"].parameters, np.linspace(0, 17, 12)
    forcing = p["beta"] * 0.5 / (1 + 0.5 ** p["n"])
    expected = forcing / p["gamma"] + (0.5 - forcing / p["gamma"]) * np.exp(-p["gamma"] * times)
    np.testing.assert_allclose(mackey_glass(p, 0.5, times), expected, atol=1e-10)


def test_the_sampling_step_does_not_change_the_trajectory() -> None:
    fine, coarse = generate("lorenz", length=41, step=0.025), generate("lorenz", length=21, step=0.05)
    np.testing.assert_allclose(fine["x"].iloc[::2], coarse["x"], atol=1e-9)


def test_ar1_and_random_walk_have_their_autocorrelation() -> None:
    y = generate("ar1", length=20000, seed=1)["y"].to_numpy()
    assert abs(np.corrcoef(y[:-1], y[1:])[0, 1] - 0.9) < 0.01
    assert abs(y.std() - 1 / np.sqrt(1 - 0.81)) < 0.15
    walk = generate("random-walk", length=20000, seed=1)["y"].to_numpy()
    assert abs(np.diff(walk).std() - 1) < 0.02
    assert walk[0] == 0


def test_square_has_equal_halves_and_no_moved_edge() -> None:
    y = generate("square", length=2400)["y"].to_numpy().reshape(100, 24)
    assert (y[:, :12] == 1).all()
    assert (y[:, 12:] == -1).all()


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
        ({"name": "sine", "start": "2024-01-01", "freq": "fortnightly"}, "stamps"),
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
