"""Trained networks without TensorFlow: the only file that imports ONNX Runtime.

A network runs in a child process (`worker.py`) that is given bounded work, time and memory: whatever a file makes ONNX
Runtime do, the answer is a forecast or a BundleError. One thread, nothing logged: a forecast of 48 steps takes less
time than a thread pool takes to start.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tsforecast.data.arrays import FloatArray
from tsforecast.errors import BundleError, MissingDependencyError, UsageError
from tsforecast.models.networks import graph
from tsforecast.models.networks.worker import Worker
from tsforecast.models.state import State

MEMORY = 256 * 2**20
"""Bytes that ONNX Runtime may take, beside so many copies of the weights."""
COPIES = 6
SECONDS = 4.0
"""For one call: so little is asked for at once (`_windows_at_once`) that an honest network needs a fraction of it."""
START_SECONDS = 60.0
"""For importing ONNX Runtime, which no file can make longer."""
MAX_CHANNELS = 10_000
MAX_INPUTS = 10**7

_STEPS = 2**15
_WORK = 2**33
_LONG_CONTEXT = 128
Quantization = Literal["int8", "fp16"]
_FEWEST_HALVED = 64
_LARGEST_HALF = 6e4


@dataclass(frozen=True)
class OnnxNetwork:
    """A network ready to predict.

    Attributes:
        content: The ONNX model.
        context_length: Steps it sees.
        segment_length: Steps it answers with.
        channels: Channels of an answer.
    """

    content: bytes
    context_length: int
    segment_length: int
    channels: int

    @classmethod
    def checked(cls, content: bytes, context_length: int, segment_length: int, channels: int) -> OnnxNetwork:
        """The network in bytes that anyone may have written, after a look into them and a trial run.

        Raises:
            BundleError: If it is no network of this shape, or gives numbers that are not finite, or takes too much
                time or memory, or ends the process.
        """
        inputs, outputs = graph.check(content)
        n_inputs = inputs[2] if len(inputs) == 3 else 0
        if not 1 <= n_inputs <= MAX_CHANNELS or context_length * n_inputs > MAX_INPUTS:
            raise BundleError("the ONNX model must take (window, time, channel)")
        if (inputs, outputs) != ((0, context_length, n_inputs), (0, segment_length, channels)):
            shown = " to ".join(str(shape[1:])[:80] for shape in (inputs, outputs))
            raise BundleError(f"the ONNX model leads from {shown}, not as its manifest says")
        network = cls(content, context_length, segment_length, channels)
        if not np.isfinite(network.predict_segment(np.zeros((2, context_length, n_inputs)))).all():
            raise BundleError("the ONNX model gives numbers that are not finite")
        return network

    def predict_segment(self, inputs: FloatArray) -> FloatArray:
        """Answers `(window, segment_length, channel)` to scaled inputs `(window, context_length, channel)`, float64.

        Raises:
            BundleError: If the model fails, takes too much time or memory, or answers with another shape.
        """
        size = self._windows_at_once()
        parts = [self._run(inputs[low : low + size]) for low in range(0, len(inputs), size)]
        outputs = np.concatenate(parts) if parts else np.zeros((0, self.segment_length, self.channels))
        return outputs.astype("float64")

    def __reduce__(self) -> tuple[Any, ...]:
        # a copy has a child process of its own
        return OnnxNetwork, (self.content, self.context_length, self.segment_length, self.channels)

    def _windows_at_once(self) -> int:
        """So many that one call is a second of work at most, and memory stays flat however many windows there are.

        A step costs two operations a weight, and weights are most of the file; attention costs more on long contexts.
        """
        steps = min(_STEPS, _WORK // len(self.content)) // max(1, self.context_length // _LONG_CONTEXT)
        return max(1, steps // self.context_length)

    @functools.cached_property
    def _worker(self) -> Worker:
        worker = Worker("the ONNX model", _Runtime(self.content), MEMORY + COPIES * len(self.content))
        worker.ask(b"", START_SECONDS)
        return worker

    def _run(self, inputs: FloatArray) -> npt.NDArray[np.float32]:
        expected = (len(inputs), self.segment_length, self.channels)
        outputs = _unpacked(self._worker.ask(_packed(np.asarray(inputs, dtype="<f4")), SECONDS))
        if outputs.shape != expected:
            raise BundleError(f"the ONNX model must answer {expected}, received {outputs.shape}")
        return outputs


class _Runtime:
    """What the child does: load ONNX Runtime when asked for nothing, else run the model."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._session: Any = None

    def __call__(self, request: bytes) -> bytes:
        import onnxruntime

        if not request:
            return b""
        # ONNX Runtime's exceptions have no common base but `Exception`.
        try:
            self._session = self._session or self._started(onnxruntime)
            (outputs,) = self._session.run(None, {self._session.get_inputs()[0].name: _unpacked(request)})
        except Exception as error:
            raise BundleError(f"the ONNX model was refused by ONNX Runtime: {str(error)[:200]}") from error
        if outputs.dtype != np.float32 or outputs.ndim != 3:
            raise BundleError("the ONNX model must answer with floats (window, time, channel)")
        return _packed(outputs)

    def _started(self, runtime: Any) -> Any:
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        return runtime.InferenceSession(self._content, options, providers=["CPUExecutionProvider"], enable_fallback=0)


