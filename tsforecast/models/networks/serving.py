"""Trained networks without TensorFlow: the only file that imports ONNX Runtime.

One thread, nothing logged, bounded memory: a forecast of 48 steps takes less time than a thread pool takes to start.
"""

from __future__ import annotations

import contextlib
import faulthandler
import functools
import logging
import os
import select
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.errors import BundleError, MissingDependencyError
from tsforecast.models.rollout import rollout

MAX_MEMORY = 2**30
"""Bytes that ONNX Runtime may take for tensors in all."""
TRIAL_SECONDS = 20.0
"""A model that needs longer for one window than this is not one of ours (they need a millisecond)."""
STEPS_PER_BATCH = 2**17
"""Windows times context of one call, so that memory stays flat however many windows are asked for."""


@dataclass(frozen=True)
class OnnxNetwork:
    """A network ready to predict.

    Attributes:
        content: The ONNX model.
        context_length: Steps it sees.
        segment_length: Steps it emits.
        channels: Channels of input and output.
    """

    content: bytes
    context_length: int
    segment_length: int
    channels: int

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """See `Forecaster.predict`."""
        return rollout(self.predict_segment, inputs, horizon)

    def predict_segment(self, inputs: FloatArray) -> FloatArray:
        """The next segment `(window, segment_length, channel)` of scaled inputs `(window, context_length, channel)`.

        Raises:
            BundleError: If the model fails, or answers with another shape.
        """
        size = max(1, STEPS_PER_BATCH // self.context_length)
        parts = [self._run(inputs[low : low + size]) for low in range(0, len(inputs), size)]
        outputs = np.concatenate(parts) if parts else np.zeros((0, self.segment_length, self.channels))
        return outputs.astype("float64")

    def check(self) -> None:
        """One trial run, so that a model that does not fit its manifest is refused when it is read.

        Raises:
            BundleError: If input or output are not what they should be, or not finite, or take too much time or memory,
                or end the process.
        """
        if sys.platform == "linux":
            _in_a_child(self._try)
        else:
            self._try()

    def _try(self) -> None:
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if [(tensor.type, len(tensor.shape)) for tensor in (*inputs, *outputs)] != [("tensor(float)", 3)] * 2:
            raise BundleError("model.onnx must have one input and one output (window, time, channel) of floats")
        if not np.isfinite(self._run(np.zeros((2, self.context_length, self.channels)))).all():
            raise BundleError("model.onnx gives numbers that are not finite")

    @functools.cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.add_session_config_entry("session.use_env_allocators", "1")
        _limit_memory()
        with _as_bundle_error():
            return onnxruntime.InferenceSession(
                self.content, options, providers=["CPUExecutionProvider"], enable_fallback=0
            )

    def _run(self, inputs: FloatArray) -> FloatArray:
        name = self._session.get_inputs()[0].name
        with _as_bundle_error():
            (outputs,) = self._session.run(None, {name: np.asarray(inputs, dtype="float32")})
        expected = (len(inputs), self.segment_length, self.channels)
        if outputs.shape != expected:
            raise BundleError(f"model.onnx must answer {expected}, received {outputs.shape}")
        return np.asarray(outputs)


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


@functools.cache
def _limit_memory() -> None:
    """Register, once a process, the allocator that sessions share: it grows by what is asked, up to `MAX_MEMORY`."""
    import onnxruntime

    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    arena = onnxruntime.OrtArenaCfg({"max_mem": MAX_MEMORY, "arena_extend_strategy": 1})
    onnxruntime.create_and_register_allocator(memory, arena)


def _in_a_child(trial: Callable[[], None]) -> None:
    """Run a trial in a child process: ONNX Runtime ends the process on some graphs, and on others never ends.

    Raises:
        BundleError: What the trial raised, or that the child died or needed more than `TRIAL_SECONDS`.
    """
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # of forking beside idle threads: the child needs none of them
        child = os.fork()
    if child == 0:
        faulthandler.disable()  # a crash here is an answer, not news
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            trial()
            os.write(writing, b"accepted")
        except BundleError as error:
            os.write(writing, error.message.encode()[:1000])
        finally:
            os.kill(os.getpid(), signal.SIGKILL)  # at once, without the clean-up that is the parent's
    os.close(writing)
    answered, _, _ = select.select([reading], [], [], TRIAL_SECONDS)
    told = os.read(reading, 1000).decode(errors="replace") if answered else "model.onnx takes too long"
    os.close(reading)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if told != "accepted":
        raise BundleError(told or "model.onnx makes ONNX Runtime end the process")


@contextlib.contextmanager
def _as_bundle_error() -> Iterator[None]:
    """ONNX Runtime's exceptions have no common base but `Exception`."""
    try:
        yield
    except Exception as error:
        raise BundleError(f"model.onnx was refused by ONNX Runtime: {error}") from error


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
