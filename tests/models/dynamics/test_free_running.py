"""Kernel ridge, analogs, polynomials and reservoirs on series whose future is known."""

from __future__ import annotations

import numpy as np
import pytest

from tsforecast.errors import DataError
from tsforecast.models.dynamics.analog import AnalogRecipe, analog_trials
from tsforecast.models.dynamics.blocks import choose_blocks
from tsforecast.models.dynamics.kernel_ridge import Gaussian, KernelRecipe, increments, kernel_trials
from tsforecast.models.dynamics.nvar import NvarRecipe, nvar_trials
from tsforecast.models.dynamics.reservoir import ReservoirRecipe, reservoir_trials

RESERVOIR = ReservoirRecipe(40, 0.9, 0.5, 0.5, 1e-8, 20, 0)


def sine(n: int) -> np.ndarray:
    return np.sqrt(2) * np.sin(2 * np.pi * np.arange(n) / 25.5)[:, None]


def logistic(n: int) -> np.ndarray:
    x = np.empty(n)
    x[0] = 0.3
    for t in range(n - 1):
        x[t + 1] = 4 * x[t] * (1 - x[t])
    return x[:, None]


def henon(n: int) -> np.ndarray:
    x = np.zeros(n)
    for t in range(1, n - 1):
        x[t + 1] = 1 - 1.4 * x[t] ** 2 + 0.3 * x[t - 1]
    return x[:, None]


def ahead(recipe, series: np.ndarray, horizon: int) -> np.ndarray:
    """Forecast of the last rows by a model of those before them."""
    seen = series[:-horizon]
    model = recipe.fit(seen)
    return model.predict(seen[None, len(seen) - model.context_length :], horizon)[0]


def test_a_kernel_continues_a_sine_it_never_saw_whole_periods_of():
    series = sine(250)
    assert np.abs(ahead(KernelRecipe(1, 6, 0.6, 1e-10), series, 50) - series[-50:]).max() < 1e-3


def test_a_kernel_learns_the_logistic_map():
    series = logistic(400)
    assert np.abs(ahead(KernelRecipe(1, 1, 0.3, 1e-12), series, 6) - series[-6:]).max() < 1e-3


def test_an_analog_of_a_periodic_series_is_exact():
    series = np.tile(np.random.default_rng(0).normal(size=(12, 2)), (8, 1))
    assert np.abs(ahead(AnalogRecipe(1, 3, 1), series, 30) - series[-30:]).max() < 1e-12


def test_several_analogs_are_averaged_and_the_nearest_weighs_most():
    series = np.array([0.0, 1.0, 0.1, 3.0, 0.02])[:, None]
    step = AnalogRecipe(1, 1, 2).fit(series).predict(series[None, -1:], 1)[0, 0, 0] - 0.02
    assert 1.0 < step < (1.0 + 2.9) / 2


def test_a_polynomial_of_degree_2_recovers_the_henon_map():
    model = NvarRecipe(1, 2, 2, 1e-14).fit(henon(200))
    # of 1, x(t), x(t-1), x(t)^2, x(t) x(t-1), x(t-1)^2; the step is the map less x(t)
    assert model.coefficients[:, 0] == pytest.approx([1.0, -1.0, 0.3, -1.4, 0.0, 0.0], abs=1e-6)


def test_a_reservoir_continues_a_sine():
    series = sine(400)
    assert np.abs(ahead(RESERVOIR, series, 30) - series[-30:]).max() < 0.02


def test_a_reservoir_has_the_spectral_radius_asked_for():
    _, recurrent = RESERVOIR.weights(1)
    assert np.abs(np.linalg.eigvals(recurrent)).max() == pytest.approx(0.9)


def test_a_polynomial_that_would_run_away_is_held():
    model = NvarRecipe(1, 1, 3, 1e-10).fit(np.linspace(0.0, 1.0, 60)[:, None] ** 3)
    assert np.isfinite(model.predict(np.full((1, 1, 1), 9.0), 500)).all()


