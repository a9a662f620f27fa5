"""The delay equation: its order, and its exact start."""

from __future__ import annotations

import numpy as np

from tsforecast.synth import systems
from tsforecast.synth.delays import mackey_glass


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
