"""A look into an ONNX model before ONNX Runtime sees it.

ONNX Runtime does not promise to be safe on hostile models. Ours need little of what the format can do, so the rest is
refused: data in other files, functions, other operators, numbers that are not finite, tensors larger than their data.
The format is Protocol Buffers; this reads just as much of it as the checks need (onnx.proto, ONNX 1.x), so that
predicting does not need the `onnx` package. How much it reads is bounded, whatever the file says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from tsforecast.errors import BundleError

MAX_FIELDS = 200_000
"""Fields that are looked at in all: a network of a thousand nodes has some 20,000."""
MAX_NESTING = 8
MAX_AXES = 8
MAX_SMALL = 4096
"""Bytes of a field that is no tensor, node or graph: names, shapes, lists of axes."""
LARGEST = 2**31
"""Of any whole number (a bound of a slice, an axis, a length): ONNX Runtime can abort the process on larger ones."""
OPERATORS = frozenset((
    "Abs", "Add", "And", "AveragePool", "Cast", "Ceil", "Clip", "Concat", "Constant", "ConstantOfShape", "Conv",
    "DequantizeLinear", "Div", "DynamicQuantizeLSTM", "DynamicQuantizeLinear", "DynamicQuantizeMatMul", "Einsum",
    "Elu", "Equal", "Erf", "Exp", "Expand", "Flatten", "Floor", "GRU", "Gather", "Gelu", "Gemm",
    "GlobalAveragePool", "Greater", "GreaterOrEqual", "HardSigmoid", "Identity", "LSTM", "LayerNormalization",
    "LeakyRelu", "Less", "LessOrEqual", "Log", "Loop", "MatMul", "MatMulInteger", "MatMulIntegerToFloat", "Max",
    "Mean", "Min", "Mul", "Neg", "Not", "Or", "Pad", "Pow", "QuantizeLinear", "RNN", "Reciprocal", "ReduceMax",
    "ReduceMean", "ReduceProd", "ReduceSum", "Relu", "Reshape", "ReverseSequence", "Scan", "Selu", "Shape",
    "Sigmoid", "Sign", "Slice", "Softmax", "Softplus", "Softsign", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh",
    "Tile", "Transpose", "Unsqueeze", "Where",
))  # fmt: skip
"""What the layers of networks become when they are exported, and what quantising puts in; a test exports each layer."""
DOMAINS = ("", "ai.onnx", "com.microsoft")

# Field numbers of onnx.proto.
_MODEL_GRAPH, _MODEL_TRAINING, _MODEL_FUNCTIONS = 7, 20, 25
_GRAPH_NODE, _GRAPH_TENSOR, _GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_SPARSE = 1, 5, 11, 12, 15
_NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 4, 5, 7
_ATTRIBUTE_INTS, _ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS, _ATTRIBUTE_SPARSE = (3, 8), (5, 10), (6, 11), (22, 23)
_DIMS, _TYPE, _INTS, _RAW, _EXTERNAL, _LOCATION = 1, 2, (5, 7, 11), 9, 13, 14
_FLOATS = {4: "<f4", 10: "<f8"}
# By TensorProto.DataType: float, uint8, int8, int32, int64, bool, float16, double.
_TYPES = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8", 9: "u1", 10: "<f2", 11: "<f8"}
_VALUE_TYPE, _TENSOR_TYPE, _TENSOR_SHAPE, _SHAPE_DIM, _DIM_VALUE = 2, 1, 2, 1, 1

Field = tuple[int, int | memoryview]
Shape = tuple[int, ...]


def check(content: bytes) -> tuple[Shape, Shape]:
    """Refuse an ONNX model that is more than a network of ours could be.

    Returns:
        Shapes of its input and its output, 0 for a length that is not written down.

    Raises:
        BundleError: Saying what was found.
    """
    reader = _Reader()
    try:
        graphs = []
        for number, value in reader.fields(memoryview(content)):
            if number in (_MODEL_TRAINING, _MODEL_FUNCTIONS):
                raise BundleError("the ONNX model holds functions or training steps of its own")
            if number == _MODEL_GRAPH:
                graphs.append(_message(value))
            else:
                _small(value)
        if len(graphs) != 1:
            raise BundleError("the ONNX model must hold one graph")
        return reader.graph(graphs[0])
    except (IndexError, ValueError) as error:
        raise BundleError(f"the ONNX model is damaged: {error}") from None


class _Reader:
    """Reads messages, so many fields and no more."""

    def __init__(self) -> None:
        self.left = MAX_FIELDS

    def graph(self, graph: memoryview, nesting: int = 0) -> tuple[Shape, Shape]:
        """Check a graph and those inside it; shapes of its one input and output, if it is the outermost."""
        if nesting > MAX_NESTING:
            raise BundleError("the ONNX model nests too deeply")
        ends: dict[int, list[memoryview]] = {_GRAPH_INPUT: [], _GRAPH_OUTPUT: []}
        for number, value in self.fields(graph):
            if number == _GRAPH_TENSOR:
                self.tensor(_message(value))
            elif number == _GRAPH_SPARSE:
                raise BundleError("the ONNX model holds sparse tensors")
            elif number == _GRAPH_NODE:
                self.node(_message(value), nesting)
            else:
                _small(value)
                if number in ends:
                    ends[number].append(_message(value))
        if nesting:
            return (), ()
        if any(len(found) != 1 for found in ends.values()):
            raise BundleError("the ONNX model must have one input and one output")
        return self.shape(ends[_GRAPH_INPUT][0]), self.shape(ends[_GRAPH_OUTPUT][0])

    def node(self, node: memoryview, nesting: int) -> None:
        for number, value in self.fields(node):
            if number == _NODE_DOMAIN and _text(value) not in DOMAINS:
                raise BundleError(f"the ONNX model uses operators of a foreign domain {_text(value)!r}")
            if number == _NODE_OPERATOR and _text(value) not in OPERATORS:
                raise BundleError(f"the ONNX model uses the operator {_text(value)!r}, which no network of ours needs")
            if number == _NODE_ATTRIBUTE:
                self.attribute(_message(value), nesting)
            else:
                _small(value)

    def attribute(self, attribute: memoryview, nesting: int) -> None:
        whole: list[int] = []
        for number, value in self.fields(attribute):
            if number in _ATTRIBUTE_SPARSE:
                raise BundleError("the ONNX model holds sparse tensors")
            if number in _ATTRIBUTE_TENSORS:
                self.tensor(_message(value))
            elif number in _ATTRIBUTE_GRAPHS:
                self.graph(_message(value), nesting + 1)
            else:
                _small(value)
                if number in _ATTRIBUTE_INTS:
                    whole += _ints(value)
        _check_numbers(np.array(whole, dtype="int64"))

    def tensor(self, tensor: memoryview) -> None:
        dims: list[int] = []
        raw: memoryview | None = None
        whole: list[int] = []
        kind, numbers = 0, []
        for number, value in self.fields(tensor):
            if number == _EXTERNAL or (number == _LOCATION and value != 0):
                raise BundleError("the ONNX model keeps its weights in another file")
            if number == _RAW:
                raw = _message(value)
            elif number in _FLOATS:
                # Packed or not, a field of floats is their bytes.
                numbers.append(np.frombuffer(_message(value), _FLOATS[number]))
            else:
                _small(value)
                if number == _DIMS:
                    dims += _ints(value)
                elif number == _TYPE and isinstance(value, int):
                    kind = value
                elif number in _INTS:
                    whole += _ints(value)
        if kind not in _TYPES:
            raise BundleError(f"the ONNX model holds a tensor of an unexpected type ({kind})")
        if raw is not None:
            numbers.append(np.frombuffer(raw, _TYPES[kind]))
        # Outside of raw data a number may take less room than in memory, but never less than a byte.
        room = len(tensor) if raw is None else len(numbers[-1])
        if len(dims) > MAX_AXES or min(dims, default=0) < 0 or math.prod(dims) > room:
            raise BundleError(f"the ONNX model has a tensor of shape {str(dims)[:80]}, larger than its data")
        for part in (np.array(whole, dtype="int64"), *numbers):
            _check_numbers(part)

    def shape(self, value: memoryview) -> Shape:
        """The shape of an input or output."""
        for step in (_VALUE_TYPE, _TENSOR_TYPE, _TENSOR_SHAPE):
            inner = [_message(part) for number, part in self.fields(value) if number == step]
            if len(inner) != 1:
                raise BundleError("the ONNX model does not say which shape its input and output have")
            value = inner[0]
        axes = [_message(part) for number, part in self.fields(value) if number == _SHAPE_DIM]
        lengths = []
        for axis in axes[: MAX_AXES + 1]:
            given = [part for number, part in self.fields(axis) if number == _DIM_VALUE and isinstance(part, int)]
            lengths.append(given[-1] if given else 0)
        return tuple(lengths)

    def fields(self, message: memoryview) -> Iterator[Field]:
        """Field numbers and values of a message: an int for a varint, else the bytes."""
        at = 0
        while at < len(message):
            self.left -= 1
            if self.left < 0:
                raise BundleError(f"the ONNX model has more than {MAX_FIELDS} fields")
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


def _check_numbers(numbers: npt.NDArray[Any]) -> None:
    if numbers.dtype.kind == "f":
        if not np.isfinite(numbers).all():
            raise BundleError("the ONNX model holds weights that are not finite")
    elif len(numbers) and not -LARGEST <= numbers.min() <= numbers.max() <= LARGEST:
        raise BundleError("the ONNX model holds whole numbers beyond any length or position")


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


def _small(value: int | memoryview) -> None:
    if isinstance(value, memoryview) and len(value) > MAX_SMALL:
        raise BundleError(f"the ONNX model has a list or name of {len(value)} bytes, at most {MAX_SMALL} are allowed")


def _text(value: int | memoryview) -> str:
    return bytes(_message(value)[:64]).decode(errors="replace")


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a number where a message should be")
    return value
