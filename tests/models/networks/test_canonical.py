"""One form for one network: names and order of an export do not matter."""

from __future__ import annotations

import numpy as np
import pytest

from tsforecast.models.networks.canonical import canonical_config, canonical_onnx
from tsforecast.models.networks.serving import OnnxNetwork

onnx = pytest.importorskip("onnx", reason="making ONNX models needs onnx (pip install 'tsforecast-cli[train]')")

from onnx_models import lstm  # noqa: E402 - it needs onnx


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


def test_names_and_order_do_not_matter():
    content = canonical_onnx(lstm().SerializeToString())
    for seed in range(5):
        other = scrambled(content, seed)
        assert other != content
        assert canonical_onnx(other) == content


def test_a_canonical_graph_computes_the_same():
    content = lstm().SerializeToString()
    inputs = np.random.default_rng(0).normal(size=(4, 24, 1))
    first, again = (
        OnnxNetwork.checked(c, 24, 6, 1).predict_segment(inputs)
        for c in (content, canonical_onnx(scrambled(content, 1)))
    )
    np.testing.assert_array_equal(first, again)


def test_other_weights_have_another_form():
    assert canonical_onnx(lstm(0).SerializeToString()) != canonical_onnx(lstm(1).SerializeToString())


def test_shared_objects_are_numbered_in_order():
    config = {"a": {"shared_object_id": 140394}, "b": [{"shared_object_id": 7}, {"shared_object_id": 140394}]}
    assert canonical_config(config) == {
        "a": {"shared_object_id": 0},
        "b": [{"shared_object_id": 1}, {"shared_object_id": 0}],
    }
