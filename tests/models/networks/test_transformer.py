"""Self-attention over patches: what came later changes nothing, where a patch stands does, and heads begin unlike."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from untrained import sizes

from tsforecast.models import registry
from tsforecast.models.networks.backend import keras
from tsforecast.models.networks.patches import textbook
from tsforecast.models.networks.transformer import Transformer
from tsforecast.models.shape import Shape

if find_spec("tensorflow") is None:
    pytest.skip("needs TensorFlow", allow_module_level=True)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")]
STEPS, UNITS = 6, 32


@pytest.fixture(scope="module")
def states() -> Any:
    """From `(window, step, unit)` to all states."""
    inputs = keras().layers.Input((STEPS, UNITS))
    seeds = iter(range(100))
    return keras().Model(
        inputs, Transformer.body(inputs, sizes(layers=2), units=UNITS, dropout=0.1, seeds=seeds, sequences=True)
    )


def test_a_step_sees_itself_and_what_came_before_alone(states: Any):
    inputs = np.random.default_rng(0).standard_normal((2, STEPS, UNITS)).astype("float32")
    before = np.asarray(states(inputs))
    for changed in range(STEPS):
        other = inputs.copy()
        # not by a constant, which the normalisation takes out
        other[:, changed] *= -2
        moved = np.abs(np.asarray(states(other)) - before).max(axis=(0, 2))
        assert (moved[:changed] < 1e-5).all()
        assert (moved[changed:] > 1e-4).all()


def test_where_a_step_stands_matters(states: Any):
    inputs = np.random.default_rng(0).standard_normal((2, STEPS, UNITS)).astype("float32")
    swapped = inputs[:, [1, 0, 2, 3, 4, 5]]
    vectors = states.get_layer("positions")
    (kept,) = vectors.get_weights()
    assert kept.shape == (STEPS, UNITS)
    assert np.abs(np.asarray(states(swapped)) - np.asarray(states(inputs)))[:, -1].max() > 1e-4
    vectors.set_weights([0 * kept])
    # the last step attends to a set, not a sequence; with two layers earlier ones are not sets, so only the first swap
    one = np.asarray(keras().Model(states.input, states.get_layer("attended_1").output)(inputs))[:, 2:]
    two = np.asarray(keras().Model(states.input, states.get_layer("attended_1").output)(swapped))[:, 2:]
    vectors.set_weights([kept])
    np.testing.assert_allclose(one, two, atol=1e-5)


def test_queries_keys_and_values_begin_unlike(states: Any):
    weights = {weight.path.split("/")[-2]: np.asarray(weight) for weight in states.get_layer("attention_1").weights
               if weight.name == "kernel"}  # fmt: skip
    assert weights["query"].shape == (UNITS, 2, 16)
    kinds = ("query", "key", "value")
    assert len({weights[kind].tobytes() for kind in kinds}) == 3
    for kernel in weights.values():
        assert kernel.std() == pytest.approx(np.sqrt(2 / (2 * UNITS)), rel=0.1)


@pytest.mark.parametrize("name", ["tcn", "transformer"])
def test_what_adds_to_what_it_is_fed_takes_rows_of_another_width(name: str):
    settings = registry.settings_of(registry.find(name), vars(sizes(plain=True, units=5)))
    model = textbook(registry.find(name), 2, Shape(7, 3, 1), settings, 0)
    assert model(np.zeros((2, 7, 2))).shape == (2, 3, 2)
