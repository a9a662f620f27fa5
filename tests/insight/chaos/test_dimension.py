"""The dimension of known systems."""

from __future__ import annotations

import numpy as np
import pytest
from known_systems import series

from tsforecast.insight.chaos.delay import choose_delay
from tsforecast.insight.chaos.dimension import choose_dimension


@pytest.mark.parametrize(
    ("name", "low", "high"), [("sine", 2, 2), ("logistic", 1, 2), ("henon", 2, 2), ("lorenz", 3, 4), ("rossler", 3, 4)]
)
def test_dimension_of_clean_systems(name: str, low: int, high: int) -> None:
    x = series(name, 3000)
    choice = choose_delay(x)
    assert choice.delay is not None
    found = choose_dimension(x, choice.delay, choice.theiler)
    assert low <= found.dimension <= high, found
    assert found.fnn[found.dimension - 1] < 0.01


def test_white_noise_needs_more_dimensions_than_any_clean_system() -> None:
    assert choose_dimension(series("white-noise", 3000), 1, 4).dimension >= 7


def test_dimension_survives_gaps() -> None:
    x = series("henon", 3000)
    x[::97] = np.nan
    assert choose_dimension(x, 1, 4).dimension == 2


def test_too_few_vectors_are_said_to_be_so() -> None:
    assert "complete vectors" in choose_dimension(series("henon", 40), 1, 4).reason