def _packed(array: npt.NDArray[np.float32]) -> bytes:
    return np.array(array.shape, dtype="<i8").tobytes() + np.ascontiguousarray(array, dtype="<f4").tobytes()


def _unpacked(content: bytes) -> npt.NDArray[np.float32]:
    shape = np.frombuffer(content, "<i8", 3)
    numbers = np.frombuffer(content, "<f4", offset=24)
    if len(numbers) != np.prod(shape):
        raise BundleError("the ONNX model answers with less than it says")
    return numbers.reshape(shape)


def quantized(state: State, how: Quantization = "int8") -> State:
    """The same model with its network in 8 or 16 bits, smaller and a little different: compare the skill of both.

    It cannot be trained further, so it does not hold the network that could be.

    Raises:
        UsageError: If there is no network in it.
        MissingDependencyError: If `onnx` is not installed.
    """
    networks = {name: blob for name, blob in state.blobs.items() if name.endswith(".onnx")}
    if not networks:
        raise UsageError("only a network can be quantized, and this model forecasts without one", "leave it out")
    made = quantize_int8 if how == "int8" else half
    return replace(state, blobs={name: made(content) for name, content in networks.items()})


def half(content: bytes) -> bytes:
    """The same network with its matrices kept in half precision, and calculating in single precision as before.

    A matrix with a number beyond what half precision holds stays as it is.

    Raises:
        MissingDependencyError: If `onnx` is not installed.
    """
    try:
        import onnx
    except ImportError:
        raise MissingDependencyError("onnx", "train-cpu", "quantizing") from None
    model = onnx.load_from_string(content)
    graph = model.graph
    kept, casts = [], []
    for tensor in graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _FEWEST_HALVED or np.abs(values).max() > _LARGEST_HALF:
            kept.append(tensor)
            continue
        name = f"{tensor.name}.half"
        kept.append(onnx.numpy_helper.from_array(values.astype("float16"), name))
        casts.append(onnx.helper.make_node("Cast", [name], [tensor.name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
    encoded: bytes = model.SerializeToString(deterministic=True)
    return encoded


def quantize_int8(content: bytes) -> bytes:
    """The same network with its matrices in 8 bits and activations quantised as they come (dynamic quantisation).

    Raises:
        MissingDependencyError: If `onnx` is not installed.
    """
    try:
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError:
        raise MissingDependencyError("onnx", "train-cpu", "quantizing") from None
    with tempfile.TemporaryDirectory() as folder, _without_logging():
        path = Path(folder, "model.onnx")
        # A GRU is a loop with its matrices inside, hence the subgraphs.
        quantize_dynamic(
            onnx.load_from_string(content),
            path,
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"EnableSubgraph": True},
        )
        return path.read_bytes()


@contextlib.contextmanager
def _without_logging() -> Iterator[None]:
    """The quantizer logs advice to the root logger, and gives it a handler; leave it as it was."""
    root, level = logging.getLogger(), logging.root.manager.disable
    handlers = root.handlers[:]
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(level)
        root.handlers[:] = handlers
