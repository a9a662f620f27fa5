"""Networks from strangers: an answer or a BundleError, in bounded time and memory, whatever is in the file."""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import sys

import numpy as np
import pytest

from tsforecast.errors import BundleError, UsageError
from tsforecast.models.networks import graph, serving
from tsforecast.models.networks.serving import OnnxNetwork
from tsforecast.models.networks.worker import Worker
from tsforecast.models.state import State

onnx = pytest.importorskip("onnx", reason="making ONNX models needs onnx (pip install 'tsforecast-cli[train]')")

from onnx_models import BOUNDS, NEGATED, SLICE, constant, loop, lstm, node, small  # noqa: E402 - it needs onnx

in_a_child = pytest.mark.skipif(sys.platform != "linux", reason="a model runs in a child process on Linux alone")


def checked(content: bytes) -> OnnxNetwork:
    return OnnxNetwork.checked(content, 24, 6, 1)


def refuse(content: bytes, match: str) -> None:
    with pytest.raises(BundleError, match=match) as caught:
        checked(content)
    assert "\n" not in caught.value.message
    assert len(caught.value.message) <= 500


# --- what is served ---


def test_a_small_honest_model_is_accepted():
    inputs = np.random.default_rng(0).normal(size=(3, 24, 1))
    answers = checked(small(NEGATED, BOUNDS)).predict_segment(inputs)
    np.testing.assert_allclose(answers, -inputs[:, 18:], rtol=1e-6)
    assert answers.dtype == np.float64


def test_many_windows_are_answered_in_batches(monkeypatch):
    inputs = np.random.default_rng(0).normal(size=(50, 24, 1))
    network = checked(lstm().SerializeToString())
    at_once = network.predict_segment(inputs)
    monkeypatch.setattr(serving, "_STEPS", 24 * 7)
    np.testing.assert_allclose(network.predict_segment(inputs), at_once, atol=1e-6)
    assert network.predict_segment(inputs[:0]).shape == (0, 6, 1)


@in_a_child
def test_a_copy_has_a_child_of_its_own_and_each_ends_with_its_network():
    network = checked(small(NEGATED, BOUNDS))
    copy = pickle.loads(pickle.dumps(network))
    inputs = np.ones((1, 24, 1))
    np.testing.assert_array_equal(copy.predict_segment(inputs), network.predict_segment(inputs))
    children = [n._worker._child._pid for n in (network, copy)]
    assert len({*children, os.getpid()}) == 3
    del network, copy
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


@in_a_child
def test_a_fork_of_this_process_does_not_take_the_answers_of_its_parent():
    network = checked(small(NEGATED, BOUNDS))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, network.predict_segment(np.ones((1, 24, 1)))[0, 0].tobytes())
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert np.frombuffer(os.read(reading, 8))[0] == -1
    assert network.predict_segment(np.full((1, 24, 1), 2.0))[0, 0, 0] == -2


# --- what is refused before ONNX Runtime sees it ---


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_not_finite(bad):
    forged = lstm()
    weights = forged.graph.initializer[2]
    array = onnx.numpy_helper.to_array(weights).copy()
    array.flat[-1] = bad
    weights.CopyFrom(onnx.numpy_helper.from_array(array, "head"))
    refuse(forged.SerializeToString(), "not finite")
    weights.CopyFrom(onnx.helper.make_tensor("head", onnx.TensorProto.FLOAT, array.shape, array.ravel()))
    refuse(forged.SerializeToString(), "not finite")


def test_outputs_that_are_not_finite():
    refuse(small([*SLICE, node("Log", ["cut"], ["y"])], BOUNDS), "not finite")


def test_weights_in_another_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.bin").write_bytes(bytes(24))
    tensor = constant("w", np.zeros((6, 1)))
    onnx.external_data_helper.set_external_data(tensor, "secret.bin")
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    add = node("Add", ["cut", "w"], ["y"])
    refuse(small([*SLICE, add], [*BOUNDS, tensor]), "another file")
    refuse(small([*SLICE, node("Constant", [], ["w"], value=tensor), add], BOUNDS), "another file")


def test_a_tensor_larger_than_its_data():
    tensor = constant("w", np.zeros((6, 1)))
    tensor.dims[0] = 2**40
    refuse(small(SLICE, [*BOUNDS, tensor]), "larger than its data")
    tensor.ClearField("raw_data")
    refuse(small(SLICE, [*BOUNDS, tensor]), "larger than its data")


