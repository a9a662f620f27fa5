"""Neighbours in chaos inherit their distance."""

from __future__ import annotations

import numpy as np
import pytest
from known_systems import series, setting

from tsforecast.insight.chaos.determinism import inherited_distance


def test_neighbours_in_chaos_inherit_their_distance_and_those_in_noise_do_not() -> None:
    rng = np.random.default_rng(0)
    jitter = np.sin(2 * np.pi * np.cumsum(1 + 0.1 * rng.standard_normal(3000)) / 25)
    walk = np.array([inherited_distance(*setting(x), ahead=25, noise=0.02) for x in (jitter, series("ar1", 3000))])
    assert (walk < 0.4).all()
    assert inherited_distance(*setting(series("henon")), ahead=1, noise=0.0) == pytest.approx(1.0, abs=0.1)
    assert inherited_distance(*setting(series("rossler", noise=0.02)), ahead=28, noise=0.02) > 0.8


def test_inherited_distance_of_too_few_vectors_is_not_a_number() -> None:
    assert np.isnan(inherited_distance(series("henon", 50), 1, 2, 5, ahead=1, noise=0.0))
