"""Unit roots, random walks and changing dynamics in series of known making."""

from __future__ import annotations

import numpy as np
import pytest
from known_systems import series, setting

from tsforecast.insight.chaos.nonstationarity import cross_prediction, has_unit_root, steps_walk


@pytest.mark.parametrize(("name", "walks"), [("random-walk", True), ("ar1", False), ("lorenz", False)])
def test_unit_roots(name: str, walks: bool) -> None:
    assert has_unit_root(series(name, 1500, seed=3)) is walks


@pytest.mark.parametrize("length", [600, 5000])
def test_steps_of_a_walk_add_up_and_those_of_a_flow_or_a_trend_do_not(length: int) -> None:
    assert steps_walk(series("random-walk", length, noise=0.05))
    assert not steps_walk(series("lorenz", length))
    assert not steps_walk(np.linspace(0, 5, length) + series("white-noise", length))


def test_halves_of_a_stationary_series_tell_each_other_and_those_of_a_chirp_do_not() -> None:
    assert cross_prediction(*setting(series("lorenz", 1500))) < 1.6
    t = np.arange(1500)
    assert cross_prediction(*setting(np.sin(2 * np.pi * (t / 40 + t**2 / 120_000)))) > 4
