"""Autocorrelation, mutual information and the delay they choose: known answers."""

from __future__ import annotations

import numpy as np
import pytest
from known_systems import series

from tsforecast.errors import DataError
from tsforecast.insight.chaos.delay import autocorrelation, choose_delay, decay_time, mean_period, mutual_information


def test_the_delay_of_a_sine_is_about_a_quarter_of_its_period() -> None:
    for period in (24.3, 61.7, 100.0):
        x = np.sin(2 * np.pi * np.arange(3000) / period)
        choice = choose_delay(x)
        assert choice.delay is not None
        assert 0.15 * period <= choice.delay <= 0.3 * period
        assert choice.mean_period == pytest.approx(period, rel=0.02)


def test_te_of_ar1_follows_from_its_coefficient() -> None:
    # 0.9^k < 1/e from k = 10 on.
    assert decay_time(autocorrelation(series("ar1", 50_000, seed=2), 100)) in (9, 10)


@pytest.mark.parametrize("name", ["henon", "logistic", "white-noise"])
def test_maps_have_a_delay_of_one(name: str) -> None:
    assert choose_delay(series(name)).delay == 1


def test_autocorrelation_ignores_gaps() -> None:
    x = series("ar1", 5000)
    x[1000:1400] = np.nan
    direct = [np.nanmean((x - np.nanmean(x))[k:] * (x - np.nanmean(x))[: len(x) - k]) / np.nanvar(x) for k in range(5)]
    np.testing.assert_allclose(autocorrelation(x, 4), direct, rtol=1e-10)


def test_mutual_information_of_known_relations() -> None:
    x = np.random.default_rng(0).normal(size=20_000)
    information = mutual_information(x, 3)
    assert information[0] == pytest.approx(np.log(16), abs=0.01)
    np.testing.assert_allclose(information[1:], 0, atol=0.01)


def test_mutual_information_of_a_gaussian_pair_is_near_its_formula() -> None:
    information = mutual_information(series("ar1", 100_000), 5)
    # -log(1 - r^2) / 2; 16 cells see a little less.
    expected = -0.5 * np.log(1 - 0.9 ** (2 * np.arange(1, 6)))
    assert (information[1:] < expected + 0.01).all()
    np.testing.assert_allclose(information[1:], expected, rtol=0.1)


def test_mean_period_of_a_mixture_is_the_mean_of_frequencies() -> None:
    t = np.arange(4000)
    x = np.sin(2 * np.pi * t / 20) + np.sin(2 * np.pi * t / 40)
    assert mean_period(x) == pytest.approx(1 / (0.5 / 20 + 0.5 / 40), rel=1e-6)


@pytest.mark.parametrize("values", [np.ones(100), np.full(100, np.nan), np.arange(5.0)])
def test_a_series_without_variation_has_no_delay(values: np.ndarray) -> None:
    with pytest.raises(DataError):
        choose_delay(values)
