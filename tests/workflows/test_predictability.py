"""The predictability horizon as measured on held-out forecasts."""

from __future__ import annotations

import numpy as np
import pytest
from series_of import series

from tsforecast.evaluate.rolling import Backtest
from tsforecast.synth import generate
from tsforecast.workflows.dynamics import measured_horizon, predictability


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
    sequence = series(x, name="x")
    actual = np.zeros((2, 4, 1))
    errors = np.std(x) * np.array([[0.1, 0.5, 0, 0], [0.1, 0.1, 0.1, 0.5]])[:, :, None]
    tested = Backtest(actual, {"own": errors}, np.array([0, 0]), np.array([1, 2]), np.ones((1, 1)))
    nothing = Backtest(actual[:0], {}, np.empty(0, int), np.empty(0, int), np.ones((1, 1)))
    (own,) = predictability([sequence], (tested, nothing), "own")
    (card,) = predictability([sequence], (nothing,), "own")
    assert own.horizon is not None
    assert card.horizon == card.card.horizon
    assert (own.horizon.steps, own.n_forecasts, card.n_forecasts) == (2.0, 2, 0)
