"""Keras models on their way into a saved model and out of it: exported, checked, refused where they are not ours."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import zlib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tsforecast.errors import BundleError
from tsforecast.io.zips import unzipped, zipped
from tsforecast.models.networks import archive
from tsforecast.models.networks.archive import CONFIG, NAMES, WEIGHTS, check_archive, exported, trainable
from tsforecast.models.networks.backend import keras
from tsforecast.models.networks.layers import CUSTOM, OWN, PLAIN, WEIGHTED, check_layers
from tsforecast.models.networks.serving import OnnxNetwork

pytest.importorskip("tensorflow", reason="needs TensorFlow (pip install 'tsforecast-cli[train]')")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning"),
]

ROOT = Path(__file__).parents[3]
CONTEXT, CHANNELS = 12, 3


def own(name: str) -> Any:
    return getattr(import_module(f"{CUSTOM}.{OWN[name]}"), name)


def nested(layers: Any, x: Any) -> Any:
    """A model within a model within the model, and a layer that is used twice."""
    inmost, inner = layers.Input((CONTEXT, CHANNELS)), layers.Input((CONTEXT, CHANNELS))
    dense = layers.Dense(CHANNELS)
    first = keras().Model(inmost, dense(dense(inmost)), name="inmost")
    return keras().Model(inner, layers.Dense(2)(first(inner)), name="inner")(x)


BODIES: dict[str, Callable[[Any, Any], Any]] = {
    "Dense": lambda layers, x: layers.Dense(5, activation="relu")(x),
    # not gelu: it is exported as an operator that ONNX does not have
    "activations": lambda layers, x: layers.Concatenate()([
        layers.Dense(2, activation=name)(x) for name in ("relu", "elu", "silu", "softplus", "sigmoid", "tanh")]),
    "SimpleRNN": lambda layers, x: layers.SimpleRNN(5, return_sequences=True)(x),
    "LSTM": lambda layers, x: layers.LSTM(5)(x),
    "LSTM of all states": lambda layers, x: layers.LSTM(5, return_sequences=True)(x),
    "GRU": lambda layers, x: layers.GRU(5)(x),
    "GRU of all states": lambda layers, x: layers.GRU(5, return_sequences=True)(x),
    "RNN of our cells": lambda layers, x: layers.RNN(own("SkipRNNCell")(5, leaky=3.0, time_skip=3))(layers.RNN(own(
        "SkipLSTMCell")(4, peephole="full"), return_sequences=True)(layers.Bidirectional(layers.RNN(own(
        "SkipGRUCell")(4, time_skip=2), return_sequences=True))(x))),
    "Peepholes": lambda layers, x: layers.RNN(own("SkipLSTMCell")(5, peephole="diagonal", time_skip=2))(x),
    "Bidirectional": lambda layers, x: layers.Bidirectional(layers.GRU(5))(layers.Bidirectional(layers.LSTM(
        5, return_sequences=True))(x)),
    "Conv1D": lambda layers, x: layers.Conv1D(5, 2, dilation_rate=4, padding="causal", activation="tanh")(x),
    "LayerNormalization": lambda layers, x: layers.LayerNormalization()(x),
    "MultiHeadAttention": lambda layers, x: layers.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True),
    "Decoder": lambda layers, x: own("Decoder")(3, 5, 2, kind="GRU", attention="additive", from_zero=False, seed=1)([
        x, layers.Flatten()(layers.Cropping1D((11, 0))(layers.Dense(2)(x))), layers.Dense(3)(layers.Flatten()(x))]),
    "Positions": lambda layers, x: own("Positions")(seed=1)(x),
    "Activation": lambda layers, x: layers.Multiply()([
        layers.Activation("sigmoid")(x), layers.Activation("tanh")(x), layers.Activation("softmax")(x)]),
    "Dropout": lambda layers, x: layers.SpatialDropout1D(0.1)(layers.Dropout(0.1)(x)),
    "pooling": lambda layers, x: layers.GlobalAveragePooling1D()(layers.AveragePooling1D(2)(x)),
    "Permute": lambda layers, x: layers.Permute((2, 1))(x),
    "delay vectors": lambda layers, x: layers.Concatenate()([
        layers.Cropping1D((2 - k, k))(x) for k in range(3)]),
    "Rescaling": lambda layers, x: layers.Subtract()([x, layers.Rescaling([2.0, 1.0, 0.5])(x)]),
    "nested": nested,
}  # fmt: skip
"""One small network for each layer that ours are made of."""


def network(body: str) -> Any:
    """From `(window, 12, 3)` to `(window, 4, 2)` through a body."""
    keras().utils.clear_session()  # the names of layers count from 1 again
    keras().utils.set_random_seed(0)
    layers = keras().layers
    context = layers.Input((CONTEXT, CHANNELS), name="context")
    x = layers.Flatten()(BODIES[body](layers, context))
    x = layers.Add()([layers.Dense(8)(x), layers.Dense(8)(layers.Flatten()(context))])
    return keras().Model(context, layers.Reshape((4, 2))(x), name="network")


built = cache(network)
"""The same, for those who only look: building all of them takes a while."""


@pytest.mark.parametrize("body", sorted(BODIES))
def test_every_layer_can_be_saved_and_served_and_trained_further(body):
    model = built(body)
    onnx, archived = exported(model)
    inputs = np.random.default_rng(1).normal(size=(7, CONTEXT, CHANNELS)).astype("float32")
    expected = np.asarray(model.predict_on_batch(inputs))
    served = OnnxNetwork.checked(onnx, CONTEXT, 4, 2)
    np.testing.assert_allclose(served.predict_segment(inputs), expected, atol=1e-5)
    np.testing.assert_allclose(trainable(archived).predict_on_batch(inputs), expected, atol=1e-6)


def test_every_layer_that_is_let_in_was_tried():
    tried = set()
    for body in BODIES:
        waiting = [built(body)]
        while waiting:
            layer = waiting.pop()
            tried.add(type(layer).__name__)
            waiting += getattr(layer, "layers", []) or [
                getattr(layer, name) for name in ("layer", "forward_layer", "cell") if hasattr(layer, name)
            ]
    assert (PLAIN | set(WEIGHTED) | set(OWN)) - tried == set()


def test_the_same_model_gives_the_same_bytes():
    assert exported(network("GRU")) == exported(network("GRU"))


def test_what_trained_a_model_is_not_saved():
    model = network("Dense")
    untrained = exported(model)
    rate = keras().optimizers.schedules.CosineDecay(0.0, 10)
    model.compile(optimizer=keras().optimizers.Adam(rate), loss="mae")
    model.train_on_batch(np.ones((2, CONTEXT, CHANNELS)), np.zeros((2, 4, 2)))
    assert exported(model) == untrained


def test_an_export_that_computes_something_else_is_a_bug_and_not_saved(monkeypatch):
    model = network("Dense")
    honest = archive.export_onnx

    def lying(model: Any, path: Any) -> None:
        layer = next(layer for layer in model.layers if layer.weights)
        layer.set_weights([weights + 1e-3 for weights in layer.get_weights()])
        honest(model, path)
        layer.set_weights([weights - 1e-3 for weights in layer.get_weights()])

    monkeypatch.setattr(archive, "export_onnx", lying)
    with pytest.raises(BundleError, match="differs from the trained one"):
        exported(model)


# --- hostile files ---


@pytest.fixture(scope="module")
def parts() -> dict[str, bytes]:
    return unzipped(exported(network("GRU"))[1], NAMES.__contains__)


def forged(parts: dict[str, bytes], change: Callable[[dict[str, Any]], Any]) -> bytes:
    """The archive with one layer of the configuration changed: the GRU."""
    config = json.loads(parts[CONFIG])
    change(next(layer for layer in config["config"]["layers"] if layer["class_name"] == "GRU"))
    return zipped({**parts, CONFIG: json.dumps(config).encode()})


def test_the_forged_archive_of_these_tests_is_accepted(parts):
    check_archive(forged(parts, lambda layer: None))


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        (b'"module":"keras.layers"', b'"module":"os.path"', "class from 'os.path'"),
        (b'"class_name":"GRU"', b'"class_name":"Lambda"', "Lambda"),
        (b'"class_name":"GRU"', b'"class_name":"TFSMLayer"', "TFSMLayer"),
        (b'"class_name":"GlorotUniform"', b'"class_name":"Lambda"', "Lambda"),
        (b'"class_name":"GlorotUniform"', b'"class_name":["a"]', "made with"),
        (b'"class_name":"GRU"', b'"class_name":["GRU"]', "described"),
        (b'"name":"float32"', b'"name":"float64"', "float32"),
        (b"{", b"[", "not valid"),
    ],
)
def test_a_keras_file_that_asks_for_more(parts, old, new, match):
    assert old in parts[CONFIG]
    with pytest.raises(BundleError, match=match):
        check_archive(zipped({**parts, CONFIG: parts[CONFIG].replace(old, new, 1)}))
    with pytest.raises(BundleError, match="must hold"):
        check_archive(zipped({WEIGHTS: parts[WEIGHTS]}))


@pytest.mark.parametrize(
    ("units", "match"),
    [(14_000, "weights or more"), (60, "weights or more"), (-1, "no size"), (0, "no size"), ("x", "no size"),
     (True, "no size"), (5.0, "no size"), (None, "no size"), ([10**6] * 3, "weights or more"), (10**9, "no size")],
)  # fmt: skip
def test_sizes_that_the_file_does_not_hold(parts, units, match):
    with pytest.raises(BundleError, match=match):
        check_archive(forged(parts, lambda layer: layer["config"].update(units=units)))


@pytest.mark.parametrize(
    "change",
    [
        {"build_config": {"input_shape": [None, 12, 10**6]}}, {"build_config": None}, {"config": None},
        {"build_config": {"input_shape": None}}, {"build_config": {"input_shape": [None, 12, "x"]}}, {"config": {}},
    ],
    ids=range(6),
)  # fmt: skip
def test_a_layer_that_is_not_described(parts, change):
    with pytest.raises(BundleError, match="described|weights or more"):
        check_archive(forged(parts, lambda layer: layer.update(change)))


@pytest.mark.parametrize("setting", [{"lora_rank": 10**9}, {"unroll": True}])
def test_settings_that_none_of_our_layers_has(parts, setting):
    with pytest.raises(BundleError, match="setting|unrolled"):
        check_archive(forged(parts, lambda layer: layer["config"].update(setting)))


@pytest.fixture(scope="module")
def of_our_cells() -> str:
    return json.dumps(keras().saving.serialize_keras_object(network("Peepholes")))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({}, ""),
        ({"module": "os.path"}, "cell which none"),
        ({"module": "tsforecast.models.networks.archive"}, "cell which none"),
        ({"registered_name": "other>SkipLSTMCell"}, "cell which none"),
        ({"class_name": "StackedRNNCells"}, "cell which none"),
        ({"units": 20_000}, "weights or more"),
        ({"time_skip": 10**9}, "no size"),
        ({"time_skip": 10**6}, "too much memory"),
        ({"lora_rank": 8}, "a setting 'lora_rank'"),
    ],
    ids=str,
)
def test_cells_that_are_none_of_ours(of_our_cells, change, match):
    config = json.loads(of_our_cells)
    layer = next(layer for layer in config["config"]["layers"] if layer["class_name"] == "RNN")
    cell = layer["config"]["cell"]
    for name, value in change.items():
        (cell if name in cell else cell["config"])[name] = value
    with pytest.raises(BundleError, match=match) if match else contextlib.nullcontext():
        check_layers(config, 20_000, to_train=True)


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("networks.custom.positions", "networks.archive", "class from"),
        ("tsforecast>Positions", "other>Positions", "class from|calls itself"),
        ('"class_name": "Positions"', '"class_name": "Flatten"', "class from"),
        ('[null, 12, 3]}, "name": "positions"', '[null, 100000, 3]}, "name": "positions"', "weights or more"),
    ],
)
def test_a_layer_that_is_none_of_ours(parts, old, new, match):
    config = keras().saving.serialize_keras_object(network("Positions"))
    for layer in config["config"]["layers"]:
        layer["build_config"] = layer.pop("build_config", None)
        layer["name"] = layer.pop("name")
    text = json.dumps(config)
    assert old in text
    with pytest.raises(BundleError, match=match):
        check_archive(zipped({**parts, CONFIG: text.replace(old, new).encode()}))


def test_what_keras_refuses_is_refused(parts):
    lying = forged(parts, lambda layer: layer["config"].update(units=4))
    check_archive(lying)
    with pytest.raises(BundleError, match="refused by Keras"):
        trainable(lying)
    with pytest.raises(BundleError, match="refused by Keras"):
        trainable(zipped({**parts, WEIGHTS: zlib.compress(bytes(10**6)) + bytes(20_000)}))


def test_a_network_too_large_to_train_is_not_built(parts):
    config = parts[CONFIG].replace(b"[null,12,3]", b"[null,900000,3]")
    long = zipped({**parts, CONFIG: config})
    with pytest.raises(BundleError, match="too much memory to be trained"):
        trainable(long)


@pytest.mark.parametrize(
    ("limit", "match"),
    [
        ("", ""),
        ("REHEARSAL_SECONDS = 1", "more than 1 seconds"),
        ("REHEARSAL_MEMORY = 2**24", "memory|end the process"),
    ],
    ids=["an honest one", "time", "memory"],
)
def test_a_network_is_tried_in_a_child_before_it_is_trained_here(parts, tmp_path, limit, match):
    """In a process of its own: where TensorFlow runs already, as in this one, there is no child."""
    (tmp_path / "network.keras").write_bytes(zipped(parts))
    code = (
        "from pathlib import Path\n"
        "from tsforecast.errors import BundleError\n"
        "from tsforecast.models.networks import archive\n"
        f"{f'archive.{limit}' if limit else ''}\n"
        "try:\n"
        f"    print(archive.trainable(Path({str(tmp_path / 'network.keras')!r}).read_bytes()).input_shape)\n"
        "except BundleError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert re.search(match or re.escape("(None, 12, 3)"), done.stdout)
