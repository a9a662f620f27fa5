"""Networks in a bundle: exported, checked, made canonical, quantised, and refused where they are not ours."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tsforecast.bundle.canonical import canonical_config, canonical_onnx
from tsforecast.models.candidate import Candidate
from tsforecast.models.linear import Ridge

from tsforecast import bundle as bundles
from tsforecast.bundle import About, container, graph
from tsforecast.config import ModelConfig
from tsforecast.data.panel import Panel
from tsforecast.errors import BundleError, UsageError
from tsforecast.evaluate.intervals import calibrate
from tsforecast.models.networks import serving
from tsforecast.models.networks.serving import OnnxNetwork
from tsforecast.models.scale import SequenceScaler
from tsforecast.models.shape import Shape

onnx = pytest.importorskip("onnx", reason="making ONNX models needs onnx (pip install 'tsforecast[train]')")


@pytest.fixture(scope="module")
def golden() -> bundles.Bundle:
    return bundles.load(Path(__file__).parents[1] / "golden/lstm.tsf")


def model(golden: bundles.Bundle):
    return onnx.load_from_string(golden.candidate.forecaster.content)


def with_graph(golden: bundles.Bundle, content: bytes) -> bytes:
    forged = dataclasses.replace(golden.candidate.forecaster, content=content)
    return bundles.to_bytes(
        dataclasses.replace(golden, candidate=dataclasses.replace(golden.candidate, forecaster=forged))
    )


def small(nodes, initializers=(), *, functions=(), opset: int = 17, inputs=("x",)) -> bytes:
    """A model from `x` `(window, 24, 1)` to `y` `(window, 6, 1)`."""
    values = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", 24, 1]) for name in inputs]
    output = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n", 6, 1])
    made = onnx.helper.make_model(
        onnx.helper.make_graph(list(nodes), "g", values, [output], list(initializers)),
        opset_imports=[onnx.helper.make_opsetid("", opset), onnx.helper.make_opsetid("evil", 1)],
        functions=list(functions),
    )
    made.ir_version = 8
    return made.SerializeToString()


def constant(name: str, values, kind=None):
    array = np.asarray(values, dtype=kind or "float32")
    return onnx.numpy_helper.from_array(array, name)


in_a_child = pytest.mark.skipif(sys.platform != "linux", reason="a model is tried in a child process on Linux alone")

SLICE = [onnx.helper.make_node("Slice", ["x", "from", "to", "axis"], ["cut"])]
BOUNDS = [constant("from", [18], "int64"), constant("to", [24], "int64"), constant("axis", [1], "int64")]


def refuse(golden: bundles.Bundle, content: bytes, match: str) -> None:
    with pytest.raises(BundleError, match=match) as caught:
        bundles.from_bytes(with_graph(golden, content))
    assert "\n" not in caught.value.message


def test_a_small_honest_model_is_accepted(golden):
    content = small([*SLICE, onnx.helper.make_node("Neg", ["cut"], ["y"])], BOUNDS)
    served = bundles.from_bytes(with_graph(golden, content)).candidate.forecaster
    inputs = np.random.default_rng(0).normal(size=(3, 24, 1))
    np.testing.assert_allclose(served.predict(inputs, 6), -inputs[:, 18:], rtol=1e-6)


def test_many_windows_are_answered_in_batches(golden, monkeypatch):
    inputs = np.random.default_rng(0).normal(size=(50, 24, 1))
    at_once = golden.candidate.forecaster.predict(inputs, 20)
    monkeypatch.setattr(serving, "STEPS_PER_BATCH", 24 * 7)
    np.testing.assert_allclose(golden.candidate.forecaster.predict(inputs, 20), at_once, atol=1e-6)
    assert golden.candidate.forecaster.predict(inputs[:0], 20).shape == (0, 20, 1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_not_finite(golden, bad):
    forged = model(golden)
    weights = next(t for t in forged.graph.initializer if t.data_type == onnx.TensorProto.FLOAT and len(t.dims) > 1)
    array = onnx.numpy_helper.to_array(weights).copy()
    array.flat[-1] = bad
    name = weights.name
    weights.CopyFrom(onnx.numpy_helper.from_array(array, name))
    refuse(golden, forged.SerializeToString(), "not finite")
    weights.CopyFrom(onnx.helper.make_tensor(name, onnx.TensorProto.FLOAT, array.shape, array.ravel()))
    refuse(golden, forged.SerializeToString(), "not finite")


def test_outputs_that_are_not_finite(golden):
    content = small([*SLICE, onnx.helper.make_node("Log", ["cut"], ["y"])], BOUNDS)
    refuse(golden, content, "not finite")


def test_weights_in_another_file(golden, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("secret.bin").write_bytes(bytes(24))
    tensor = constant("w", np.zeros((6, 1)))
    onnx.external_data_helper.set_external_data(tensor, "secret.bin")
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    content = small([*SLICE, onnx.helper.make_node("Add", ["cut", "w"], ["y"])], [*BOUNDS, tensor])
    refuse(golden, content, "another file")
    inside = onnx.helper.make_node("Constant", [], ["w"], value=tensor)
    refuse(golden, small([*SLICE, inside, onnx.helper.make_node("Add", ["cut", "w"], ["y"])], BOUNDS), "another file")


def test_a_tensor_larger_than_its_data(golden):
    tensor = constant("w", np.zeros((6, 1)))
    tensor.dims[0] = 2**40
    refuse(golden, small(SLICE, [*BOUNDS, tensor]), "larger than its data")
    tensor.ClearField("raw_data")
    refuse(golden, small(SLICE, [*BOUNDS, tensor]), "larger than its data")


@pytest.mark.parametrize("far", [2**62, -(2**62)])
def test_whole_numbers_on_which_onnx_runtime_aborts_the_process(golden, far):
    neg = onnx.helper.make_node("Neg", ["cut"], ["y"])
    refuse(golden, small([*SLICE, neg], [constant("from", [far], "int64"), *BOUNDS[1:]]), "whole numbers")
    written_out = onnx.helper.make_tensor("from", onnx.TensorProto.INT64, [1], [far])
    refuse(golden, small([*SLICE, neg], [written_out, *BOUNDS[1:]]), "whole numbers")
    attribute = onnx.helper.make_node("Constant", [], ["from"], value_ints=[far])
    refuse(golden, small([attribute, *SLICE, neg], BOUNDS[1:]), "whole numbers")


def test_foreign_operators_functions_and_sparse_tensors(golden):
    refuse(golden, small([onnx.helper.make_node("Neg", ["x"], ["y"], domain="evil")]), "foreign domain 'evil'")
    body = onnx.helper.make_function(
        "evil", "F", ["a"], ["b"], [onnx.helper.make_node("Neg", ["a"], ["b"])], [onnx.helper.make_opsetid("", 17)]
    )
    refuse(golden, small([onnx.helper.make_node("F", ["x"], ["y"], domain="evil")], functions=[body]), "functions")
    forged = model(golden)
    forged.graph.sparse_initializer.add()
    refuse(golden, forged.SerializeToString(), "sparse")


def test_inputs_and_outputs_other_than_promised(golden):
    neg = [*SLICE, onnx.helper.make_node("Neg", ["cut"], ["y"])]
    refuse(golden, small(neg, BOUNDS, inputs=("x", "z")), "one input")
    refuse(
        golden,
        small([*SLICE, onnx.helper.make_node("Concat", ["cut", "cut"], ["y"], axis=1)], BOUNDS),
        "ONNX Runtime|answer",
    )
    refuse(golden, small([onnx.helper.make_node("NonZero", ["x"], ["y"])]), "operator 'NonZero'")
    refuse(golden, small([onnx.helper.make_node("Neg", ["nowhere"], ["y"])]), "refused by ONNX Runtime")


@pytest.mark.parametrize("content", [b"", b"x", b"\xff" * 100, bytes(1000), b"PK\x03\x04"])
def test_what_is_no_onnx(golden, content):
    refuse(golden, content, r"model\.onnx")


def test_graphs_in_graphs_without_end(golden):
    inner = onnx.helper.make_graph([], "g", [], [])
    for _ in range(12):
        inner = onnx.helper.make_graph([onnx.helper.make_node("Loop", [], [], body=inner)], "g", [], [])
    refuse(golden, small([onnx.helper.make_node("Loop", [], [], body=inner)]), "nests too deeply")


def test_a_model_that_asks_for_all_memory(golden):
    nodes = [
        onnx.helper.make_node("ConstantOfShape", ["size"], ["zeros"]),
        onnx.helper.make_node("ReduceSum", ["zeros"], ["sum"], keepdims=0),
        onnx.helper.make_node("Add", ["cut", "sum"], ["y"]),
    ]
    refuse(golden, small([*SLICE, *nodes], [*BOUNDS, constant("size", [2**31], "int64")]), "ONNX Runtime")


@in_a_child
def test_a_model_that_never_ends(golden, monkeypatch):
    monkeypatch.setattr(serving, "TRIAL_SECONDS", 0.3)
    body = onnx.helper.make_graph(
        [onnx.helper.make_node("Identity", ["going"], ["on"]), onnx.helper.make_node("Neg", ["state"], ["next"])],
        "body",
        [
            onnx.helper.make_tensor_value_info("i", onnx.TensorProto.INT64, []),
            onnx.helper.make_tensor_value_info("going", onnx.TensorProto.BOOL, []),
            onnx.helper.make_tensor_value_info("state", onnx.TensorProto.FLOAT, None),
        ],
        [
            onnx.helper.make_tensor_value_info("on", onnx.TensorProto.BOOL, []),
            onnx.helper.make_tensor_value_info("next", onnx.TensorProto.FLOAT, None),
        ],
    )
    loop = onnx.helper.make_node("Loop", ["many", "yes", "cut"], ["y"], body=body)
    content = small([*SLICE, loop], [*BOUNDS, constant("many", 2**31, "int64"), constant("yes", True, "bool")])
    started = time.monotonic()
    refuse(golden, content, "too long")
    assert time.monotonic() - started < 60


@in_a_child
def test_a_model_on_which_onnx_runtime_ends_the_process(golden):
    """An LSTM over no windows at all: some versions abort, none answers."""
    weights = [constant(name, np.zeros((1, 16, width))) for name, width in (("w", 1), ("r", 4))]
    nodes = [
        onnx.helper.make_node("Slice", ["x", "from", "to", "axis"], ["none"]),
        onnx.helper.make_node("LSTM", ["none", "w", "r"], ["", "y"], hidden_size=4),
    ]
    bounds = [constant(name, [value], "int64") for name, value in (("from", 5), ("to", 5), ("axis", 1))]
    refuse(golden, small(nodes, [*bounds, *weights]), r"model\.onnx")


def test_a_graph_is_read_without_onnx_as_onnx_reads_it(golden):
    content = golden.candidate.forecaster.content
    nodes = [
        bytes(node)
        for value in graph._fields(memoryview(content))
        if value[0] == 7
        for node in graph._nodes(value[1], 0)
    ]
    assert [onnx.NodeProto.FromString(node).op_type for node in nodes] == [
        node.op_type for node in model(golden).graph.node
    ]


# --- one form for one network ---


def scrambled(content: bytes, seed: int) -> bytes:
    """The same graph with other names, in another valid order."""
    rng = np.random.default_rng(seed)
    made = onnx.load_from_string(content)
    names: dict[str, str] = {value.name: value.name for value in made.graph.input} | {"": ""}

    def renamed(name: str) -> str:
        return names.setdefault(name, f"v{rng.integers(10**9)}_{len(names)}")

    for part in (*made.graph.initializer, *made.graph.output):
        part.name = renamed(part.name)
    known = {value.name for value in (*made.graph.input, *made.graph.initializer)} | {""}
    waiting = list(made.graph.node)
    for node in waiting:
        node.input[:] = [renamed(name) for name in node.input]
        node.output[:] = [renamed(name) for name in node.output]
    ordered = []
    while waiting:
        ready = [i for i, node in enumerate(waiting) if known.issuperset(node.input)]
        node = waiting.pop(int(rng.choice(ready)))
        known.update(node.output)
        ordered.append(onnx.NodeProto.FromString(node.SerializeToString()))
    tensors = [onnx.TensorProto.FromString(t.SerializeToString()) for t in made.graph.initializer]
    rng.shuffle(tensors)
    del made.graph.node[:], made.graph.initializer[:]
    made.graph.node.extend(ordered)
    made.graph.initializer.extend(tensors)
    return made.SerializeToString()


def test_names_and_order_do_not_matter(golden):
    content = canonical_onnx(golden.candidate.forecaster.content)
    for seed in range(5):
        other = scrambled(content, seed)
        assert other != content
        assert canonical_onnx(other) == content


def test_a_canonical_graph_computes_the_same(golden):
    scramble = dataclasses.replace(
        golden.candidate.forecaster, content=scrambled(golden.candidate.forecaster.content, 1)
    )
    inputs = np.random.default_rng(0).normal(size=(4, 24, 1))
    again = dataclasses.replace(scramble, content=canonical_onnx(scramble.content))
    np.testing.assert_array_equal(again.predict(inputs, 30), golden.candidate.forecaster.predict(inputs, 30))


def test_other_weights_have_another_form(golden):
    other = model(golden)
    weights = next(t for t in other.graph.initializer if t.data_type == onnx.TensorProto.FLOAT and len(t.dims) > 1)
    weights.raw_data = bytes(len(weights.raw_data))
    assert canonical_onnx(other.SerializeToString()) != canonical_onnx(golden.candidate.forecaster.content)


def test_shared_objects_are_numbered_in_order():
    config = {"a": {"shared_object_id": 140394}, "b": [{"shared_object_id": 7}, {"shared_object_id": 140394}]}
    assert canonical_config(config) == {
        "a": {"shared_object_id": 0},
        "b": [{"shared_object_id": 1}, {"shared_object_id": 0}],
    }


# --- quantising ---


def test_eight_bits_are_smaller_and_close(golden):
    quantized = bundles.quantize_int8(golden)
    read = bundles.from_bytes(bundles.to_bytes(quantized))
    assert read.manifest.quantized == "int8"
    assert len(bundles.to_bytes(read)) < len(bundles.to_bytes(golden))
    histories = [sequence.values for sequence in golden.history.sequences()]
    ours, theirs = (b.candidate.predict(histories, 12, np.arange(1)) for b in (read, golden))
    assert 0 < np.abs(ours - theirs).max() < 0.1 * theirs.std()
    with pytest.raises(UsageError, match="quantized"):
        bundles.trainable(read)


def test_only_networks_can_be_quantized(saved):
    with pytest.raises(UsageError, match="ridge model cannot be quantized"):
        bundles.quantize_int8(saved)


# --- from Keras ---


@pytest.fixture(scope="module")
def network():
    """An untrained GRU whose head is not zero, of context 12 and segment 4."""
    pytest.importorskip("tensorflow", reason="needs TensorFlow (pip install 'tsforecast[train]')")
    from tsforecast.models.networks.recurrent import Network

    rng = np.random.default_rng(0)
    linear = Ridge(12, 4, 10.0, rng.normal(0, 0.1, (12, 4)))
    made = Network.build("gru", linear, 1, Shape(12, 4, 4), ModelConfig(units=3), 0)
    head = made.correction.get_layer("head")
    head.set_weights([rng.normal(0, 0.5, weights.shape) for weights in head.get_weights()])
    return made.gated(0.75)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")
def test_a_network_predicts_the_same_without_keras(network, panel: Panel, about: About):
    values = [sequence.values for sequence in panel.sequences()]
    candidate = Candidate("gru", network, SequenceScaler.fit(values), 4)
    calibration = calibrate(np.ones((30, 6, 1)), (80.0,), log=False)
    data = bundles.to_bytes(bundles.pack(candidate, panel, calibration, {}, about))
    assert data == bundles.to_bytes(bundles.pack(candidate, panel, calibration, {}, about)), "packing again"
    read = bundles.from_bytes(data)
    assert isinstance(read.candidate.forecaster, OnnxNetwork)
    expected = candidate.predict(values, 20, np.arange(2))
    np.testing.assert_allclose(read.candidate.predict(values, 20, np.arange(2)), expected, rtol=1e-4)
    np.testing.assert_allclose(bundles.trainable(read).predict(values, 20, np.arange(2)), expected, rtol=1e-5)

    class Lying(type(network)):
        def predict_segment(self, inputs):
            return super().predict_segment(inputs) + 1e-3

    lying = dataclasses.replace(candidate, forecaster=Lying(network.ridge, network.correction, network.gate))
    with pytest.raises(BundleError, match="differs from the trained one"):
        bundles.pack(lying, panel, calibration, {}, about)


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        (b'"module":"keras.layers"', b'"module":"os.path"', "class from 'os.path'"),
        (b'"class_name":"LSTM"', b'"class_name":"Lambda"', "Lambda"),
        (b"{", b"[", "not valid"),
    ],
)
def test_a_keras_file_that_asks_for_more(golden, old, new, match):
    names = frozenset({"config.json", "metadata.json", "model.weights.h5"})
    parts = container.unzipped(golden.keras, names.__contains__)
    assert old in parts["config.json"]
    parts["config.json"] = parts["config.json"].replace(old, new, 1)
    with pytest.raises(BundleError, match=match):
        bundles.from_bytes(bundles.to_bytes(dataclasses.replace(golden, keras=container.zipped(parts))))
    del parts["config.json"]
    with pytest.raises(BundleError, match="must hold"):
        bundles.from_bytes(bundles.to_bytes(dataclasses.replace(golden, keras=container.zipped(parts))))
