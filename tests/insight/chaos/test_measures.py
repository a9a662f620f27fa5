"""Exponent, correlation dimension, surrogates, noise level, waves and unit root: known answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsforecast.insight.chaos.ahead import step_errors
from tsforecast.insight.chaos.correlation import correlation_dimension
from tsforecast.insight.chaos.delay import choose_delay
from tsforecast.insight.chaos.determinism import inherited_distance
from tsforecast.insight.chaos.dimension import choose_dimension
from tsforecast.insight.chaos.lyapunov import Exponent, rosenstein
from tsforecast.insight.chaos.noise import noise_level
from tsforecast.insight.chaos.nonstationarity import cross_prediction, has_unit_root, steps_walk
from tsforecast.insight.chaos.periodicity import common_period, find_waves
from tsforecast.insight.chaos.surrogates import end_matched, iaaft, longest_stretch, surrogate_test
from tsforecast.synth import generate, systems


def series(name: str, length: int = 2000, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    return generate(name, length=length, noise=noise, seed=seed).iloc[:, 1].to_numpy(copy=True)


def setting(x: np.ndarray) -> tuple[np.ndarray, int, int, int]:
    delay = choose_delay(x)
    assert delay.delay is not None
    return x, delay.delay, choose_dimension(x, delay.delay, delay.theiler).dimension, delay.theiler


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


@pytest.mark.parametrize(("name", "known"), [("henon", 1.22), ("logistic", 1.0), ("lorenz", 2.05)])
def test_correlation_dimensions(name: str, known: float) -> None:
    found = correlation_dimension(*setting(series(name, 5000)))
    assert found.value == pytest.approx(known, abs=0.15)
    assert found.low <= found.value <= found.high


def test_white_noise_has_no_correlation_dimension() -> None:
    assert np.isnan(correlation_dimension(series("white-noise", 3000), 1, 8, 4).value)


def test_the_correlation_sum_of_a_line_is_its_length() -> None:
    """For points uniform on [0, 1] the share of pairs within r is 2 r - r^2."""
    from tsforecast.insight.chaos.correlation import correlation_sums

    x = np.random.default_rng(0).uniform(size=6000)
    radii, sums, _ = correlation_sums(x, 1, 1, 0)
    r = radii * x.std()
    inside = (r > 0.01) & (r < 1)
    np.testing.assert_allclose(sums[inside], 2 * r[inside] - r[inside] ** 2, rtol=0.05)


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


@pytest.mark.parametrize("name", ["henon", "lorenz", "sine"])
@pytest.mark.parametrize("noise", [0.02, 0.1])
def test_the_noise_level_is_found(name: str, noise: float) -> None:
    tolerance = 0.4 if name == "sine" else 0.2
    assert noise_level(*setting(series(name, 4000, noise=noise))) == pytest.approx(noise, rel=tolerance)


def test_clean_systems_have_little_noise_and_are_well_predicted() -> None:
    for name in ("henon", "lorenz", "rossler"):
        x = series(name, 5000)
        where = setting(x)
        assert noise_level(*where) < 0.005
        assert step_errors(*where[:3], choose_delay(x).te).kernel < 1e-3


def test_white_noise_is_not_predicted() -> None:
    found = step_errors(series("white-noise"), 1, 3, 1)
    assert min(found.kernel, found.linear) > 0.9


def test_nonlinear_regression_is_no_better_on_linear_noise() -> None:
    x = series("ar1", 1500)
    found = step_errors(*setting(x)[:3], choose_delay(x).te)
    assert found.kernel > 0.95 * found.linear


def test_the_one_step_error_of_a_noisy_map_is_what_its_noise_makes_of_it() -> None:
    # Hénon: the noise of the next value itself, and that of the last two, 2.8 x = 1 sd and 0.3 of them, passed on.
    assert 0.01 < step_errors(series("henon", 4000, noise=0.01), 1, 2, 1).kernel < 0.03


def test_neighbours_in_chaos_inherit_their_distance_and_those_in_noise_do_not() -> None:
    rng = np.random.default_rng(0)
    jitter = np.sin(2 * np.pi * np.cumsum(1 + 0.1 * rng.standard_normal(3000)) / 25)
    walk = np.array([inherited_distance(*setting(x), ahead=25, noise=0.02) for x in (jitter, series("ar1", 3000))])
    assert (walk < 0.4).all()
    assert inherited_distance(*setting(series("henon")), ahead=1, noise=0.0) == pytest.approx(1.0, abs=0.1)
    assert inherited_distance(*setting(series("rossler", noise=0.02)), ahead=28, noise=0.02) > 0.8


def test_inherited_distance_of_too_few_vectors_is_not_a_number() -> None:
    assert np.isnan(inherited_distance(series("henon", 50), 1, 2, 5, ahead=1, noise=0.0))


def test_waves_of_a_known_sum_are_found() -> None:
    t = np.arange(2000)
    x = 3 + np.sin(2 * np.pi * t * 0.0371) + 0.4 * np.sin(2 * np.pi * t * 0.1113 + 1)
    found = find_waves(x + 0.05 * np.random.default_rng(0).normal(size=2000))
    np.testing.assert_allclose(found.frequencies, [0.0371, 0.1113], atol=1e-5)
    assert found.skill > 0.99
    assert found.period == pytest.approx(1 / 0.0371, rel=1e-4)


def test_frequencies_with_an_irrational_ratio_share_no_period() -> None:
    golden = (1 + 5**0.5) / 2
    for length in (1000, 3000, 10_000):
        assert common_period(np.array([0.04, 0.04 / golden]), length) is None


def test_a_day_and_a_week_share_the_week() -> None:
    assert common_period(np.array([1 / 24, 1 / 12, 1 / 168]), 1500) == pytest.approx(168)


@pytest.mark.parametrize("name", ["lorenz", "rossler", "henon", "ar1"])
def test_waves_do_not_foretell_chaos_or_noise(name: str) -> None:
    assert find_waves(series(name, 3000)).skill < 0.85


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
