"""Networks on delay vectors: what they are fed, what their head solves, and that they are saved as they are."""

from __future__ import annotations

import numpy as np
import pytest
from tsforecast.models.networks.embedded import choose_embedding
from tsforecast.models.selection import fit_candidates

from tsforecast.config import FitConfig, ModelConfig
from tsforecast.data.windows import make_windows
from tsforecast.errors import DataError
from tsforecast.insight.chaos.embedding import embed

pytest.importorskip("tensorflow", reason="needs TensorFlow (pip install 'tsforecast[train]')")
pytestmark = pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")

TINY = ModelConfig(model="lstm", units=4, embed="auto")


def henon(n: int) -> np.ndarray:
    x, y = 0.1, 0.1
    found = np.empty(n)
    for i in range(n):
        x, y = 1 - 1.4 * x * x + y, 0.3 * x
        found[i] = x
    return found[:, None]


@pytest.fixture(scope="module")
def windows():
    values = np.random.default_rng(0).normal(size=(120, 2)).cumsum(axis=0)
    return make_windows([values], 3 * 2 + 12, 1)


@pytest.fixture(scope="module")
def network(windows):
    """An LSTM on delay vectors of 3 elements 3 steps apart, of two channels, whose head is solved."""
    from tsforecast.models.networks.recurrent_embedded import EmbeddedNetwork

    made = EmbeddedNetwork.build("lstm", 3, 3, windows, TINY, seed=0)
    return made.path(windows, [1e-3])[0]


def test_the_network_is_fed_the_delay_vectors_that_embed_gives(network, windows):
    from tsforecast.models.networks.backend import keras

    context = windows.inputs[:1]
    fed = keras().Model(network.states.input, network.states.get_layer("delay_vectors").output)
    vectors, _ = embed(context[0], 3, 3)
    np.testing.assert_allclose(fed.predict_on_batch(context)[0], vectors, rtol=1e-6)
    assert vectors.shape == (12, 6)


def test_an_untrained_network_repeats_the_last_value(windows):
    from tsforecast.models.networks.recurrent_embedded import EmbeddedNetwork

    made = EmbeddedNetwork.build("gru", 3, 3, windows, TINY, seed=0)
    context = windows.inputs[:2]
    np.testing.assert_array_equal(made.predict(context, 5), np.repeat(context[:, -1:], 5, axis=1))


def test_the_head_solves_the_ridge_regression_on_the_states(network, windows):
    states = np.asarray(network.states.predict_on_batch(windows.inputs.astype("float32")), dtype="float64")
    features = np.column_stack([states, np.ones(len(states))])
    steps = (windows.targets - windows.inputs[:, -1:])[:, 0] / network.scale
    gradient = features.T @ (features @ network.head - steps) + network.penalty * network.head
    assert np.abs(gradient).max() < 1e-8
    assert np.abs(features.T @ steps).max() > 1
    np.testing.assert_allclose(network.refit(windows).head, network.head)


def test_a_saved_network_is_the_same_network(network, windows, tmp_path):
    from tsforecast.models.networks.recurrent_saved import load_network

    from tsforecast.models.networks.serving import OnnxNetwork

    network.export_onnx(tmp_path / "model.onnx")
    network.save_keras(tmp_path / "model.keras")
    context = windows.inputs[:7]
    served = OnnxNetwork((tmp_path / "model.onnx").read_bytes(), network.context_length, 1, 2)
    restored = load_network((tmp_path / "model.keras").read_bytes())
    expected = network.predict(context, 20)
    np.testing.assert_allclose(served.predict(context, 20), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(restored.predict(context, 20), expected, rtol=1e-4, atol=1e-4)
    assert restored.settings() == network.settings()
    np.testing.assert_allclose(restored.refit(windows).head, network.head, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_it_learns_the_henon_map_far_better_than_the_last_value(cell):
    series = henon(700)
    model = ModelConfig(model=cell, units=32, embed="auto")
    fitted = fit_candidates(
        [series], horizon=3, n_validation=100, season_length=1, model=model, fit=FitConfig(epochs=4, learning_rate=5e-3)
    )
    assert fitted.chosen == cell
    assert fitted.candidates[cell].segment_length == 1
    others = [score for name, score in fitted.scores.items() if name != cell]
    assert fitted.scores[cell] < 0.5 * min(others)
    assert any("delay vectors" in note for note in fitted.notes)


def test_the_embedding_is_chosen_where_it_is_not_given():
    sine = np.sin(2 * np.pi * np.arange(600) / 40)[:, None]
    delay, dimension = choose_embedding([sine[:50], sine], ModelConfig(embed="auto"))
    assert 5 <= delay <= 15
    assert 2 <= dimension <= 3
    assert choose_embedding([sine], ModelConfig(embed="auto", delay=2, dimension=6)) == (2, 6)
    assert choose_embedding([sine], ModelConfig(embed="auto", delay=7))[0] == 7


def test_a_random_walk_has_no_delay():
    walk = np.random.default_rng(1).normal(size=(400, 1)).cumsum(axis=0)
    with pytest.raises(DataError, match="no delay can be chosen") as caught:
        choose_embedding([walk], ModelConfig(embed="auto"))
    assert "--delay" in caught.value.hint


def test_too_few_rows_for_the_vectors_is_said():
    with pytest.raises(DataError, match="reach back"):
        fit_candidates(
            [henon(100)],
            horizon=2,
            n_validation=10,
            season_length=1,
            model=ModelConfig(model="lstm", embed="auto", delay=20, dimension=5),
            fit=FitConfig(epochs=1),
        )
