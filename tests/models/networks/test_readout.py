"""Networks on delay vectors: what they are fed, what their head solves, and that they are saved as they are."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from series_of import FloatArray, quiet, several

from tsforecast.data.windows import Windows, make_windows
from tsforecast.errors import DataError
from tsforecast.insight.chaos.embedding import embed
from tsforecast.model_config import NetworkConfig
from tsforecast.models.networks.gru import Gru
from tsforecast.models.networks.lstm import Lstm
from tsforecast.models.networks.net import KerasNet
from tsforecast.models.networks.readout import N_VECTORS, Readout, _choose_embedding, _states
from tsforecast.models.networks.rnn import Rnn
from tsforecast.models.scale import SeriesScaler
from tsforecast.models.state import State
from tsforecast.models.task import Task

# not imported here: the first import must be the quiet one
if find_spec("tensorflow") is None:
    pytest.skip("needs TensorFlow", allow_module_level=True)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")]

TINY = NetworkConfig(units=4, embed="auto")


def henon(n: int) -> FloatArray:
    x, y = 0.1, 0.1
    found = np.empty(n)
    for i in range(n):
        x, y = 1 - 1.4 * x * x + y, 0.3 * x
        found[i] = x
    return found


def learnt(values: FloatArray, horizon: int = 3, n_validation: int = 20) -> Task:
    return Task(several([values]), horizon, [n_validation])


@pytest.fixture(scope="module")
def windows() -> Windows:
    values = np.random.default_rng(0).normal(size=(120, 2)).cumsum(axis=0)
    return make_windows([values], 3 * 2 + N_VECTORS, 1)


@pytest.fixture(scope="module")
def untrained() -> Readout:
    """An LSTM on delay vectors of 3 elements 3 steps apart, of two channels, whose head says nothing."""
    net = KerasNet(_states(Lstm.body, 3, 3, 2, TINY, 0))
    return Readout(net, 18, np.zeros((net.n_features + 1, 2)), np.array([1.0, 2.0]), 1.0)


@pytest.fixture(scope="module")
def solved(untrained: Readout, windows: Windows) -> Readout:
    return untrained.path(windows, [1e-3])[0]


def test_the_network_is_fed_the_delay_vectors_that_embed_gives(untrained: Readout, windows: Windows):
    from tsforecast.models.networks.backend import keras

    context, states = windows.inputs[:1], untrained.net.model
    fed = keras().Model(states.input, states.get_layer("delay_vectors").output)
    vectors, _ = embed(context[0], 3, 3)
    np.testing.assert_allclose(fed.predict_on_batch(context)[0], vectors, rtol=1e-6)
    assert vectors.shape == (N_VECTORS, 6)


def test_an_untrained_network_repeats_the_last_value(untrained: Readout, windows: Windows):
    np.testing.assert_array_equal(untrained.segment(windows.inputs[:2]), windows.inputs[:2, -1:])


def test_the_head_solves_the_ridge_regression_on_the_states(solved: Readout, windows: Windows):
    states = solved.net(windows.inputs)[:, 0]
    features = np.column_stack([states, np.ones(len(states))])
    steps = (windows.targets - windows.inputs[:, -1:])[:, 0] / solved.scale
    gradient = features.T @ (features @ solved.head - steps) + solved.penalty * solved.head
    assert np.abs(gradient).max() < 1e-8
    assert np.abs(features.T @ steps).max() > 1
    np.testing.assert_allclose(solved.refit(windows).head, solved.head)


def test_a_saved_network_is_the_same_network(solved: Readout, windows: Windows):
    context = windows.inputs[:7]
    again = Readout.restored(solved.state(), 18, 1, 2)
    np.testing.assert_allclose(again.segment(context), solved.segment(context), rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(again.head, solved.head)
    np.testing.assert_allclose(again.refit(windows).head, solved.head, rtol=1e-3, atol=1e-3)
    with pytest.raises(ValueError, match="one step"):
        Readout.restored(solved.state(), 18, 2, 2)
    with pytest.raises((ValueError, KeyError)):
        Readout.restored(State(solved.state().settings, solved.state().arrays), 18, 1, 2)


def test_training_goes_on_and_the_one_it_came_from_stays(solved: Readout, windows: Windows):
    before = solved.segment(windows.inputs)
    settings = NetworkConfig(units=4, embed="auto", epochs=1)
    after = solved.updated(windows, settings, seed=0, tell=quiet)
    assert not np.array_equal(after.segment(windows.inputs), before)
    np.testing.assert_array_equal(solved.segment(windows.inputs), before)


def test_it_learns_the_henon_map_far_better_than_the_last_value():
    given = learnt(henon(500), n_validation=60)
    settings = NetworkConfig(units=24, embed="auto", epochs=4, learning_rate=5e-3)
    model = Rnn.fit(given, settings, seed=0, tell=quiet)
    assert model.segment_length == 1
    assert any("delay vectors" in note for note in model.notes)
    contexts = given.histories
    naive = np.stack([np.repeat(s.values[-1:], 3, axis=0) for s in contexts])
    error = np.abs(model.predict(contexts, 3).point - given.targets).mean()
    assert error < 0.5 * np.abs(naive - given.targets).mean()


def test_the_embedding_is_chosen_where_it_is_not_given():
    sine = np.sin(2 * np.pi * np.arange(620) / 40)
    given = Task(several([sine[:50], sine]), 2, [10, 20])
    delay, dimension = _choose_embedding(given, NetworkConfig(embed="auto"))
    assert 5 <= delay <= 15
    assert 2 <= dimension <= 3
    assert _choose_embedding(given, NetworkConfig(embed="auto", delay=2, dimension=6)) == (2, 6)
    assert _choose_embedding(given, NetworkConfig(embed="auto", delay=7))[0] == 7


def test_a_random_walk_has_no_delay():
    walk = np.random.default_rng(1).normal(size=400).cumsum()
    with pytest.raises(DataError, match="no delay can be chosen") as caught:
        _choose_embedding(learnt(walk), NetworkConfig(embed="auto"))
    assert "--delay" in caught.value.hint


def test_too_few_rows_for_the_vectors_is_said():
    settings = NetworkConfig(embed="auto", delay=20, dimension=5)
    with pytest.raises(DataError, match="reach back"):
        Gru.fit(learnt(henon(100)), settings, seed=0, tell=quiet)
    assert SeriesScaler.fit(learnt(henon(100)).training).names == ("y0",)
