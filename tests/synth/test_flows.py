"""Solutions obey their equations."""

from __future__ import annotations

import numpy as np
import pytest

from tsforecast.synth import generate, systems
from tsforecast.synth.flows import RIGHT_HAND_SIDES, integrate


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


def test_the_sampling_step_does_not_change_the_trajectory() -> None:
    fine, coarse = generate("lorenz", length=41, step=0.025), generate("lorenz", length=21, step=0.05)
    np.testing.assert_allclose(fine["x"].iloc[::2], coarse["x"], atol=1e-9)
