from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tsforecast.models.smoothing.marquardt import least_squares


@dataclass(frozen=True)
class Valley:
    """Rosenbrock's: least at (a, a²), for an `a` of each series."""

    a: np.ndarray

    def residuals(self, x: np.ndarray) -> np.ndarray:
        return np.stack([self.a - x[0], 10 * (x[1] - x[0] ** 2)])

    def take(self, kept: Any) -> Valley:
        return replace(self, a=self.a[kept])


def solved(a: list[float], high: float, most_steps: int = 60) -> tuple[np.ndarray, np.ndarray]:
    start = np.tile(np.array([[-1.2], [min(1.0, high)]]), len(a))
    return least_squares(Valley(np.array(a)), start, np.array([-5.0, -5.0]), np.array([high, high]), most_steps)


def test_each_series_has_its_own_least():
    x, squares = solved([1.0, 0.5, -1.0], 5.0)
    np.testing.assert_allclose(x, [[1.0, 0.5, -1.0], [1.0, 0.25, 1.0]], atol=1e-6)
    np.testing.assert_allclose(squares, 0, atol=1e-10)


def test_the_bounds_are_kept_and_reached():
    # the least with both at most .5 is at (.5, .25), where only the first is at its bound
    x, squares = solved([1.0], 0.5)
    np.testing.assert_allclose(x[:, 0], [0.5, 0.25], atol=1e-4)
    assert abs(squares[0] - 0.25) < 1e-6


def test_a_series_is_solved_as_if_it_were_alone():
    together, _ = solved([1.0, 0.5, -1.0], 5.0)
    for i, a in enumerate([1.0, 0.5, -1.0]):
        np.testing.assert_allclose(solved([a], 5.0)[0][:, 0], together[:, i], rtol=1e-12)


def test_it_is_never_worse_than_the_start():
    start = np.array([[-1.2], [1.0]])
    first = (Valley(np.ones(1)).residuals(start) ** 2).sum()
    assert all(solved([1.0], 5.0, steps)[1][0] <= first for steps in range(4))
