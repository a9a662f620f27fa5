"""The combination for one series: chosen by blocks left out, and clipped."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsforecast.errors import DataError
from tsforecast.models.dynamics import combination
from tsforecast.models.dynamics.combination import fit_combination, memory
from tsforecast.synth import generate


@pytest.fixture(scope="module")
def lorenz() -> np.ndarray:
    x = generate("lorenz", length=460, seed=3, coordinates=["x"])["x"].to_numpy()[:, None]
    return (x - x.mean()) / x.std()


def test_the_same_series_gives_the_same_model(lorenz: np.ndarray):
    first, second = (fit_combination(lorenz[:200], 10) for _ in range(2))
    assert [m.recipe for m in first.members] == [m.recipe for m in second.members]
    assert np.array_equal(first.predict(lorenz[None, :200], 10), second.predict(lorenz[None, :200], 10))


def test_only_as_many_rows_as_can_be_paid_for_are_learnt_from(lorenz: np.ndarray, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(combination, "MOST_ROWS", 150)
    assert np.array_equal(fit_combination(lorenz[:300], 10, ("kernel",), 1).values, lorenz[150:300])


def test_a_constant_series_stays_constant():
    zeros = np.zeros((120, 1))
    assert (fit_combination(zeros, 10).predict(zeros[None], 10) == 0).all()


@pytest.mark.parametrize("n", [1, 2])
def test_too_few_rows_are_a_data_error(n: int):
    with pytest.raises(DataError):
        fit_combination(np.linspace(-1, 1, n)[:, None], 3)


def test_a_channel_without_values_is_a_data_error():
    with pytest.raises(DataError):
        fit_combination(np.full((60, 1), np.nan), 3)


@settings(max_examples=12, derandomize=True)
@given(
    st.integers(20, 90), st.integers(1, 40), st.integers(0, 2**31), st.sampled_from(["noise", "walk", "steps", "gappy"])
)
def test_whatever_the_series_forecasts_are_finite_and_bounded(n: int, horizon: int, seed: int, kind: str):
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(n, 1))
    series = {"noise": noise, "walk": noise.cumsum(axis=0), "steps": np.sign(noise), "gappy": noise}[kind]
    series = (series - series.mean()) / series.std()
    if kind == "gappy":
        series[n // 3] = np.nan
    model = fit_combination(series, horizon, ("kernel", "analog", "nvar"))
    ahead = model.predict(np.nan_to_num(series[None, -model.context_length :]), horizon)
    assert ahead.shape == (1, horizon, 1)
    assert (ahead >= model.low).all()
    assert (ahead <= model.high).all()


def test_memory_is_that_of_the_channel_that_forgets_first():
    t = np.arange(400)
    slow, fast = np.sin(t / 20), np.sin(t / 4)
    assert memory(fast[:, None]) == memory(np.stack([slow, fast], axis=1)) < memory(slow[:, None])
    assert memory(np.linspace(0, 1, 100)[:, None]) == 10
