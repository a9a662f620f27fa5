"""Sine waves and their common period: known sums."""

from __future__ import annotations

import numpy as np
import pytest
from known_systems import series

from tsforecast.insight.chaos.periodicity import common_period, find_waves


def test_waves_of_a_known_sum_are_found() -> None:
    t = np.arange(2000)
    x = 3 + np.sin(2 * np.pi * t * 0.0371) + 0.4 * np.sin(2 * np.pi * t * 0.1113 + 1)
    found = find_waves(x + 0.05 * np.random.default_rng(0).normal(size=2000))
    np.testing.assert_allclose(found.frequencies, [0.0371, 0.1113], atol=1e-5)
    assert found.skill > 0.99
    assert found.period == pytest.approx(1 / 0.0371, rel=1e-4)


@pytest.mark.parametrize("name", ["lorenz", "rossler", "henon", "ar1"])
def test_waves_do_not_foretell_chaos_or_noise(name: str) -> None:
    assert find_waves(series(name, 3000)).skill < 0.85


def test_frequencies_with_an_irrational_ratio_share_no_period() -> None:
    golden = (1 + 5**0.5) / 2
    for length in (1000, 3000, 10_000):
        assert common_period(np.array([0.04, 0.04 / golden]), length) is None


def test_a_day_and_a_week_share_the_week() -> None:
    assert common_period(np.array([1 / 24, 1 / 12, 1 / 168]), 1500) == pytest.approx(168)
