"""Combinations as models of a panel: each series its own, saved whole, and chosen where the dynamics can be learnt."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from series_of import FloatArray, quiet, series, several, task

import tsforecast.models.dynamics.combined as module
from tsforecast.errors import DataError
from tsforecast.models.choose import Choice, choose
from tsforecast.models.dynamics.combined import Dynamical
from tsforecast.models.dynamics.dynamics import Dynamics
from tsforecast.models.dynamics.kernel import Kernel
from tsforecast.models.naive import NoSettings
from tsforecast.models.state import State
from tsforecast.models.task import Task
from tsforecast.synth import generate


@pytest.fixture(scope="module")
def lorenz() -> FloatArray:
    x = generate("lorenz", length=460, seed=3, coordinates=["x"])["x"].to_numpy()[:, None]
    return (x - x.mean()) / x.std()


@pytest.fixture(scope="module")
def fitted(lorenz: FloatArray) -> Dynamics:
    return learnt(Dynamics, [lorenz[:240], lorenz[30:270]], 10)


def learnt(model: type[Dynamical], values: list[FloatArray], horizon: int = 20) -> Dynamical:
    return model.fit(Task.whole(several(values), horizon), NoSettings(), seed=0, tell=quiet)


def restored(model: Dynamical) -> Dynamical:
    """The model after its settings were JSON."""
    state = model.state()
    return type(model).restored(State(json.loads(json.dumps(dict(state.settings), allow_nan=False)), state.arrays))


def test_lorenz_is_forecast_beyond_a_lyapunov_time(lorenz: FloatArray):
    model = learnt(Kernel, [lorenz[:400]])
    ahead = model.predict([series(lorenz[:400])], 25).point[0]
    assert np.abs(ahead - lorenz[400:425]).mean() < 0.1


def test_the_kernel_alone_holds_only_that(lorenz: FloatArray):
    model = learnt(Kernel, [lorenz[:200]])
    assert [type(member).__name__ for member in model.combinations[0].members] == ["KernelRidge"]


def test_forecasts_stay_within_the_range_and_half_a_deviation(fitted: Dynamics, lorenz: FloatArray):
    wild = several([30.0 * np.ones(fitted.history_length)] * 2)
    ahead = fitted.predict(wild, 40).point
    assert np.isfinite(ahead).all()
    for own, seen in zip(ahead, (lorenz[:240], lorenz[30:270]), strict=True):
        assert own.max() <= seen.max() + 0.5 * seen.std() + 1e-9


def test_each_series_is_forecast_by_its_own_combination(fitted: Dynamics, lorenz: FloatArray):
    first, second = several([lorenz[:240], lorenz[30:270]])
    both = fitted.predict([second, first], 10).point
    np.testing.assert_array_equal(both[1:], fitted.predict([first], 10).point)
    swapped = fitted.predict([first.with_values(second.values)], 10).point
    assert not np.array_equal(both[:1], swapped)


def test_a_new_series_needs_a_model_of_its_own(fitted: Dynamics, lorenz: FloatArray):
    with pytest.raises(DataError, match="learnt 2 series"):
        fitted.predict([series(lorenz, name="new")], 5)
    single = learnt(Kernel, [lorenz[:200]])
    assert np.isfinite(single.predict([series(lorenz, name="new")], 5).point).all()


def test_saved_and_restored_it_forecasts_the_same(fitted: Dynamics, lorenz: FloatArray):
    again = restored(fitted)
    both = several([lorenz[:240], lorenz[30:270]])
    assert again.history_length == fitted.history_length
    np.testing.assert_array_equal(again.predict(both, 30).point, fitted.predict(both, 30).point)


def test_a_reservoir_may_have_more_units_than_there_are_rows():
    found = []
    for seed in range(4):
        noise = np.random.default_rng(seed).standard_normal(90)
        model = learnt(Dynamics, [np.sin(np.arange(90.0)) + 0.3 * noise], 5)
        members = {type(member).__name__ for member in model.combinations[0].members}
        again = restored(model)
        given = several([noise])
        np.testing.assert_array_equal(again.predict(given, 5).point, model.predict(given, 5).point)
        if "Reservoir" in members:
            return
        found.append(members)
    raise AssertionError(f"no reservoir among {found}: the test needs other series")


def test_coordinates_of_one_state_are_forecast_together_and_restored():
    state = generate("lorenz", length=260, seed=4)[["x", "y", "z"]].to_numpy()
    state = (state - state.mean(axis=0)) / state.std(axis=0)
    model = learnt(Kernel, [state[:240]])
    given = several([state[:240]])
    ahead = model.predict(given, 20).point
    assert np.abs(ahead[0] - state[240:]).mean() < 0.1
    np.testing.assert_array_equal(restored(model).predict(given, 20).point, ahead)


def test_a_series_with_a_gap_is_restored_with_its_gap(lorenz: FloatArray):
    rows = lorenz[:300].copy()
    rows[100:104] = np.nan
    model = learnt(Kernel, [rows])
    again = restored(model)
    np.testing.assert_array_equal(again.combinations[0].values, model.combinations[0].values)
    assert np.isnan(again.combinations[0].values[100:104]).all()
    given = several([rows])
    np.testing.assert_array_equal(again.predict(given, 20).point, model.predict(given, 20).point)


@pytest.mark.parametrize(
    "change",
    [
        {"n_rows": 10**9},
        {"n_rows": 239},
        {"low": [1.0, 2.0]},
        {"members": []},
        {"members": [99]},
        {"members": [-1]},
        {"recipes": [{"family": "nvar", "delay": 1, "dimension": 300, "degree": 300, "penalty": 1.0}]},
        {"recipes": [{"family": "kernel", "delay": 1, "dimension": 3, "length": -1.0, "penalty": 1.0}]},
        {"recipes": [{"family": "nonsense"}]},
    ],
    ids=str,
)
def test_settings_that_do_not_fit_the_arrays_are_refused(fitted: Dynamics, change: dict):
    state = fitted.state()
    first, *others = state.settings["series"]
    forged = {**state.settings, "series": [first | change, *others]}
    with pytest.raises((ValueError, TypeError, KeyError, DataError)):
        Dynamics.restored(replace(state, settings=forged))


@pytest.mark.parametrize("name", ["numbers", "rows", "times"])
def test_arrays_that_were_cut_are_refused(fitted: Dynamics, name: str):
    state = fitted.state()
    with pytest.raises(ValueError, match=r"array|ascend"):
        Dynamics.restored(replace(state, arrays={**state.arrays, name: state.arrays[name][:-1]}))


def test_refit_learns_the_new_rows_and_of_many_keeps_the_recipes(lorenz: FloatArray, monkeypatch: pytest.MonkeyPatch):
    old = learnt(Kernel, [lorenz[:200]])
    more = Task.whole(several([lorenz[:300]]), 20)
    assert len(old.refit(more).combinations[0].values) == 300
    monkeypatch.setattr(module, "TUNING_ROWS", 100)
    kept = old.refit(more).combinations[0]
    assert [m.recipe for m in kept.members] == [m.recipe for m in old.combinations[0].members]
    assert len(kept.values) == 300


def chosen(values: list[FloatArray], horizon: int = 20, asked: str | None = None) -> Choice:
    return choose(task(values, horizon, 2 * horizon, asked=asked), {}, seed=0, tell=quiet)


def test_auto_takes_the_dynamics_of_a_chaotic_series_and_trains_no_network():
    x = generate("lorenz", length=480, seed=5, coordinates=["x"])["x"].to_numpy()[:, None]
    found = chosen([x[:460]])
    assert found.chosen == "dynamics"
    assert {name for name, model in found.models.items() if model.info.cost == "training"} == set()
    assert found.scores["dynamics"] < 0.2 * found.scores["ridge"]
    ahead = found.refit(several([x[:460]]), 20).models["dynamics"].predict(several([x[:460]]), 20).point[0]
    assert np.abs(ahead - x[460:]).mean() < 0.1 * x.std()


@pytest.mark.parametrize(
    "values", [np.cumsum(np.ones(200)), np.full(200, 3.0), np.sin(np.arange(60.0))], ids=["trend", "constant", "short"]
)
def test_a_trend_a_constant_and_a_short_series_have_no_dynamics(values: FloatArray):
    given = task([values], 5, 10)
    assert Dynamics.unsuitable(given, NoSettings()) is not None
    assert Dynamics.unsuitable(replace(given, asked="dynamics"), NoSettings()) is None


def test_many_series_and_series_with_gaps_are_left_to_the_others(lorenz: FloatArray):
    parts = [lorenz[i : i + 120] for i in range(9)]
    assert "more than 8" in str(Dynamics.unsuitable(task(parts, 5, 10), NoSettings()))
    gappy = lorenz[:300].copy()
    gappy[100] = np.nan
    with pytest.raises(DataError, match="without gaps"):
        chosen([gappy], asked="kernel")


def test_the_models_of_the_dynamics_need_neither_tensorflow_nor_scikit_learn():
    code = (
        "import sys, numpy as np\n"
        "from tsforecast.data.series import Series\n"
        "from tsforecast.models.registry import find\n"
        "from tsforecast.models.task import Task\n"
        "x = Series('', ('y',), np.sin(np.arange(60.0))[:, None], 0, np.arange(60))\n"
        "kernel = find('kernel')\n"
        "model = kernel.fit(Task.whole([x], 5), kernel.Settings(), seed=0, tell=print)\n"
        "kernel.restored(model.state()).predict([x], 5)\n"
        "print({'tensorflow', 'keras', 'sklearn', 'onnxruntime'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
