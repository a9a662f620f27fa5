"""The naive forecasts, ridge regression and the rules of shape: known answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge as SklearnRidge

from tsforecast.config import ModelConfig
from tsforecast.data.windows import make_windows
from tsforecast.errors import UsageError
from tsforecast.models.linear import ridge_path
from tsforecast.models.naive import Drift, Naive, SeasonalNaive
from tsforecast.models.registry import MODELS, NETWORKS
from tsforecast.models.shape import choose_shape


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype="float64")[:, None]


@pytest.mark.parametrize(
    ("forecaster", "expected"),
    [
        (Naive(), [5, 5, 5, 5, 5]),
        (SeasonalNaive(3, 3), [2, 4, 5, 2, 4]),
        (Drift(4), [6, 7, 8, 9, 10]),
    ],
)
def test_naive_forecasts(forecaster, expected):
    contexts = np.stack([column(2, 2, 4, 5), column(2, 2, 4, 5)])
    forecast = forecaster.predict(contexts[:, -max(forecaster.context_length, 1) :], 5)
    assert forecast.shape == (2, 5, 1)
    assert forecast[1, :, 0].tolist() == expected


def test_drift_of_one_row_is_flat():
    assert Drift(1).predict(column(3)[None], 2)[0, :, 0].tolist() == [3, 3]


@given(seed=st.integers(0, 1000), penalty=st.sampled_from([0.1, 7.0, 300.0]), n_channels=st.integers(1, 2))
def test_ridge_agrees_with_scikit_learn(seed: int, penalty: float, n_channels: int):
    rows = np.random.default_rng(seed).standard_normal((60, n_channels)).cumsum(axis=0)
    windows = make_windows([rows], context_length=5, horizon=3)
    (ridge,) = ridge_path(windows, [penalty])
    last = windows.inputs[:, -1:]
    x, y = (windows.inputs - last).reshape(len(windows), -1), (windows.targets - last).reshape(len(windows), -1)
    reference = SklearnRidge(alpha=penalty, fit_intercept=False, solver="svd").fit(x, y)
    expected = reference.predict(x).reshape(windows.targets.shape) + last
    np.testing.assert_allclose(ridge.predict(windows.inputs, 3), expected, atol=1e-8)


def test_ridge_continues_a_sine_for_many_periods():
    t = np.arange(600)
    rows = np.sin(2 * np.pi * t / 25)[:, None]
    (ridge,) = ridge_path(make_windows([rows[:300]], 50, 1), [1e-9])
    np.testing.assert_allclose(ridge.predict(rows[None, 250:300], 300)[0], rows[300:], atol=1e-4)


@given(shift=st.floats(-1e3, 1e3))
def test_ridge_does_not_care_where_zero_is(shift: float):
    rows = np.random.default_rng(1).standard_normal((80, 1)).cumsum(axis=0)
    (ridge,) = ridge_path(make_windows([rows], 6, 2), [1.0])
    context = rows[None, -6:]
    np.testing.assert_allclose(ridge.predict(context + shift, 4), ridge.predict(context, 4) + shift, atol=1e-9 * 1e3)


@pytest.mark.parametrize(
    ("n_rows", "horizon", "season", "config", "context", "segment", "patch"),
    [
        ([2000], 48, 24, ModelConfig(), 336, 24, 24),
        ([900], 48, 24, ModelConfig(), 168, 24, 24),
        ([9000], 48, 24, ModelConfig(), 672, 24, 24),
        ([400], 48, 24, ModelConfig(), 100, 24, 24),
        ([2000], 6, 24, ModelConfig(), 336, 6, 6),
        ([2000], 48, 1, ModelConfig(), 64, 24, 24),
        ([2000], 48, 24, ModelConfig(strategy="recursive"), 128, 1, 1),
        ([2000], 48, 24, ModelConfig(strategy="direct"), 336, 48, 24),
        ([2000], 48, 24, ModelConfig(context_length=48, segment_length=1), 48, 1, 1),
        ([10], 3, 7, ModelConfig(), 5, 3, 3),
    ],
)
def test_shape_follows_season_and_length(n_rows, horizon, season, config, context, segment, patch):
    shape = choose_shape(n_rows, horizon, season, config)
    assert (shape.context_length, shape.segment_length, shape.patch_length) == (context, segment, patch)


@given(n=st.integers(1, 10_000), horizon=st.integers(1, 800), season=st.integers(1, 9000))
def test_a_context_fits_the_data(n: int, horizon: int, season: int):
    shape = choose_shape([n], horizon, season, ModelConfig())
    assert 1 <= shape.context_length <= max(1, n // 2)
    assert 1 <= shape.segment_length <= horizon


@pytest.mark.parametrize(
    "given",
    [
        {"strategy": "direct", "segment_length": 5},
        {"segment_length": 0},
        {"context_length": 0},
        {"strategy": "sideways"},
    ],
)
def test_impossible_shapes_are_usage_errors(given: dict):
    with pytest.raises(UsageError):
        choose_shape([1000], 24, 24, ModelConfig(**given))


def test_the_registry_knows_which_models_are_networks():
    assert {name for name, info in MODELS.items() if info.network} == {"auto", *NETWORKS}


def test_with_no_news_a_ridge_shrunk_towards_itself_stays_itself():
    rng = np.random.default_rng(0)
    old = rng.standard_normal((6, 2))
    contexts = rng.standard_normal((50, 6))
    contexts[:, -1] = 0.0  # the last value, which everything is relative to
    rows = [np.concatenate([x, x @ old])[:, None] for x in contexts]
    windows = make_windows(rows, 6, 2, first_cutoff=[5] * 50, last_cutoff=[5] * 50)
    again = ridge_path(windows, [1e3], prior=old)[0].coefficients
    assert again == pytest.approx(old)
    assert np.abs(ridge_path(windows, [1e3])[0].coefficients).sum() < np.abs(old).sum() / 2
