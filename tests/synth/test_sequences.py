"""Signals, recursions and maps: known answers."""

from __future__ import annotations

import numpy as np

from tsforecast.synth import generate


def test_henon_and_logistic_obey_their_equations() -> None:
    x, y = generate("henon", length=200).iloc[:, 1:].to_numpy().T
    np.testing.assert_allclose(x[1:], 1 - 1.4 * x[:-1] ** 2 + y[:-1], atol=1e-12)
    np.testing.assert_allclose(y[1:], 0.3 * x[:-1], atol=1e-12)
    z = generate("logistic", length=200)["x"].to_numpy()
    np.testing.assert_allclose(z[1:], 4 * z[:-1] * (1 - z[:-1]), atol=1e-12)


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
