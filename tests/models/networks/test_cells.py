"""Recurrent cells of our own, against the equations written out in numpy and against Keras where both are the same."""

from __future__ import annotations

from collections import deque
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from series_of import quiet
from untrained import CONTEXT, correction, learnt, sizes

from tsforecast.errors import UsageError
from tsforecast.models.networks.backend import keras
from tsforecast.models.registry import find

if find_spec("tensorflow") is None:
    pytest.skip("needs TensorFlow", allow_module_level=True)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")]
UNITS, STEPS, FEATURES = 3, 9, 2


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def states_of(name: str, **given: Any) -> tuple[Any, Any, dict[str, Any]]:
    """Inputs `(window, step, feature)`, all states that a cell with random weights gives, and those weights by name."""
    from tsforecast.models.networks.custom import cells

    cell = getattr(cells, name)(UNITS, **given)
    layer = keras().layers.RNN(cell, return_sequences=True)
    inputs = np.random.default_rng(1).standard_normal((4, STEPS, FEATURES)).astype("float32")
    layer(inputs)
    rng = np.random.default_rng(2)
    cell.set_weights([rng.normal(0, 0.7, weights.shape) for weights in cell.get_weights()])
    return inputs, np.asarray(layer(inputs)), {w.name: np.asarray(w) for w in cell.weights}


def looked_up(outputs: Any, steps_back: int) -> Any:
    return outputs[-steps_back] if steps_back <= len(outputs) else np.zeros((4, UNITS))


@pytest.mark.parametrize("tau", [1.0, 4.0])
@pytest.mark.parametrize("back", [1, 3])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_leaky_units_and_connections_through_time(tau: float, back: int, activation: str):
    inputs, states, w = states_of("SkipRNNCell", leaky=tau, time_skip=back, activation=activation)
    f = np.tanh if activation == "tanh" else lambda x: np.maximum(x, 0)
    outputs: list[Any] = []
    for t in range(STEPS):
        skipped = looked_up(outputs, back) @ w["v"] if back > 1 else 0
        h = looked_up(outputs, 1)
        outputs.append((1 - 1 / tau) * h + f(inputs[:, t] @ w["w"] + h @ w["u"] + skipped + w["b"]) / tau)
    np.testing.assert_allclose(states, np.stack(outputs, axis=1), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("peephole", ["none", "diagonal", "full"])
@pytest.mark.parametrize("back", [1, 4])
def test_gates_that_see_their_memory_cells(peephole: str, back: int):
    inputs, states, w = states_of("SkipLSTMCell", peephole=peephole, time_skip=back)

    def seen(gate: str, c: Any) -> Any:
        return (
            {"none": 0 * c, "diagonal": c * w.get(f"p_{gate}", 0)}[peephole]
            if peephole != "full"
            else c @ w[f"p_{gate}"]
        )

    outputs: list[Any] = []
    c = np.zeros((4, UNITS))
    for t in range(STEPS):
        skipped = looked_up(outputs, back) @ w["v"] if back > 1 else 0
        answer = inputs[:, t] @ w["w"] + looked_up(outputs, 1) @ w["u"] + skipped + w["b"]
        i, f, g, o = np.split(answer, 4, axis=1)
        c = sigmoid(f + seen("f", c)) * c + sigmoid(i + seen("i", c)) * np.tanh(g)
        outputs.append(sigmoid(o + seen("o", c)) * np.tanh(c))
    np.testing.assert_allclose(states, np.stack(outputs, axis=1), atol=1e-5)


def test_a_gru_that_sees_its_state_of_some_steps_ago():
    inputs, states, w = states_of("SkipGRUCell", time_skip=2)
    outputs: list[Any] = []
    for t in range(STEPS):
        h = looked_up(outputs, 1)
        fed = inputs[:, t] @ w["w"] + looked_up(outputs, 2) @ w["v"] + w["b"]
        z, r = np.split(sigmoid(fed[:, : 2 * UNITS] + h @ w["u"][:, : 2 * UNITS]), 2, axis=1)
        n = np.tanh(fed[:, 2 * UNITS :] + (r * h) @ w["u"][:, 2 * UNITS :])
        outputs.append(z * h + (1 - z) * n)
    np.testing.assert_allclose(states, np.stack(outputs, axis=1), atol=1e-5)


@pytest.mark.parametrize(
    ("own", "standard", "given"),
    [("SkipRNNCell", "SimpleRNN", {}), ("SkipLSTMCell", "LSTM", {}), ("SkipGRUCell", "GRU", {"reset_after": False})],
)
def test_without_anything_of_its_own_a_cell_is_that_of_keras(own: str, standard: str, given: dict):
    inputs, states, w = states_of(own)
    layer = getattr(keras().layers, standard)(UNITS, return_sequences=True, **given)
    layer(inputs)
    layer.set_weights([w["w"], w["u"], w["b"]])
    np.testing.assert_allclose(states, np.asarray(layer(inputs)), atol=1e-6)


def test_the_forget_gates_of_a_new_lstm_are_open():
    from tsforecast.models.networks.custom.cells import SkipLSTMCell

    cell = SkipLSTMCell(UNITS, peephole="diagonal")
    cell.build((None, FEATURES))
    assert np.asarray(cell.bias).tolist() == [0.0] * 3 + [1.0] * 3 + [0.0] * 6
    assert len(cell.weights) == 6


def body_of(name: str, **given: Any) -> Any:
    network = correction(name, **given).net.model
    return next(layer for layer in network.layers if layer.name.startswith(f"{name}_1"))


def test_irnn_begins_at_the_identity_with_little_coming_in():
    # step by step, so that there is something to go back over
    layer = body_of("rnn", activation="relu", segment_length=12)
    kernel, recurrent, bias = layer.get_weights()
    np.testing.assert_array_equal(recurrent, np.eye(4))
    assert 0 < np.abs(kernel).max() < 0.006
    assert not bias.any()
    assert layer.activation is keras().activations.relu


def test_the_first_weights_are_those_asked_for():
    spread = {name: body_of("gru", initializer=name, units=32).get_weights()[0].std() for name in ("glorot", "he")}
    # uniform within sqrt(6 / (fan in + fan out)) and within sqrt(6 / fan in); three gates of 32 units
    assert spread["glorot"] == pytest.approx(np.sqrt(2 / (32 + 96)), rel=0.05)
    assert spread["he"] == pytest.approx(np.sqrt(2 / 32), rel=0.05)
    assert body_of("gru", units=32).get_weights()[0].std() == pytest.approx(spread["glorot"])


def test_a_connection_beyond_the_first_step_is_refused():
    # 26 steps are two patches of 12
    assert CONTEXT // 12 == 2
    with pytest.raises(UsageError, match="--time-skip 2 reaches back beyond the 2 steps"):
        correction("lstm", time_skip=2)


def test_the_longest_gradient_is_that_asked_for():
    from tsforecast.models.networks.training import train

    seen: deque[Any] = deque(maxlen=2)
    for clipnorm in (0.0, 0.5):
        core = correction("rnn")
        windows = core.ridge.windows(learnt("rnn"))
        train(core.net.model, core._pairs, windows, None, sizes(clipnorm=clipnorm), seed=0, tell=quiet)
        seen.append(core.net.model.optimizer.clipnorm)
    assert list(seen) == [None, 0.5]
    assert find("rnn").Settings(clipnorm=0).clipnorm == 0
