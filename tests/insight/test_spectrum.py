"""Periods found where they are, and none where there is only noise."""

from __future__ import annotations

import numpy as np
import pytest
from known_series import red_noise

from tsforecast.insight.spectrum import scalogram, spectrum

SEEDS = range(200)


def wave(period: float, length: int = 600) -> np.ndarray:
    return np.sin(2 * np.pi * np.arange(length) / period + 0.3)


@pytest.mark.parametrize("period", [2.7, 7.0, 24.3, 150.0])
def test_the_period_of_a_sine_is_found(period: float):
    noise = 0.5 * np.random.default_rng(0).standard_normal(600)
    found = spectrum(5 + wave(period) + noise)
    assert found is not None
    assert len(found.dominant) == 1
    assert found.dominant[0].steps == pytest.approx(period, rel=0.02)
    # The wave has variance 1/2, the noise 1/4; the taper spreads a peak over the five frequencies that are summed.
    assert found.dominant[0].share == pytest.approx(2 / 3, abs=0.07)
    assert found.dominant[0].false_alarm < 1e-6


def test_two_sines_are_told_apart_the_stronger_first():
    noise = 0.3 * np.random.default_rng(1).standard_normal(600)
    found = spectrum(wave(24) + 0.6 * wave(7) + noise)
    assert found is not None
    assert [p.steps for p in found.dominant] == [pytest.approx(24, rel=0.02), pytest.approx(7, rel=0.02)]


def test_a_noiseless_sine_has_one_period():
    found = spectrum(wave(24.3))
    assert found is not None
    assert [p.steps for p in found.dominant] == [pytest.approx(24.3, rel=0.002)]
    assert found.dominant[0].share > 0.99


def test_a_square_wave_shows_its_odd_harmonics():
    found = spectrum(np.sign(wave(50)))
    assert found is not None
    assert [p.steps for p in found.dominant[:3]] == [pytest.approx(50 / k, rel=0.01) for k in (1, 3, 5)]


@pytest.mark.parametrize("memory", [0.0, 0.6, 0.95])
def test_noise_has_no_significant_period(memory: float):
    wrong = sum(bool(found.dominant) for seed in SEEDS if (found := spectrum(red_noise(memory, 400, seed))))
    # One in a hundred is promised; more than eight of 200 would then happen less than once in a thousand times.
    assert wrong <= 8


def test_a_random_walk_has_no_significant_period():
    walks = [np.cumsum(np.random.default_rng(seed).standard_normal(400)) for seed in SEEDS]
    assert sum(bool(found.dominant) for x in walks if (found := spectrum(x))) <= 8


def test_the_background_is_that_of_the_noise_and_not_of_the_wave():
    x = red_noise(0.6, 4000, 0)
    alone, with_wave = spectrum(x), spectrum(x + 5 * wave(24, 4000))
    assert alone is not None
    assert with_wave is not None
    assert alone.memory == pytest.approx(0.6, abs=0.1)
    assert with_wave.memory == pytest.approx(0.6, abs=0.1)
    assert np.median(alone.power / alone.background) == pytest.approx(np.log(2), rel=0.1)


def test_trend_gaps_scale_and_place_do_not_matter():
    x = wave(24) + 0.3 * np.random.default_rng(2).standard_normal(600)
    gappy = 1e6 * x + 3e5 * np.arange(600)
    gappy[100:103] = gappy[300] = np.nan
    found = spectrum(np.concatenate([np.full(5, np.nan), gappy, np.full(9, np.nan)]))
    assert found is not None
    assert len(found.values) == 600
    assert found.dominant[0].steps == pytest.approx(24, rel=0.01)


@pytest.mark.parametrize("values", [np.full(100, 3.0), np.arange(5.0), np.full(50, np.nan), 2.0 * np.arange(100)])
def test_nothing_is_said_of_constant_short_or_straight_series(values: np.ndarray):
    assert spectrum(values) is None


def test_the_scalogram_shows_when_which_period_is_there():
    found = scalogram(np.concatenate([wave(10, 500), wave(40, 500)]))
    assert found.power.shape == (len(found.periods), 1000)
    for at, period in ((250, 10), (750, 40)):
        assert found.periods[found.power[:, at].argmax()] == pytest.approx(period, rel=0.1)
    # The cone of influence of Torrence & Compo 1998, table 1: e-folding time sqrt(2) s, period 1.03 s.
    assert found.trusted[100] == pytest.approx(100 * 1.033 / np.sqrt(2), rel=0.001)
    assert found.trusted[0] == found.trusted[-1] == 0


def test_the_power_of_white_noise_is_the_same_at_every_scale():
    found = scalogram(np.random.default_rng(3).standard_normal(20_000))
    inner = found.power[(found.periods > 4) & (found.periods < 60), 500:-500].mean(axis=1)
    assert inner == pytest.approx(np.full(len(inner), 1.0), rel=0.25)
