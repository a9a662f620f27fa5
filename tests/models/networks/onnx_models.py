"""Small ONNX models, honest and hostile: from `x` `(window, 24, 1)` to `y` `(window, 6, 1)`."""

from __future__ import annotations

import numpy as np
import onnx

FLOAT, INT, BOOL = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64, onnx.TensorProto.BOOL
node = onnx.helper.make_node


def model(nodes, initializers=(), *, functions=(), opset: int = 17, inputs=("x",), answer=("n", 6, 1), context=24):
    """An ONNX model of these nodes."""
    values = [onnx.helper.make_tensor_value_info(name, FLOAT, ["n", context, 1]) for name in inputs]
    output = onnx.helper.make_tensor_value_info("y", FLOAT, list(answer))
    made = onnx.helper.make_model(
        onnx.helper.make_graph(list(nodes), "g", values, [output], list(initializers)),
        opset_imports=[onnx.helper.make_opsetid("", opset), onnx.helper.make_opsetid("evil", 1)],
        functions=list(functions),
    )
    made.ir_version = 8
    return made


def small(*args, **settings) -> bytes:
    """The bytes of `model`."""
    return model(*args, **settings).SerializeToString()


def constant(name: str, values, kind="float32"):
    """An initializer."""
    return onnx.numpy_helper.from_array(np.asarray(values, dtype=kind), name)


SLICE = [node("Slice", ["x", "from", "to", "axis"], ["cut"])]
BOUNDS = [constant("from", [18], "int64"), constant("to", [24], "int64"), constant("axis", [1], "int64")]
NEGATED = [*SLICE, node("Neg", ["cut"], ["y"])]


def lstm(seed: int = 0):
    """An LSTM of 4 units over the context, and a matrix from its last state to the answer."""
    rng = np.random.default_rng(seed)
    nodes = [
        node("Transpose", ["x"], ["steps"], perm=[1, 0, 2]),
        node("LSTM", ["steps", "w", "r"], ["", "state"], hidden_size=4),
        node("Squeeze", ["state", "first"], ["flat"]),
        node("MatMul", ["flat", "head"], ["answer"]),
        node("Unsqueeze", ["answer", "last"], ["y"]),
    ]
    weights = [
        constant("w", rng.normal(size=(1, 16, 1))),
        constant("r", rng.normal(size=(1, 16, 4))),
        constant("head", rng.normal(size=(4, 6))),
        constant("first", [0], "int64"),
        constant("last", [2], "int64"),
    ]
    return model(nodes, weights)


def loop(count, *, before=()):
    """A loop of `count` turns over the answer: the name of an int64 scalar, made by the nodes `before` it."""
    body = onnx.helper.make_graph(
        [node("Identity", ["going"], ["on"]), node("Neg", ["state"], ["next"])],
        "body",
        [
            onnx.helper.make_tensor_value_info("i", INT, []),
            onnx.helper.make_tensor_value_info("going", BOOL, []),
            onnx.helper.make_tensor_value_info("state", FLOAT, None),
        ],
        [
            onnx.helper.make_tensor_value_info("on", BOOL, []),
            onnx.helper.make_tensor_value_info("next", FLOAT, None),
        ],
    )
    return [*SLICE, *before, node("Loop", [count, "yes", "cut"], ["y"], body=body)]
