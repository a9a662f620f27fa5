"""An encoder and a decoder: against the equations in numpy, with and without a teacher, and what it looked at."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from series_of import quiet, several
from untrained import correction, learnt, seasonal, sizes

from tsforecast.model_config import GruConfig, Seq2seqConfig
from tsforecast.models.networks.seq2seq import Seq2seq
from tsforecast.models.networks.teacher import Lessons, lessons

if find_spec("tensorflow") is None:
    pytest.skip("needs TensorFlow", allow_module_level=True)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")]
UNITS, STEPS, SEEN, FEATURES = 3, 5, 4, 2


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def decoder_of(kind: str, attention: str) -> tuple[Any, list[Any], dict[str, Any]]:
    """A decoder with random weights, what it is called on, and its weights by name."""
    from tsforecast.models.networks.custom.decoder import Decoder

    rng = np.random.default_rng(1)
    shapes = [(2, SEEN, UNITS), (2, FEATURES), *[(2, UNITS)] * (2 if kind == "LSTM" else 1)]
    given = [rng.standard_normal(shape).astype("float32") for shape in shapes]
    decoder = Decoder(UNITS, STEPS, FEATURES, kind=kind, attention=attention, from_zero=True, seed=1)
    assert not np.asarray(decoder(given)).any()
    decoder.set_weights([rng.normal(0, 0.7, w.shape) for w in decoder.get_weights()])
    return decoder, given, {w.name: np.asarray(w) for w in decoder.weights}


def attended(attention: str, w: dict[str, Any], query: Any, memory: Any) -> tuple[Any, Any]:
    if attention == "additive":
        scores = np.tanh(memory @ w["keys"] + (query @ w["query"])[:, None]) @ w["score"][:, 0]
    else:
        scores = np.einsum("nsu,nu->ns", memory, query)
    weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return weights, np.einsum("ns,nsu->nu", weights, memory)


def cell(kind: str, w: dict[str, Any], x: Any, h: Any, c: Any) -> tuple[Any, Any]:
    if kind == "LSTM":
        i, f, g, o = np.split(x @ w["w"] + h @ w["u"] + w["b"], 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c
    n = UNITS
    z, r = np.split(sigmoid((x @ w["w"] + w["b"])[:, : 2 * n] + h @ w["u"][:, : 2 * n]), 2, axis=1)
    new = np.tanh((x @ w["w"] + w["b"])[:, 2 * n :] + (r * h) @ w["u"][:, 2 * n :])
    return z * h + (1 - z) * new, c


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
@pytest.mark.parametrize("attention", ["none", "additive", "dot"])
def test_it_says_what_the_equations_say_and_goes_on_from_that(kind: str, attention: str):
    decoder, given, w = decoder_of(kind, attention)
    memory, said, h, *c = given
    c = c[0] if c else None
    answers, looks = [], []
    for _ in range(STEPS):
        if attention == "additive":
            weights, context = attended(attention, w, h, memory)
            said = np.concatenate([said, context], axis=1)
        h, c = cell(kind, w, said, h, c)
        out = h
        if attention == "dot":
            weights, context = attended(attention, w, h, memory)
            out = np.tanh(np.concatenate([h, context], axis=1) @ w["joined"])
        said = out @ w["kernel"] + w["bias"]
        answers.append(said)
        looks.append(weights if attention != "none" else np.zeros((2, 0)))
    found = np.asarray(decoder.run(given))
    np.testing.assert_allclose(found[:, :, :FEATURES], np.stack(answers, axis=1), atol=1e-5)
    np.testing.assert_allclose(found[:, :, FEATURES:], np.stack(looks, axis=1), atol=1e-5)


def test_what_is_taught_takes_the_place_of_its_own_words():
    decoder, given, _ = decoder_of("GRU", "dot")
    free = np.asarray(decoder(given))
    teacher = np.zeros((2, STEPS, FEATURES + 1), "float32")
    np.testing.assert_allclose(decoder([*given, teacher]), free, atol=1e-6)
    # told its own words it says the same, told others it goes another way from there on
    teacher[:, 1:, :FEATURES], teacher[:, 1:, FEATURES] = free[:, :-1], 1
    np.testing.assert_allclose(decoder([*given, teacher]), free, atol=1e-5)
    teacher[:, 3, :FEATURES] += 1
    moved = np.abs(np.asarray(decoder([*given, teacher])) - free).max(axis=(0, 2))
    assert (moved[:3] < 1e-5).all()
    assert (moved[3:] > 1e-3).all()


def test_a_teacher_feeds_what_was_observed_the_step_before_and_falls_silent():
    inputs, targets = np.zeros((500, 7, 1), "float32"), np.arange(500 * STEPS).reshape(500, STEPS, 1).astype("float32")
    scheduled = Lessons(None, scheduled=True, epochs=5, seed=3)
    assert [scheduled.share(epoch) for epoch in range(5)] == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert Lessons(None, scheduled=False, epochs=5, seed=3).share(4) == 1.0
    assert Lessons(None, scheduled=True, epochs=1, seed=3).share(0) == 1.0
    context, teacher = scheduled.given(inputs, targets, 1, 0)
    assert context is inputs
    np.testing.assert_array_equal(teacher[:, 1:, 0], targets[:, :-1, 0])
    assert not teacher[:, 0].any()
    assert teacher[:, 1:, 1].mean() == pytest.approx(0.75, abs=0.04)
    np.testing.assert_array_equal(scheduled.given(inputs, targets, 1, 0)[1], teacher)
    assert (scheduled.given(inputs, targets, 1, 1)[1] != teacher).any()


def test_nobody_else_is_taught():
    model = correction("seq2seq").net.model
    assert lessons(model, Seq2seqConfig(), 3, 0) is None
    assert lessons(model, GruConfig(), 3, 0) is None
    taught = lessons(model, Seq2seqConfig(teacher_forcing="always"), 3, 0)
    assert taught.model.input_shape == [(None, 26, 1), (None, 12, 2)]
    assert {id(w) for w in taught.model.weights} == {id(w) for w in model.weights}


@pytest.fixture(scope="module")
def taught() -> Seq2seq:
    """Trained with a teacher, alone."""
    settings = sizes(skip=False, teacher_forcing="scheduled", attention="dot", cell="GRU", epochs=2)
    return Seq2seq.fit(learnt("seq2seq"), settings, seed=0, tell=quiet)


def test_taught_it_learns_and_its_training_is_told(taught: Seq2seq):
    curve = taught.training
    assert len(curve.training) == len(curve.validation) == len(curve.rate) == 2
    assert curve.kept == int(np.argmin(curve.validation))
    assert curve.rate[0] > curve.rate[1] >= 0
    assert (curve.gates, curve.gate) == ((), None)
    given = several([seasonal()], 12)
    assert np.abs(taught.predict(given, 12).point - given[0].values[-1]).max() > 1e-3


def test_what_it_looked_at(taught: Seq2seq):
    (given,) = several([seasonal()], 12)
    weights = taught.attention(given)
    assert weights.shape == (12, 26)
    # 26 rows are two patches of 12 and 2 more that are the oldest
    assert not weights[:, :2].any()
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    for start in (2, 14):
        assert (weights[:, start : start + 12] == weights[:, start : start + 1]).all()
    assert 0 < weights[0, 2] < 1 / 12
    restored = type(taught).restored(taught.state())
    np.testing.assert_allclose(restored.attention(given), weights, atol=1e-6)
    assert restored.training is None
    plain = type(taught)(taught.scaler, 26, 12, correction("seq2seq", attention="none"))
    assert plain.attention(given) is None
    silent = correction("seq2seq", gate=0.0)
    assert replace(plain, core=silent).attention(given) is None


def test_read_in_both_directions_it_is_saved_and_says_the_same():
    from tsforecast.models.networks.archive import exported, trainable
    from tsforecast.models.networks.serving import OnnxNetwork

    model = correction("seq2seq", layers=2, bidirectional=True, attention="dot").net.model
    onnx, archived = exported(model)
    inputs = np.random.default_rng(3).standard_normal((3, 26, 1)).astype("float32")
    expected = np.asarray(model(inputs))
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(OnnxNetwork.checked(onnx, 26, 12, 1).predict_segment(inputs), expected, atol=1e-5)
    np.testing.assert_allclose(trainable(archived)(inputs), expected, atol=1e-6)
