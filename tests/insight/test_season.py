"""The season length: found where there is one, 1 where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.data.frequency import Frequency
from tsforecast.data.series import Series
from tsforecast.insight.season import find_season_length, season_gains, season_lengths

#: Files of the shapes that people report; the values are invented.
FIELD = Path(__file__).parent / "field"

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
    panel = prepared_of(shared_data / "csv" / file).filled
    assert find_season_length(panel.values[:, 0], panel.freq) in expected


def one(values, channels=("y",), uid=""):
    values = np.asarray(values, dtype="float64")[:, None]
    return Series(uid, channels, values, 0, np.arange(len(values)))


def found(values, alias):
    return season_lengths([one(values)], Frequency.of(alias))[0]


def test_several_seasons_at_once():
    rng = np.random.default_rng(0)
    t = np.arange(48 * 60)
    weekend = 4.0 * ((t // 48) % 7 >= 5)
    x = 3 * np.sin(2 * np.pi * t / 48) + weekend + 0.3 * rng.normal(size=len(t))
    assert found(x, "30min") == (48, 336)
    assert found(x - weekend, "30min") == (48,)


@pytest.mark.parametrize(("alias", "m"), [("5min", 288), ("10min", 144)])
@pytest.mark.parametrize("seed", range(5))
def test_a_noisy_daily_cycle_is_found(alias, m, seed):
    """Slow and noisy: the value before tells more of the next than the value a day ago, yet the days are alike."""
    rng = np.random.default_rng(seed)
    n = 14 * m
    noise = np.zeros(n)
    for t in range(1, n):
        noise[t] = 0.98 * noise[t - 1] + 0.2 * rng.normal()
    x = 1.2 * np.sin(2 * np.pi * np.arange(n) / m) + noise + rng.normal(size=n)
    assert found(x, alias)[-1] == m
    assert find_season_length(x, alias) == 1


def test_noise_and_random_walks_have_no_seasons():
    rng = np.random.default_rng(2)
    draws = [(n, f) for n, f in ((1500, "30min"), (3000, "5min"), (400, "h"), (300, "D")) for _ in range(20)]
    told = [found(draw, f) for n, f in draws for draw in (rng.normal(size=n), rng.normal(size=n).cumsum())]
    assert np.mean([bool(seasons) for seasons in told]) < 0.02


def yearly(n, seed=0):
    return 10 + 3 * np.sin(2 * np.pi * np.arange(n) / 12) + 0.1 * np.random.default_rng(seed).normal(size=n)


def test_each_series_has_its_own_seasons_and_none_votes_for_another():
    t = np.arange(500)
    series = [one(np.sin(2 * np.pi * t / m), (f"x{m}",)) for m in (7, 30)]
    flat = [one(np.random.default_rng(i).normal(size=500), (f"flat{i}",)) for i in range(9)]
    assert season_lengths([*series, *flat], Frequency.of(1)) == [(7,), (30,)] + [()] * 9


def test_a_short_series_takes_the_season_of_the_others():
    quarters = [one(np.tile([1.0, 5, 2, 9], 15), uid=uid) for uid in "ab"]
    short = one(yearly(10), uid="c")
    assert season_lengths([*quarters, short], Frequency.of("MS")) == [(4,), (4,), (4,)]


def test_a_short_series_does_not_take_the_season_of_another_channel():
    short = one(yearly(20), ("price",))
    assert season_lengths([one(np.tile([1.0, 5, 2, 9], 15)), short], Frequency.of("MS")) == [(4,), (12,)]


@pytest.mark.parametrize(
    ("alias", "n", "expected"),
    [
        ("MS", 20, (12,)),
        ("MS", 9, ()),
        ("h", 50, (24,)),
        ("30min", 100, (48,)),
        ("D", 15, (7,)),
        ("YS", 15, ()),
        (1, 20, ()),
    ],
)
def test_alone_and_too_short_it_takes_the_season_of_the_frequency(alias, n, expected):
    assert found(np.random.default_rng(0).normal(size=n), alias) == expected


def test_a_series_without_a_value_has_none():
    assert found(np.full(60, np.nan), "YS") == ()


@pytest.mark.parametrize(
    ("file", "length", "several"),
    [
        ("nyc_taxi.csv", 48, (48, 336)),
        ("uk_daily_flights.csv", 7, (7,)),
        ("machine_temperature_system_failure.csv", 1, ()),
    ],
)
def test_the_sample_data(sample_data, file, length, several):
    prepared = prepared_of(sample_data / file)
    series = prepared.panel.series()
    assert find_season_length(series[0].filled[:, 0], prepared.panel.freq) == length
    assert season_lengths(series, prepared.panel.frequency) == [several]


@pytest.mark.parametrize(
    ("file", "several"),
    [
        ("vic_electricity.csv", (48, 336)),
        ("speed_7578.csv", (288,)),
        ("ambient_temperature_system_failure.csv", (24, 168)),
    ],
)
def test_several_seasons_of_real_files(shared_data, file, several):
    prepared = prepared_of(shared_data / "csv" / file)
    assert season_lengths(prepared.panel.series()[:1], prepared.panel.frequency) == [several]


def test_columns_of_different_seasons():
    prepared = prepared_of(FIELD / "mixed__mixed.csv")
    assert prepared.panel.channels == ["load", "pressure", "rain", "level"]
    assert season_lengths(prepared.panel.series(), prepared.panel.frequency) == [(96, 672), (), (), ()]


def test_a_panel_with_series_too_short_to_tell():
    prepared = prepared_of(FIELD / "panel-short__sales.csv")
    assert set(season_lengths(prepared.panel.series(), prepared.panel.frequency)) == {(12,)}


def prepared_of(path):
    from tsforecast import io
    from tsforecast.preparation import prepare

    return prepare(io.read(str(path), ReadConfig()), PrepareConfig())
