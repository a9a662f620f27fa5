"""The error of the next step: nothing to tell in noise, little left in clean systems."""

from __future__ import annotations

from known_systems import series, setting

from tsforecast.insight.chaos.ahead import step_errors
from tsforecast.insight.chaos.delay import choose_delay


def test_white_noise_is_not_predicted() -> None:
    found = step_errors(series("white-noise", 600), 1, 3, 1)
    assert min(found.kernel, found.linear) > 0.9


def test_nonlinear_regression_is_no_better_on_linear_noise() -> None:
    x = series("ar1", 800)
    found = step_errors(*setting(x)[:3], choose_delay(x).te)
    assert found.kernel > 0.95 * found.linear


def test_the_one_step_error_of_a_noisy_map_is_what_its_noise_makes_of_it() -> None:
    # Hénon: the noise of the next value itself, and that of the last two, 2.8 x = 1 sd and 0.3 of them, passed on.
    assert 0.01 < step_errors(series("henon", 2000, noise=0.01), 1, 2, 1).kernel < 0.03
