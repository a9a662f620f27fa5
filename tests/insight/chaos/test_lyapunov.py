"""The exponent of known systems, and none where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from known_systems import series, setting

from tsforecast.insight.chaos.delay import choose_delay
from tsforecast.insight.chaos.lyapunov import Exponent, rosenstein
from tsforecast.synth import systems


def exponent(x: np.ndarray, noise: float = 0.0) -> Exponent:
    choice = choose_delay(x)
    return rosenstein(*setting(x), period=choice.mean_period if choice.te > 1 else 1.0, noise=noise)


@pytest.mark.parametrize(
    ("name", "tolerance"), [("logistic", 0.05), ("henon", 0.05), ("lorenz", 0.25), ("rossler", 0.25)]
)
def test_exponents_of_clean_systems_are_near_the_known_ones(name: str, tolerance: float) -> None:
    system = systems()[name]
    assert system.exponent is not None
    known = system.exponent * system.step
    found = exponent(series(name, 3000))
    assert found.value == pytest.approx(known, rel=tolerance)
    assert found.low < known < found.high
    assert found.r2 > 0.95
    assert found.rise > 1


def test_the_exponent_does_not_depend_on_units() -> None:
    x = series("henon", 1500)
    assert exponent(1e6 * x - 3e6).value == pytest.approx(exponent(x).value, rel=1e-6)


@pytest.mark.parametrize("name", ["sine", "torus"])
def test_regular_motion_has_no_exponent_above_zero(name: str) -> None:
    found = exponent(series(name, 3000))
    assert abs(found.value) < 1e-3
    assert found.low <= 0


def test_pairs_across_gaps_do_not_spoil_the_exponent() -> None:
    x = series("logistic", 4000)
    x[50::101] = np.nan
    found = rosenstein(x, 1, 1, 4)
    assert found.value == pytest.approx(np.log(2), rel=0.08)


def test_white_noise_has_no_neighbours_to_follow() -> None:
    assert np.isnan(rosenstein(series("white-noise", 1000), 1, 8, 4).value)


def test_noise_widens_the_interval_upwards_only() -> None:
    x = series("henon", 1500)
    quiet, noisy = exponent(x), exponent(x, noise=0.05)
    assert noisy.low == quiet.low
    assert noisy.high > quiet.high


def test_the_divergence_curve_starts_below_saturation_and_rises() -> None:
    found = exponent(series("lorenz", 3000))
    assert found.curve[0] < found.saturation - 1
    assert (
        found.curve[np.searchsorted(found.steps, found.last)] > found.curve[np.searchsorted(found.steps, found.first)]
    )
    assert len(found.steps) == len(found.curve) == len(found.alive)
    assert (np.diff(found.alive) <= 1e-12).all()


def test_neighbours_driven_apart_by_noise_follow_a_power_of_time() -> None:
    """A limit cycle with noise in its equations: phases diffuse."""
    rng, x, v, observed = np.random.default_rng(1), 2.0, 0.0, []
    for k in range(30_000):
        x, v = x + 0.02 * v, v + 0.02 * (2 * (1 - x * x) * v - x) + 0.3 * 0.02**0.5 * rng.normal()
        if k % 10 == 0:
            observed.append(x)
    noisy, chaotic = exponent(np.array(observed)), exponent(series("lorenz", 3000))
    assert noisy.r2_power > noisy.r2
    assert chaotic.r2_power < chaotic.r2
