"""The predictability horizon as measured on held-out forecasts."""

from __future__ import annotations

import numpy as np
import pytest

from tsforecast.data.series import Series
from tsforecast.evaluate.rolling import Backtest
from tsforecast.synth import generate
from tsforecast.workflows.horizons import measured_horizon, predictability


def growing(first: float, rate: float, steps: int) -> np.ndarray:
    return first * np.exp(rate * np.arange(1, steps + 1))[None]


def test_an_error_that_crosses_the_tolerance_is_valid_until_then():
    assert measured_horizon(growing(0.004, 0.1, 100), 0.1).steps == 46  # ln 100 / 0.1


@pytest.mark.parametrize("steps", [5, 20, 40])
def test_a_shorter_run_is_prolonged_at_the_rate_of_the_exponent(steps: int):
    assert measured_horizon(growing(0.004, 0.1, steps), 0.1).steps == pytest.approx(np.log(100) / 0.1)


def test_the_largest_error_so_far_counts_and_a_missing_forecast_is_worth_nothing():
    dips = np.array([[0.1, 0.2, 0.0], [0.5, 0.0, 0.0], [np.nan, 0.0, 0.0]])
    assert measured_horizon(dips, 1.0).steps == pytest.approx((3 + np.log(2)) / 3)


def test_the_horizon_is_the_models_own_where_it_forecast_held_out_rows():
    x = generate("henon", length=1200).iloc[:, 1].to_numpy(copy=True)
    own_series = Series("", ("x",), x[:, None], start=0, stamps=np.arange(1200))
    actual = np.zeros((2, 4, 1))
    errors = np.std(x) * np.array([[0.1, 0.5, 0, 0], [0.1, 0.1, 0.1, 0.5]])[:, :, None]
    tested = Backtest(actual, {"own": errors}, np.array([0, 0]), np.array([1, 2]), np.ones((1, 1)))
    nothing = Backtest(actual[:0], {}, np.empty(0, int), np.empty(0, int), np.ones((1, 1)))
    (own,) = predictability([own_series], (tested, nothing), "own")
    (card,) = predictability([own_series], (nothing,), "own", seed=1)
    assert own.horizon is not None
    assert card.horizon == card.card.horizon
    assert own.card.surrogates is not None
    assert card.card.surrogates is not None
    assert (own.card.surrogates.surrogate_errors != card.card.surrogates.surrogate_errors).any()
    assert (own.horizon.steps, own.n_forecasts, card.n_forecasts) == (2.0, 2, 0)


def test_steps_that_were_not_observed_do_not_shorten_the_horizon():
    x = generate("henon", length=400).iloc[:, 1].to_numpy(copy=True)
    own_series = Series("", ("x",), x[:, None], start=0, stamps=np.arange(400))
    actual = np.zeros((3, 4, 1))
    errors = np.std(x) * np.array([[0.1, 9.0, 0.1, 0.5], [0.1, 0.5, 0, 0], [9.0, 9.0, 9.0, 9.0]])[:, :, None]
    actual[0, 1], actual[2] = np.nan, np.nan
    tested = Backtest(actual, {"own": errors}, np.zeros(3, int), np.array([1, 2, 3]), np.ones((1, 1)))
    (own,) = predictability([own_series], (tested,), "own", exponent=0.4)
    assert own.horizon is not None
    assert (own.horizon.steps, own.n_forecasts) == ((3 + 1) / 2, 2)
