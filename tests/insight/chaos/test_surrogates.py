"""Surrogates keep what they should and nothing else; the test that uses them keeps its level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_systems import series

from tsforecast.insight.chaos.surrogates import end_matched, iaaft, longest_stretch, surrogate_test


@given(seed=st.integers(0, 20), n=st.integers(20, 300))
@settings(max_examples=15, deadline=None)
def test_surrogates_are_the_series_in_another_order(seed: int, n: int) -> None:
    x = np.random.default_rng(seed).gamma(2.0, size=n)
    for surrogate in iaaft(x, 3, seed):
        np.testing.assert_array_equal(np.sort(surrogate), np.sort(x))


def test_surrogates_keep_the_spectrum_closely_and_nothing_else() -> None:
    x = end_matched(series("henon", 2000))
    power = np.abs(np.fft.rfft(x - x.mean()))
    for surrogate in iaaft(x, 3, 1):
        error = np.abs(np.fft.rfft(surrogate - x.mean())) - power
        assert np.linalg.norm(error) < 0.03 * np.linalg.norm(power)
        assert abs(np.corrcoef(surrogate[1:], x[1:])[0, 1]) < 0.2


def test_surrogates_follow_their_seed() -> None:
    x = series("henon", 200)
    np.testing.assert_array_equal(iaaft(x, 2, 5), iaaft(x, 2, 5))
    assert not np.array_equal(iaaft(x, 2, 5), iaaft(x, 2, 6))


def test_end_matching_trims_to_equal_ends() -> None:
    t = np.arange(1000)
    x = np.sin(2 * np.pi * t / 97.0)
    kept = end_matched(x)
    assert len(kept) >= 900
    assert abs(kept[0] - kept[-1]) < abs(x[0] - x[-1])


def test_the_longest_stretch_has_no_gap() -> None:
    x = np.arange(20.0)
    x[[3, 15]] = np.nan
    np.testing.assert_array_equal(longest_stretch(x), np.arange(4.0, 15.0))
    assert len(longest_stretch(np.full(5, np.nan))) == 0


def test_the_surrogate_test_tells_henon_from_its_own_surrogate() -> None:
    x = end_matched(series("henon", 1000))
    assert surrogate_test(x, 1, 2, 4).p == pytest.approx(1 / 40)
    assert surrogate_test(iaaft(x, 1, 3)[0], 1, 2, 4).p > 0.05


def test_the_surrogate_test_is_level_on_linear_noise() -> None:
    rejections = [surrogate_test(series("ar1", 400, seed=s), 2, 2, 10, seed=s).p <= 0.05 for s in range(20)]
    assert sum(rejections) <= 4