def trials_of(name: str, blocks):
    if name == "kernel":
        return kernel_trials(blocks, 1, 4, 0.5, [1e-6, 1e-2])
    if name == "analog":
        return analog_trials(blocks, 1, 4, [1, 3])
    if name == "nvar":
        return nvar_trials(blocks, 1, 3, 2, [1e-6, 1e-2])
    return reservoir_trials(blocks, RESERVOIR, [1e-6, 1e-2])


@pytest.mark.parametrize("name", ["kernel", "analog", "nvar", "reservoir"])
def test_a_trial_is_what_a_fit_without_the_block_forecasts(name: str):
    rng = np.random.default_rng(1)
    series = sine(160) + 0.1 * rng.normal(size=(160, 1))
    blocks = choose_blocks(series, (np.array([-3.0]), np.array([3.0])), horizon=12, te=5, at_most=3)
    for trial in trials_of(name, blocks):
        for origin, found in zip(blocks.origins, trial.forecasts, strict=True):
            expected = _fitted_without(trial.recipe, series, origin, 12 + 5)
            context = series[max(0, origin + 1 - expected.context_length) : origin + 1]
            context = np.concatenate([np.repeat(context[:1], expected.context_length - len(context), 0), context])
            assert expected.predict(context[None], 12)[0] == pytest.approx(found, abs=1e-5)


def _fitted_without(recipe, series: np.ndarray, origin: int, length: int):
    """Fit on a series in which the steps from `origin` on are unknown, by the same normal equations written plainly."""
    from dataclasses import replace

    from tsforecast.models.dynamics import reservoir
    from tsforecast.models.dynamics.nvar import _monomials
    from tsforecast.models.least_squares import ridge_from_rows

    model = recipe.fit(series)
    if isinstance(recipe, ReservoirRecipe):
        states, rows = reservoir._driven(series, recipe, model.inward, model.recurrent)
        kept = rows[(rows < origin) | (rows >= origin + length)]
        features = reservoir._features(states[kept], series[kept])
        return replace(
            model, readout=reservoir._readouts(features, series[kept + 1] - series[kept], [recipe.penalty])[0]
        )
    vectors, steps, rows = increments(series, recipe.delay, recipe.dimension)
    kept = (rows < origin) | (rows >= origin + length)
    vectors, steps = vectors[kept], steps[kept]
    if isinstance(recipe, KernelRecipe):
        kernel = Gaussian(vectors, recipe.length)(vectors) + recipe.penalty * np.eye(len(vectors))
        return replace(model, vectors=vectors, weights=np.linalg.solve(kernel, steps))
    if isinstance(recipe, AnalogRecipe):
        return replace(model, vectors=vectors, steps=steps)
    return replace(model, coefficients=ridge_from_rows(_monomials(vectors, recipe.degree), steps, [recipe.penalty])[0])


def test_blocks_keep_away_from_gaps():
    series = np.arange(100.0)[:, None]
    series[50] = np.nan
    blocks = choose_blocks(series, (np.array([0.0]), np.array([99.0])), horizon=10, te=2, at_most=8)
    assert len(blocks) == 8
    assert np.isfinite(blocks.targets).all()
    assert np.isfinite(blocks.contexts(30)).all()


def test_vectors_across_a_gap_are_left_out():
    series = sine(100)
    series[40:43] = np.nan
    vectors, steps, rows = increments(series, 2, 4)
    assert np.isfinite(vectors).all()
    assert np.isfinite(steps).all()
    assert not set(range(39, 49)) & set(rows.tolist())
    assert {38, 49} <= set(rows.tolist())


def test_the_kernel_matrix_of_equal_vectors_is_survived():
    model = KernelRecipe(1, 2, 0.5, 1e-10).fit(np.zeros((40, 1)))
    assert (model.predict(np.zeros((1, 2, 1)), 5) == 0).all()


@pytest.mark.parametrize(
    "recipe", [KernelRecipe(2, 5, 0.5, 1e-3), AnalogRecipe(2, 5, 1), NvarRecipe(2, 5, 1, 1e-3), RESERVOIR]
)
def test_too_short_a_series_is_a_data_error(recipe):
    with pytest.raises(DataError):
        recipe.fit(sine(8))