@pytest.mark.parametrize("far", [2**62, -(2**62)])
def test_whole_numbers_on_which_onnx_runtime_aborts_the_process(far):
    neg = node("Neg", ["cut"], ["y"])
    refuse(small([*SLICE, neg], [constant("from", [far], "int64"), *BOUNDS[1:]]), "whole numbers")
    written_out = onnx.helper.make_tensor("from", onnx.TensorProto.INT64, [1], [far])
    refuse(small([*SLICE, neg], [written_out, *BOUNDS[1:]]), "whole numbers")
    attribute = node("Constant", [], ["from"], value_ints=[far])
    refuse(small([attribute, *SLICE, neg], BOUNDS[1:]), "whole numbers")


def test_foreign_operators_functions_and_sparse_tensors():
    refuse(small([node("Neg", ["x"], ["y"], domain="evil")]), "foreign domain 'evil'")
    body = onnx.helper.make_function(
        "evil", "F", ["a"], ["b"], [node("Neg", ["a"], ["b"])], [onnx.helper.make_opsetid("", 17)]
    )
    refuse(small([node("F", ["x"], ["y"], domain="evil")], functions=[body]), "functions")
    refuse(small([node("NonZero", ["x"], ["y"])]), "operator 'NonZero'")
    forged = lstm()
    forged.graph.sparse_initializer.add()
    refuse(forged.SerializeToString(), "sparse")


def test_shapes_other_than_promised():
    refuse(small(NEGATED, BOUNDS, inputs=("x", "z")), "one input")
    refuse(small(NEGATED, BOUNDS, answer=("n", 7, 1)), r"leads from \(24, 1\) to \(7, 1\)")
    refuse(small(NEGATED, BOUNDS, answer=("n", 6)), "leads from")
    refuse(small(NEGATED, BOUNDS, context=2**40), "leads from")
    refuse(small(NEGATED, BOUNDS, context=25), "leads from")
    doubled = [*SLICE, node("Concat", ["cut", "cut"], ["y"], axis=1)]
    refuse(small(doubled, BOUNDS), "ONNX Runtime|answer")
    refuse(small([node("Neg", ["nowhere"], ["y"])]), "refused by ONNX Runtime")


@pytest.mark.parametrize("content", [b"", b"x", b"\xff" * 100, bytes(1000), b"PK\x03\x04"])
def test_what_is_no_onnx(content):
    refuse(content, "the ONNX model")


def test_graphs_in_graphs_without_end():
    inner = onnx.helper.make_graph([], "g", [], [])
    for _ in range(12):
        inner = onnx.helper.make_graph([node("Loop", [], [], body=inner)], "g", [], [])
    refuse(small([node("Loop", [], [], body=inner)]), "nests too deeply")


def field(number: int, content: bytes) -> bytes:
    """A field of bytes in Protocol Buffers."""
    size, at = b"", len(content)
    while at > 0x7F:
        size += bytes([at & 0x7F | 0x80])
        at >>= 7
    return bytes([number << 3 | 2]) + size + bytes([at]) + content


@pytest.mark.parametrize(
    "bomb",
    [
        field(7, field(5, field(1, b"\x01" * 400_000))),  # a tensor of 400,000 axes
        field(7, field(5, b"\x08\x01" * 400_000)),  # one number a field
        field(7, field(1, field(5, field(8, b"\x01" * 120_000_000)))),  # an attribute of whole numbers
        field(7, field(1, field(5, b"\x40\x01" * 400_000))),
        field(7, field(11, b"\x01" * 400_000)),  # an input
        field(7, field(13, b"\x01" * 400_000)),  # what values there are
        field(7, field(1, b"") * 400_000),  # nodes
        field(14, b"x" * 10**6),  # remarks
        b"\x08\x01" * 10**6,
    ],
    ids=range(9),
)  # fmt: skip
def test_lists_without_end_are_not_read_to_their_end(bomb):
    before = resource.getrusage(resource.RUSAGE_SELF)
    with pytest.raises(BundleError, match="at most|more than|larger than its data"):
        graph.check(bomb)
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_maxrss - before.ru_maxrss < 64 * 1024, "kilobytes"


def test_a_damaged_graph_is_read_to_its_end_or_refused():
    """The reader of ONNX by itself: it meets every byte, and ends."""
    content = lstm().SerializeToString()
    graph.check(content)
    for seed in range(400):
        rng = np.random.default_rng(seed)
        damaged = bytearray(content)
        for _ in range(rng.integers(1, 4)):
            damaged[int(rng.integers(len(damaged)))] = int(rng.integers(256))
        with contextlib.suppress(BundleError):
            graph.check(bytes(damaged))


# --- what a child process dies of instead of us ---


