"""A look into an ONNX model before ONNX Runtime sees it.

ONNX Runtime does not promise to be safe on hostile models. Ours need little of what the format can do, so the rest is
refused: data in other files, functions, other operators, numbers that are not finite, tensors larger than their data.
The format is Protocol Buffers; this reads just as much of it as the checks need (onnx.proto, ONNX 1.x), so that
predicting does not need the `onnx` package.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from tsforecast.errors import BundleError

MAX_NODES = 10_000
MAX_NESTING = 8
LARGEST = 2**31
"""Of any whole number (a bound of a slice, an axis, a length): ONNX Runtime can abort the process on larger ones."""
OPERATORS = frozenset((
    "Abs", "Add", "And", "Cast", "Ceil", "Clip", "Concat", "Constant", "ConstantOfShape", "DequantizeLinear", "Div",
    "DynamicQuantizeLSTM", "DynamicQuantizeLinear", "DynamicQuantizeMatMul", "Elu", "Equal", "Erf", "Exp", "Expand",
    "Flatten", "Floor", "GRU", "Gather", "Gelu", "Gemm", "Greater", "GreaterOrEqual", "HardSigmoid", "Identity",
    "LSTM", "LayerNormalization", "LeakyRelu", "Less", "LessOrEqual", "Log", "Loop", "MatMul", "MatMulInteger",
    "MatMulIntegerToFloat", "Max", "Mean", "Min", "Mul", "Neg", "Not", "Or", "Pow", "QuantizeLinear", "RNN",
    "Reciprocal", "ReduceMax", "ReduceMean", "ReduceSum", "Relu", "Reshape", "ReverseSequence", "Scan", "Selu",
    "Shape", "Sigmoid", "Sign", "Slice", "Softmax", "Softplus", "Softsign", "Split", "Sqrt", "Squeeze", "Sub", "Sum",
    "Tanh", "Tile", "Transpose", "Unsqueeze", "Where",
))  # fmt: skip
"""What networks are made of, and what quantising puts in."""
DOMAINS = ("", "ai.onnx", "com.microsoft")

# Field numbers of onnx.proto.
_MODEL_GRAPH, _MODEL_TRAINING, _MODEL_FUNCTIONS = 7, 20, 25
_GRAPH_NODE, _GRAPH_TENSOR, _GRAPH_SPARSE = 1, 5, 15
_NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 4, 5, 7
_ATTRIBUTE_INTS, _ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS, _ATTRIBUTE_SPARSE = (3, 8), (5, 10), (6, 11), (22, 23)
_DIMS, _TYPE, _INTS, _RAW, _EXTERNAL, _LOCATION = 1, 2, 7, 9, 13, 14
_FLOATS = {4: "<f4", 10: "<f8"}
# By TensorProto.DataType: float, uint8, int8, int32, int64, bool, float16, double.
_TYPES = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8", 9: "u1", 10: "<f2", 11: "<f8"}

Field = tuple[int, int | memoryview]


def check(content: bytes) -> None:
    """Refuse an ONNX model that is more than a network of ours could be.

    Raises:
        BundleError: Saying what was found.
    """
    try:
        graphs = []
        for number, value in _fields(memoryview(content)):
            if number in (_MODEL_TRAINING, _MODEL_FUNCTIONS):
                raise BundleError("model.onnx holds functions or training steps of its own")
            if number == _MODEL_GRAPH:
                graphs.append(_message(value))
        if len(graphs) != 1:
            raise BundleError("model.onnx must hold one graph")
        nodes = sum(1 for graph in graphs for _ in _nodes(graph, 0))
    except (IndexError, ValueError) as error:
        raise BundleError(f"model.onnx is damaged: {error}") from None
    if nodes > MAX_NODES:
        raise BundleError(f"model.onnx has {nodes} nodes, at most {MAX_NODES} are allowed")


def _nodes(graph: memoryview, nesting: int) -> Iterator[memoryview]:
    """All nodes of a graph and of the graphs inside it, checking tensors on the way."""
    if nesting > MAX_NESTING:
        raise BundleError("model.onnx nests too deeply")
    for number, value in _fields(graph):
        if number == _GRAPH_TENSOR:
            _check_tensor(_message(value))
        elif number == _GRAPH_SPARSE:
            raise BundleError("model.onnx holds sparse tensors")
        elif number == _GRAPH_NODE:
            yield _message(value)
            yield from _inside(_message(value), nesting)


def _inside(node: memoryview, nesting: int) -> Iterator[memoryview]:
    for number, value in _fields(node):
        if number == _NODE_DOMAIN and _text(value) not in DOMAINS:
            raise BundleError(f"model.onnx uses operators of a foreign domain {_text(value)!r}")
        if number == _NODE_OPERATOR and _text(value) not in OPERATORS:
            raise BundleError(f"model.onnx uses the operator {_text(value)!r}, which no network of ours needs")
        if number == _NODE_ATTRIBUTE:
            for inner, part in _fields(_message(value)):
                if inner in _ATTRIBUTE_SPARSE:
                    raise BundleError("model.onnx holds sparse tensors")
                if inner in _ATTRIBUTE_INTS:
                    _check_numbers(np.array(_ints(part), dtype="int64"))
                elif inner in _ATTRIBUTE_TENSORS:
                    _check_tensor(_message(part))
                elif inner in _ATTRIBUTE_GRAPHS:
                    yield from _nodes(_message(part), nesting + 1)


def _check_tensor(tensor: memoryview) -> None:
    dims: list[int] = []
    raw: memoryview | None = None
    kind, numbers = 0, []
    for number, value in _fields(tensor):
        if number == _EXTERNAL or (number == _LOCATION and value != 0):
            raise BundleError("model.onnx keeps its weights in another file")
        if number == _DIMS:
            dims += _ints(value)
        elif number == _TYPE and isinstance(value, int):
            kind = value
        elif number == _RAW:
            raw = _message(value)
        elif number == _INTS:
            numbers.append(np.array(_ints(value), dtype="int64"))
        elif number in _FLOATS:
            # Packed or not, a field of floats is their bytes.
            numbers.append(np.frombuffer(_message(value), _FLOATS[number]))
    if kind not in _TYPES:
        raise BundleError(f"model.onnx holds a tensor of an unexpected type ({kind})")
    if raw is not None:
        numbers.append(np.frombuffer(raw, _TYPES[kind]))
    # Outside of raw data a number may take less room than in memory, but never less than a byte.
    room = len(tensor) if raw is None else len(numbers[-1])
    if min(dims, default=0) < 0 or math.prod(dims) > room:
        raise BundleError(f"model.onnx declares a tensor of shape {dims} that is larger than its data")
    for part in numbers:
        _check_numbers(part)


def _check_numbers(numbers: npt.NDArray[Any]) -> None:
    if numbers.dtype.kind == "f":
        if not np.isfinite(numbers).all():
            raise BundleError("model.onnx holds weights that are not finite")
    elif len(numbers) and not -LARGEST <= numbers.min() <= numbers.max() <= LARGEST:
        raise BundleError("model.onnx holds whole numbers beyond any length or position")


def _fields(message: memoryview) -> Iterator[Field]:
    """Field numbers and values of a message: an int for a varint, else the bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire == 2:
            size, at = _varint(message, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire}")
        if size > len(message) - at:
            raise ValueError("a field runs past the end")
        yield number, message[at : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number is too long")


def _ints(value: int | memoryview) -> list[int]:
    """Signed whole numbers of a field, packed or not."""
    found, at = [value] if isinstance(value, int) else [], 0
    while isinstance(value, memoryview) and at < len(value):
        number, at = _varint(value, at)
        found.append(number)
    return [number % 2**64 - (2**64 if number % 2**64 >= 2**63 else 0) for number in found]


def _text(value: int | memoryview) -> str:
    return bytes(_message(value)[:64]).decode()


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a number where a message should be")
    return value
