"""Level and trend of known series; the one Dickey-Fuller test against its tables and against statsmodels."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from known_series import red_noise

from tsforecast.insight.stationarity import dickey_fuller, find_trend, unit_root_p, unit_root_tests


@pytest.mark.parametrize(("ratio", "p"), [(-3.43, 0.01), (-2.86, 0.05), (-2.57, 0.10), (-30.0, 0.0), (3.0, 1.0)])
def test_critical_points_are_those_of_the_tables(ratio: float, p: float):
    # Fuller 1976, table 8.5.2: a constant, large samples.
    assert unit_root_p(ratio) == pytest.approx(p, abs=0.002)


@pytest.mark.parametrize("length", [20, 30, 100, 1000])
@pytest.mark.parametrize("memory", [0.0, 0.9, 1.0])
@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_dickey_fuller_is_that_of_statsmodels(length: int, memory: float, scale: float):
    stattools = pytest.importorskip("statsmodels.tsa.stattools", reason="statsmodels comes with the extra 'prepare'")
    x = 5 + scale * red_noise(memory, length, 6)
    lags = min(int(12 * (length / 100) ** 0.25), length // 2 - 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ratio, p = stattools.adfuller(x, maxlag=lags, autolag=None)[:2]
    assert dickey_fuller(x) == pytest.approx(ratio, rel=1e-5)
    assert unit_root_p(dickey_fuller(x)) == pytest.approx(p, abs=1e-6)


def test_an_exactly_periodic_series_returns_to_its_level():
    assert unit_root_p(dickey_fuller(np.sin(np.arange(1000.0)))) < 0.01


def test_level_and_trend_of_known_series():
    pytest.importorskip("statsmodels", reason="stationarity tests need the extra 'prepare'")
    noise = red_noise(0.5, 1000, 4)
    still, walk = unit_root_tests(noise), unit_root_tests(np.cumsum(noise))
    assert still is not None
    assert walk is not None
    assert (still.verdict, walk.verdict) == ("stationary", "not stationary")
    assert unit_root_tests(np.full(100, 2.0)) is None


@pytest.mark.parametrize(("slope", "direction"), [(0.01, "rising"), (-0.01, "falling"), (0.0, "none")])
def test_a_trend_is_seen_through_noise(slope: float, direction: str):
    found = find_trend(slope * np.arange(1000) + red_noise(0.5, 1000, 5))
    assert found is not None
    assert found.direction == direction
    assert found.slope == pytest.approx(slope, abs=0.001)


def test_random_walks_have_no_trend():
    walks = [np.cumsum(np.random.default_rng(seed).standard_normal(500)) for seed in range(100)]
    assert sum(found.direction != "none" for x in walks if (found := find_trend(x))) <= 10


@pytest.mark.parametrize("scale", [1e-310, 1e-160, 1e160, 1e307])
def test_units_at_the_ends_of_what_a_number_can_be_change_nothing(scale: float):
    pytest.importorskip("statsmodels", reason="stationarity tests need the extra 'prepare'")
    x = 0.01 * np.arange(300.0) + red_noise(0.5, 300, 5)
    plain, odd = find_trend(x), find_trend(scale * x)
    assert plain is not None
    assert odd is not None
    assert (odd.direction, odd.share) == (plain.direction, pytest.approx(plain.share, rel=1e-6))
    assert odd.slope == pytest.approx(scale * plain.slope, rel=1e-2)
    tests, odd_tests = unit_root_tests(x), unit_root_tests(scale * x)
    assert tests is not None
    assert odd_tests is not None
    assert odd_tests.adf_p == pytest.approx(tests.adf_p, rel=1e-3)