@in_a_child
def test_a_model_that_asks_for_all_memory():
    nodes = [
        node("ConstantOfShape", ["size"], ["zeros"]),
        node("ReduceSum", ["zeros"], ["sum"], keepdims=0),
        node("Add", ["cut", "sum"], ["y"]),
    ]
    content = small([*SLICE, *nodes], [*BOUNDS, constant("size", [2**29], "int64")])
    refuse(content, "refused by ONNX Runtime|memory|end the process")


@in_a_child
@pytest.mark.parametrize("asked", ["in the file", "by the data"])
def test_a_loop_that_never_ends(asked, monkeypatch):
    monkeypatch.setattr(serving, "SECONDS", 1.0)
    yes = constant("yes", True, "bool")
    if asked == "in the file":
        refuse(small(loop("many"), [*BOUNDS, constant("many", 2**31, "int64"), yes]), "more than 1 seconds")
        return
    # as many turns as the largest value says: none in a trial on zeros, without end on data
    before = [node("ReduceMax", ["x"], ["largest"], keepdims=0), node("Cast", ["largest"], ["many"], to=7)]
    network = checked(small(loop("many", before=before), [*BOUNDS, yes]))
    with pytest.raises(BundleError, match="more than 1 seconds"):
        network.predict_segment(np.full((1, 24, 1), 2e9))
    # and the next question is answered by a new child
    assert network.predict_segment(np.ones((1, 24, 1)))[0, 0, 0] == -1


@in_a_child
def test_a_model_on_which_onnx_runtime_ends_the_process():
    """An LSTM over no windows at all: some versions abort, none answers."""
    weights = [constant(name, np.zeros((1, 16, width))) for name, width in (("w", 1), ("r", 4))]
    nodes = [
        node("Slice", ["x", "from", "to", "axis"], ["none"]),
        node("LSTM", ["none", "w", "r"], ["", "y"], hidden_size=4),
    ]
    bounds = [constant(name, [value], "int64") for name, value in (("from", 5), ("to", 5), ("axis", 1))]
    refuse(small(nodes, [*bounds, *weights]), "the ONNX model")


# --- the child itself ---


@in_a_child
@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (lambda _: os.abort(), "end the process"),
        (lambda _: os._exit(0), "end the process"),
        (lambda _: os.kill(os.getpid(), signal.SIGSTOP), "more than 0.5 seconds"),
        (lambda _: bytearray(2**30), "too much memory"),
        (lambda _: 1 / 0, "end the process"),
    ],
    ids=["abort", "exit", "stop", "memory", "error"],
)
def test_whatever_happens_to_a_child_is_one_error(answer, match):
    worker = Worker("this", answer, 2**28)
    with pytest.raises(BundleError, match=f"th.*{match}"):
        worker.ask(b"", 0.5)


@in_a_child
def test_a_child_neither_speaks_nor_hears_what_is_said_to_its_parent(capfd):
    def answer(request: bytes) -> bytes:
        os.write(1, b"stdout")
        os.write(2, b"stderr")
        os.kill(os.getpid(), signal.SIGINT)
        return os.read(0, 1) + request

    assert Worker("this", answer, 2**28).ask(b"heard", 20) == b"heard"
    assert capfd.readouterr() == ("", "")


# --- quantising ---


def test_eight_bits_are_smaller_and_close():
    rng = np.random.default_rng(0)
    nodes = [
        node("Squeeze", ["x", "axis"], ["flat"]),
        node("MatMul", ["flat", "w"], ["hidden"]),
        node("MatMul", ["hidden", "v"], ["answer"]),
        node("Unsqueeze", ["answer", "axis"], ["y"]),
    ]
    weights = [constant("w", rng.normal(size=(24, 200))), constant("v", rng.normal(size=(200, 6)))]
    content = small(nodes, [*weights, constant("axis", [2], "int64")])
    state = serving.quantized(State({"penalty": 1.0}, {}, {"network.onnx": content, "network.keras": b"large"}))
    assert (state.settings, set(state.blobs)) == ({"penalty": 1.0}, {"network.onnx"})
    smaller = state.blobs["network.onnx"]
    assert len(smaller) < len(content) / 2
    inputs = rng.normal(size=(5, 24, 1))
    ours, theirs = (checked(c).predict_segment(inputs) for c in (smaller, content))
    assert 0 < np.abs(ours - theirs).max() < 0.1 * theirs.std()


def test_only_networks_can_be_quantized():
    with pytest.raises(UsageError, match="only a network"):
        serving.quantized(State({"penalty": 1.0}))
