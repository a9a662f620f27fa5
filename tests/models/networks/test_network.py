"""Neural models: what they are allowed to say, that they repeat themselves, and keep quiet. All are tiny."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from series_of import quiet, several, task
from untrained import correction, learnt, seasonal, sizes

from tsforecast.errors import MissingDependencyError, UsageError
from tsforecast.model_config import NetworkConfig
from tsforecast.models.choose import Choice, choose
from tsforecast.models.networks import backend, training
from tsforecast.models.networks.gru import Gru
from tsforecast.models.networks.lstm import Lstm
from tsforecast.models.networks.network import FEWEST_SERIES, FEWEST_WINDOWS, NetworkModel, _cautious
from tsforecast.models.networks.tcn import Tcn
from tsforecast.models.ridge import Ridge
from tsforecast.models.task import Task

# not imported here: the first import must be the quiet one
TENSORFLOW = pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs TensorFlow")
pytestmark = pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")


@pytest.fixture(scope="module")
def forced() -> Choice:
    return choose(learnt("lstm"), vars(sizes(epochs=2)), seed=3, tell=quiet)


@pytest.mark.parametrize(
    ("errors", "choice"),
    [
        ([[1.0, 1.0, 1.0, 1.0], [0.5, 0.5, 0.5, 0.5]], 1),
        ([[1.0, 1.0, 1.0, 1.0], [0.2, 1.1, 1.1, 1.1]], 0),
        ([[1.0, 2.0, 3.0, 4.0], [1.1, 2.1, 3.1, 4.1]], 0),
        ([[1.0], [0.9]], 1),
        ([[1.0, 3.0], [0.9, 2.9], [0.8, 2.8]], 2),
    ],
)
def test_weight_is_given_only_for_gains_that_are_no_accident(errors: list[list[float]], choice: int):
    assert _cautious(np.array(errors)) == choice


def test_by_itself_it_needs_windows_enough_of_many_series_unless_training_is_asked_for():
    settings = NetworkConfig()
    few = task([seasonal(150)], n_validation=48, season_length=12)
    ridge = Ridge.fit(few, settings, seed=0, tell=quiet)
    fitted = few.with_fitted({"ridge": ridge}, {"ridge": 0.5})
    assert f"fewer than {FEWEST_WINDOWS}" in Gru.unsuitable(fitted, settings)
    assert Gru.unsuitable(replace(fitted, asked="gru"), settings) is None
    many = task([seasonal(600)], n_validation=48, season_length=12).with_fitted({"ridge": ridge}, {"ridge": 0.5})
    assert f"{FEWEST_SERIES} series or more" in Gru.unsuitable(many, settings)
    assert Gru.unsuitable(many, NetworkConfig(train=True)) is None
    panel = task([seasonal(200)] * FEWEST_SERIES, n_validation=48, season_length=12)
    assert Gru.unsuitable(panel.with_fitted({"ridge": ridge}, {"ridge": 0.5}), settings) is None


def test_only_what_can_be_fed_delay_vectors_is():
    assert "--embed" in Tcn.unsuitable(learnt("tcn"), NetworkConfig(embed="auto"))
    assert not Gru.volunteers(NetworkConfig(embed="auto"))
    assert Gru.volunteers(NetworkConfig())


@pytest.mark.parametrize("given", [{"context_length": 9}, {"strategy": "direct"}, {"segment_length": 4}], ids=str)
def test_with_delay_vectors_the_shape_is_not_for_the_user_to_choose(given: dict):
    with pytest.raises(UsageError, match="--embed"):
        Gru.fit(learnt("gru"), NetworkConfig(embed="auto", **given), seed=0, tell=quiet)


@pytest.mark.slow
@TENSORFLOW
def test_a_forced_network_is_chosen_and_says_its_weight(forced: Choice):
    assert forced.chosen == "lstm"
    assert forced.scores["lstm"] <= forced.scores["ridge"]
    assert any(note.startswith("lstm: ") and "weight" in note for note in forced.notes)


@pytest.mark.slow
@TENSORFLOW
def test_refit_keeps_the_recurrent_part_and_the_scaler(forced: Choice):
    before = forced.models["lstm"]
    after = forced.refit(several([seasonal()], 12), 24).models["lstm"]
    assert after.core.net is before.core.net
    assert after.scaler is before.scaler
    assert not np.array_equal(after.core.ridge.coefficients, before.core.ridge.coefficients)


@pytest.mark.slow
@TENSORFLOW
def test_an_update_keeps_the_scaler_and_the_model_it_came_from(forced: Choice):
    before = forced.models["lstm"]
    before = replace(before, core=before.core.gated(1.0))
    given = several([10 + seasonal(150, seed=8)], 12)
    expected = before.predict(given, 24).point
    after = before.update(Task.whole(given, 24), sizes(epochs=1), seed=0, tell=quiet)
    assert after.scaler is before.scaler
    assert not np.array_equal(after.predict(given, 24).point, expected)
    np.testing.assert_array_equal(before.predict(given, 24).point, expected)


@pytest.mark.slow
@TENSORFLOW
@pytest.mark.parametrize("name", ["gru", "tcn"])
def test_with_its_full_weight_it_survives_saving(name: str):
    from tsforecast.models.registry import find

    core = correction(name, gate=1.0)
    model = find(name)(core.ridge.scaler, 26, 12, core)
    given = several([seasonal()], 12)
    again = type(model).restored(model.state())
    expected = model.predict(given, 24).point
    np.testing.assert_allclose(again.predict(given, 24).point, expected, atol=1e-5 * np.abs(expected).max())
    state = model.state()
    for name in state.blobs:
        with pytest.raises((ValueError, TypeError, KeyError)):
            type(model).restored(replace(state, settings={**state.settings, "gate": 0.0}))
        damaged = {**state.blobs, name: state.blobs[name][:-200]}
        with pytest.raises(Exception, match=r"damaged|refused|hold|zip|ONNX|network"):
            type(model).restored(replace(state, blobs=damaged))


@pytest.mark.slow
@TENSORFLOW
def test_the_textbook_recursion_emits_one_step_at_a_time():
    settings = sizes(strategy="recursive", context_length=12, segment_length=None)
    model: NetworkModel = Lstm.fit(learnt("lstm", 100), settings, seed=0, tell=quiet)
    assert model.segment_length == 1
    assert model.predict(several([seasonal()], 12), 30).point.shape == (1, 30, 1)


def network_forecast(seed: int = 3) -> np.ndarray:
    """What a trained network with its full weight forecasts."""
    model = Gru.fit(learnt("gru"), sizes(), seed=seed, tell=quiet)
    return replace(model, core=model.core.gated(1.0)).predict(several([seasonal()], 12), 24).point


@pytest.mark.slow
@TENSORFLOW
def test_one_seed_gives_the_same_bytes_and_another_does_not():
    """In processes of their own: `tests/cli/test_contract.py`."""
    found = network_forecast()
    assert network_forecast().tobytes() == found.tobytes()
    assert network_forecast(seed=4).tobytes() != found.tobytes()


def test_without_keras_the_error_names_the_remedy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    backend.keras.cache_clear()
    try:
        with pytest.raises(MissingDependencyError, match="training a network needs tensorflow") as caught:
            backend.keras()
        assert "tsforecast-cli[train]" in caught.value.hint
    finally:
        backend.keras.cache_clear()


@pytest.mark.slow
@TENSORFLOW
def test_a_few_steps_teach_the_same_whether_they_are_traced_or_taken_one_by_one(monkeypatch: pytest.MonkeyPatch):
    said: list[list[str]] = []
    for few in (0, 4):
        monkeypatch.setattr(training, "_FEW_STEPS", few)
        said.append([])
        Lstm.fit(learnt("lstm"), sizes(epochs=2, skip=False), seed=3, tell=said[-1].append)
    assert said[0] == said[1]
    assert any("epoch 2/2, training error" in line for line in said[0])
