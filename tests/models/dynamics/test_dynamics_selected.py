"""The models of the dynamics among the others: chosen by auto, refitted, saved in a bundle without TensorFlow."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from tsforecast.models.selection import Fitted, _best, fit_candidates
from tsforecast.models.validation import validation_of

from tsforecast import bundle as bundles
from tsforecast.bundle import About, Bundle
from tsforecast.config import FitConfig, ModelConfig
from tsforecast.data.panel import FloatArray, Panel, stamps_from
from tsforecast.errors import BundleError, DataError
from tsforecast.evaluate.intervals import calibrate
from tsforecast.synth import generate


def selected(values: list[FloatArray], model: str = "auto", horizon: int = 20) -> Fitted:
    return fit_candidates(
        values,
        horizon=horizon,
        n_validation=2 * horizon,
        season_length=1,
        model=ModelConfig(model=model),
        fit=FitConfig(),
    )


@pytest.fixture(scope="module")
def lorenz() -> FloatArray:
    return generate("lorenz", length=520, seed=5, coordinates=["x"])["x"].to_numpy()[:, None]


@pytest.fixture(scope="module")
def fitted(lorenz: FloatArray) -> Fitted:
    return selected([lorenz[:500]])


def test_auto_takes_the_dynamics_of_a_chaotic_series_and_trains_no_network(fitted: Fitted):
    assert fitted.chosen == "dynamics"
    assert {"naive", "drift", "ridge", "dynamics"} == set(fitted.candidates)
    assert any("dynamics did better than ridge" in note for note in fitted.notes)
    assert fitted.scores["dynamics"] < 0.2 * fitted.scores["ridge"]


def test_refitted_it_forecasts_what_followed(fitted: Fitted, lorenz: FloatArray):
    refitted = fitted.refit([lorenz[:500]])
    ahead = refitted.predict([lorenz[:500]], 20, np.zeros(1, dtype="int64"))[0]
    assert np.abs(ahead - lorenz[500:]).mean() < 0.1 * lorenz.std()


@pytest.mark.parametrize("series", [np.cumsum(np.ones(200)), np.full(200, 3.0), np.sin(np.arange(60.0))])
def test_a_trend_a_constant_and_a_short_series_have_no_dynamics(series: FloatArray):
    assert "dynamics" not in selected([series[:, None]], horizon=5).candidates


def test_many_series_and_series_with_gaps_are_left_to_the_others(lorenz: FloatArray):
    parts = [lorenz[i : i + 120] for i in range(9)]
    assert "dynamics" not in selected(parts, "ridge", 5).candidates
    gappy = lorenz[:300].copy()
    gappy[100] = np.nan
    with pytest.raises(DataError, match="without gaps"):
        selected([gappy], "kernel")


def test_one_free_run_of_validation_decides_only_where_it_is_clear(lorenz: FloatArray):
    scores = {"naive": 1.0, "ridge": 2.0, "dynamics": 3.0}
    one = validation_of([lorenz], 40, [40], 1, ModelConfig())
    many = validation_of([lorenz], 10, [40], 1, ModelConfig())
    assert _best(scores, one) == "dynamics"
    assert _best(scores | {"dynamics": 6.0}, one) == "naive"
    assert _best(scores, many) == "naive"


@pytest.fixture
def saved(fitted: Fitted, lorenz: FloatArray) -> Bundle:
    frame = pd.DataFrame({"unique_id": "", "ds": stamps_from(0, 500, 1), "x": lorenz[:500, 0]})
    panel = Panel.checked(frame, 1)
    about = About(horizon=20, seed=0, report={}, training={})
    calibration = calibrate(np.abs(np.random.default_rng(0).normal(size=(50, 20, 1))), (80.0,), log=False)
    return bundles.pack(fitted.candidates["dynamics"], bundles.tail(panel, 200), calibration, {}, about)


def test_a_bundle_forecasts_to_the_digit_what_was_saved(saved: Bundle, fitted: Fitted, lorenz: FloatArray):
    loaded = bundles.from_bytes(bundles.to_bytes(saved))
    sequence = np.zeros(1, dtype="int64")
    expected = fitted.candidates["dynamics"].predict([lorenz], 20, sequence)
    assert np.array_equal(loaded.candidate.predict([lorenz], 20, sequence), expected)


def test_saving_twice_gives_the_same_bytes(saved: Bundle):
    data = bundles.to_bytes(saved)
    assert bundles.to_bytes(bundles.from_bytes(data)) == data


@pytest.mark.parametrize("name", ["numbers", "rows", "series"])
def test_a_bundle_whose_arrays_were_cut_is_refused(saved: Bundle, name: str, monkeypatch: pytest.MonkeyPatch):
    arrays = saved.candidate.to_arrays()
    cut = arrays | {name: arrays[name][:-1]}
    monkeypatch.setattr(type(saved.candidate), "to_arrays", lambda self: cut)
    data = bundles.to_bytes(saved)
    with pytest.raises(BundleError, match="not those of a dynamics model"):
        bundles.from_bytes(data)


def test_the_models_of_the_dynamics_need_neither_tensorflow_nor_scikit_learn():
    import subprocess

    code = (
        "import sys, numpy as np\n"
        "from tsforecast.models.dynamics.dynamical import Dynamical\n"
        "x = np.sin(np.arange(120.0))[:, None]\n"
        "Dynamical.fit('dynamics', [x], 10).predict(x[None], 10)\n"
        "print({'tensorflow', 'keras', 'sklearn', 'onnxruntime'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
