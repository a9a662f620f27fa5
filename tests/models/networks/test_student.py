"""Smaller networks: units that do nothing can go, a student comes near its teacher, half precision is near enough."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from series_of import quiet
from untrained import contexts, correction, learnt, sizes

from tsforecast.errors import UsageError
from tsforecast.models import registry
from tsforecast.models.networks.gru import Gru
from tsforecast.models.networks.serving import OnnxNetwork, half
from tsforecast.models.networks.student import _alike, _cut, distilled, pruned

if find_spec("tensorflow") is None:
    pytest.skip("needs TensorFlow", allow_module_level=True)

from onnx_models import lstm  # - it needs onnx

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")]


def model_of(name: str, **given: Any) -> Any:
    core = correction(name, gate=1.0, **given)
    return registry.find(name)(core.ridge.scaler, 26, 12, core)


@pytest.mark.parametrize(("name", "layer", "gates"), [("rnn", "rnn_1", 1), ("lstm", "lstm_1", 4), ("gru", "gru_1", 3)])
def test_units_and_features_that_nothing_depends_on_can_go(name: str, layer: str, gates: int):
    model = model_of(name, units=5)
    network = model.core.net.model
    for part, silent in ((layer, 2), ("embedding", 4)):
        weights = network.get_layer(part).get_weights()
        if part == layer:
            weights[0][silent + 2], weights[1][silent] = 0, 0  # a feature that nobody hears, a state that none recalls
        network.get_layer(part).set_weights(weights)
    head, bias = network.get_layer("head").get_weights()
    head[2] = 0
    network.get_layer("head").set_weights([head, bias])
    small = _alike(model, model.core, type(model), sizes(units=4), seed=9)
    _cut(network, small, layer, gates, 4)
    given = contexts().astype("float32")
    np.testing.assert_allclose(np.asarray(small(given)), np.asarray(network(given)), atol=1e-5)
    assert small.count_params() < network.count_params()


def test_a_pruned_one_has_fewer_units_and_learns_further():
    large = model_of("gru", units=4)
    small = pruned(large, 0.5, learnt("gru"), sizes(), seed=0, tell=quiet)
    assert small.core.net.model.get_layer("gru_1").units == 2
    assert small.core.ridge is large.core.ridge
    assert small.core.net.model.output_shape == large.core.net.model.output_shape


def test_a_student_comes_nearer_to_its_teacher():
    teacher = model_of("gru", units=4)
    said: list[str] = []
    settings = registry.settings_of(Gru, vars(sizes(units=3, epochs=8, learning_rate=0.03, batch_size=16)))
    student = distilled(teacher, Gru, learnt("gru"), settings, seed=0, tell=said.append)
    distances = [float(line.rsplit(" ", 1)[1]) for line in said]
    assert min(distances) < 0.7 * distances[0]
    assert student.core.net.model.get_layer("gru_1").units == 3
    assert (student.core.gate, student.core.ridge) == (1.0, teacher.core.ridge)


def test_what_cannot_be_made_smaller_says_why():
    task, large = learnt("gru"), model_of("gru")
    with pytest.raises(UsageError, match="ridge is no network"):
        distilled(large, registry.find("ridge"), task, sizes(), seed=0, tell=quiet)
    with pytest.raises(UsageError, match="only a network"):
        distilled(large.core.ridge, Gru, task, sizes(), seed=0, tell=quiet)
    with pytest.raises(UsageError, match="no weight"):
        distilled(replace(large, core=large.core.gated(0.0)), Gru, task, sizes(), seed=0, tell=quiet)
    for other in (model_of("tcn"), model_of("gru", layers=2), model_of("lstm", bidirectional=True)):
        with pytest.raises(UsageError, match="one recurrent layer"):
            pruned(other, 0.5, task, sizes(), seed=0, tell=quiet)


def test_half_precision_keeps_the_numbers_to_three_digits():
    whole = lstm().SerializeToString()
    halved = half(whole)
    inputs = np.random.default_rng(0).standard_normal((4, 24, 1))
    expected = OnnxNetwork.checked(whole, 24, 6, 1).predict_segment(inputs)
    found = OnnxNetwork.checked(halved, 24, 6, 1).predict_segment(inputs)
    assert 0 < np.abs(found - expected).max() < 5e-3
    assert half(halved) == halved  # nothing is left to halve
    far = lstm()
    far.graph.initializer[1].CopyFrom(type(far.graph.initializer[1])(
        name="r", data_type=1, dims=(1, 16, 4), raw_data=np.full((1, 16, 4), 1e5, "<f4").tobytes()))  # fmt: skip
    assert b"r.half" not in half(far.SerializeToString())
    assert b"r.half" in halved
