"""The season length: found where there is one, 1 where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.insight.season import find_season_length, season_gains

T = np.arange(2000)


@pytest.mark.parametrize("period", [4, 7, 12, 24, 50, 96, 365])
def test_a_noisy_sine(period):
    noise = np.random.default_rng(period).normal(size=2000)
    found = find_season_length(np.sin(2 * np.pi * T / period) + 0.3 * noise, 1)
    assert abs(found - period) <= 0.02 * period


def test_the_day_is_the_season_of_day_and_week():
    rng = np.random.default_rng(0)
    x = 10 + 3 * np.sin(2 * np.pi * T / 24) + 1.5 * np.sin(2 * np.pi * T / 168) + 0.3 * rng.normal(size=2000)
    assert find_season_length(x, "h") == 24
    assert 168 in season_gains(x, "h")


def test_a_trend_does_not_hide_the_season():
    assert find_season_length(0.05 * T[:200] + np.sin(2 * np.pi * T[:200] / 12), "MS") == 12


def test_missing_values_are_bridged():
    x = np.sin(2 * np.pi * T / 24)
    x[100:140] = np.nan
    x[:30] = np.nan
    assert find_season_length(x, "h") == 24


def test_noise_has_no_season():
    found = [find_season_length(np.random.default_rng(i).normal(size=n), "h") for i in range(40) for n in (60, 400)]
    assert np.mean(np.array(found) > 1) <= 0.05


def test_a_random_walk_has_no_season():
    found = [
        find_season_length(np.random.default_rng(i).normal(size=n).cumsum(), "D") for i in range(40) for n in (60, 400)
    ]
    assert np.mean(np.array(found) > 1) <= 0.05


@pytest.mark.parametrize(
    "x",
    [np.zeros(100), np.full(100, 7.0), np.full(50, np.nan), np.arange(100.0), np.array([1.0, 2, 1, 2]), np.zeros(0)],
)
def test_constants_lines_and_scraps_have_no_season(x):
    assert find_season_length(x, "h") == 1


def test_huge_values_do_not_overflow():
    assert find_season_length(1e300 * np.sin(2 * np.pi * T / 24), "h") == 24


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("nyc_taxi.csv", {48}),
        ("monthly-sunspots.csv", set(range(118, 140))),
        ("airline-passengers.csv", {12}),
        ("daily-min-temperatures.csv", {365}),
        ("uk_daily_flights.csv", {7}),
        ("art_daily_small_noise.csv", {288}),
        ("art_flatline.csv", {1}),
    ],
)
def test_real_files(shared_data, file, expected):
    from tsforecast import io
    from tsforecast.preparation import prepare

    panel = prepare(io.read(str(shared_data / "csv" / file), ReadConfig()), PrepareConfig()).panel
    assert find_season_length(panel.values[:, 0], panel.freq) in expected
