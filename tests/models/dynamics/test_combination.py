"""The combination: chosen by validation, clipped, saved and restored."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tsforecast.models.dynamics.dynamical import Dynamical

from tsforecast.errors import DataError
from tsforecast.models.dynamics import combination
from tsforecast.models.dynamics.combination import fit_combination, memory
from tsforecast.synth import generate


@pytest.fixture(scope="module")
def lorenz() -> np.ndarray:
    x = generate("lorenz", length=460, seed=3, coordinates=["x"])["x"].to_numpy()[:, None]
    return (x - x.mean()) / x.std()


@pytest.fixture(scope="module")
def fitted(lorenz: np.ndarray) -> Dynamical:
    return Dynamical.fit("dynamics", [lorenz[:400], lorenz[30:430]], horizon=20)


def test_lorenz_is_forecast_beyond_a_lyapunov_time(lorenz: np.ndarray, fitted: Dynamical):
    ahead = fitted.predict_known(lorenz[None, :400], 25, np.zeros(1, dtype="int64"))[0]
    assert np.abs(ahead - lorenz[400:425]).mean() < 0.1


def test_the_combination_of_one_family_holds_only_that_one(lorenz: np.ndarray):
    model = Dynamical.fit("kernel", [lorenz[:200]], 20)
    assert [type(member).__name__ for member in model.combinations[0].members] == ["KernelRidge"]


def test_forecasts_stay_within_the_range_and_half_a_deviation(fitted: Dynamical, lorenz: np.ndarray):
    wild = 30.0 * np.ones((2, fitted.context_length, 1))
    ahead = fitted.predict_known(wild, 40, np.array([0, 1]))
    assert np.isfinite(ahead).all()
    assert ahead.max() <= lorenz.max() + 0.5 * lorenz.std() + 1e-9


def test_each_sequence_is_forecast_by_its_own_model(lorenz: np.ndarray, fitted: Dynamical):
    both = np.stack([lorenz[:400], lorenz[30:430]])
    together = fitted.predict_known(both, 10, np.array([1, 0]))
    alone = fitted.combinations[1].predict(both[:1], 10), fitted.combinations[0].predict(both[1:], 10)
    assert np.array_equal(together, np.concatenate(alone))


def test_a_new_series_needs_a_model_of_its_own(fitted: Dynamical, lorenz: np.ndarray):
    with pytest.raises(DataError, match="learnt 2 series"):
        fitted.predict(lorenz[None], 5)
    single = Dynamical.fit("kernel", [lorenz[:200]], 20)
    assert np.isfinite(single.predict(lorenz[None], 5)).all()


def test_saved_and_restored_it_forecasts_the_same(fitted: Dynamical, lorenz: np.ndarray):
    saved = json.loads(json.dumps(fitted.settings(), allow_nan=False))
    restored = Dynamical.from_saved("dynamics", saved, fitted.to_arrays())
    both, sequence = np.stack([lorenz[:400]] * 2), np.array([0, 1])
    assert restored.context_length == fitted.context_length
    assert np.array_equal(restored.predict_known(both, 30, sequence), fitted.predict_known(both, 30, sequence))


def test_coordinates_of_one_state_are_forecast_together_and_restored():
    state = generate("lorenz", length=260, seed=4)[["x", "y", "z"]].to_numpy()
    state = (state - state.mean(axis=0)) / state.std(axis=0)
    fitted = Dynamical.fit("kernel", [state[:240]], 20)
    ahead = fitted.predict(state[None, :240], 20)
    assert np.abs(ahead[0] - state[240:]).mean() < 0.1
    restored = Dynamical.from_saved("kernel", fitted.settings(), fitted.to_arrays())
    assert np.array_equal(restored.predict(state[None, :240], 20), ahead)


def test_a_series_with_a_gap_is_restored_with_its_gap(lorenz: np.ndarray):
    series = lorenz[:300].copy()
    series[100:104] = np.nan
    fitted = Dynamical.fit("kernel", [series], 20)
    restored = Dynamical.from_saved("kernel", fitted.settings(), fitted.to_arrays())
    assert np.array_equal(restored.combinations[0].values, series, equal_nan=True)
    assert np.array_equal(restored.predict(series[None], 20), fitted.predict(series[None], 20))


@pytest.mark.parametrize(
    "change",
    [
        {"n_rows": 10**9},
        {"n_rows": 399},
        {"low": [1.0, 2.0]},
        {"members": []},
        {"members": [99]},
        {"members": [-1]},
        {"recipes": [{"family": "nvar", "delay": 1, "dimension": 300, "degree": 300, "penalty": 1.0}]},
        {"recipes": [{"family": "kernel", "delay": 1, "dimension": 3, "length": -1.0, "penalty": 1.0}]},
        {"recipes": [{"family": "nonsense"}]},
    ],
)
def test_settings_that_do_not_fit_the_arrays_are_refused(fitted: Dynamical, change: dict):
    saved = fitted.settings()
    saved["sequences"][0] |= change
    with pytest.raises((ValueError, TypeError, KeyError, DataError)):
        Dynamical.from_saved("dynamics", saved, fitted.to_arrays())


def test_the_same_series_gives_the_same_model(lorenz: np.ndarray):
    first, second = (fit_combination(lorenz[:200], 10) for _ in range(2))
    assert [m.recipe for m in first.members] == [m.recipe for m in second.members]
    assert np.array_equal(first.predict(lorenz[None, :200], 10), second.predict(lorenz[None, :200], 10))


def test_refit_learns_the_new_rows(lorenz: np.ndarray, monkeypatch: pytest.MonkeyPatch):
    old = Dynamical.fit("kernel", [lorenz[:200]], 20)
    assert len(old.refit([lorenz[:300]]).combinations[0].values) == 300
    import tsforecast.models.dynamics.dynamical as module

    monkeypatch.setattr(module, "TUNING_ROWS", 100)
    kept = old.refit([lorenz[:300]]).combinations[0]
    assert [m.recipe for m in kept.members] == [m.recipe for m in old.combinations[0].members]
    assert len(kept.values) == 300


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


@settings(max_examples=12, deadline=None)
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
