"""Getting Keras, quietly. The only place that may speak to the library beneath it."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tsforecast.errors import MissingDependencyError

VERBOSE = "TSFORECAST_VERBOSE"
OPSET = 17


@functools.cache
def keras(purpose: str = "training a network") -> Any:
    """The `keras` module, imported without a word on stderr.

    Args:
        purpose: What needs it, for the error message.

    Raises:
        MissingDependencyError: If Keras or what it runs on is not installed.
    """
    # TensorFlow reads this when it is first imported
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "0" if os.environ.get(VERBOSE) else "3")
    try:
        with quiet():
            import keras

            # the first operation is what makes the runtime report on processors and devices
            keras.ops.zeros(1)
    except ImportError:
        raise MissingDependencyError("tensorflow", "train", purpose) from None
    return keras


def devices() -> list[str]:
    """Devices that networks train on, as Keras names them: `cpu:0`, `gpu:0`, ..."""
    return [str(name) for name in keras("listing devices").distribution.list_devices()] or ["cpu:0"]


def export_onnx(model: Any, path: str | Path) -> None:
    """Write a Keras model of one input as ONNX, float32."""
    with quiet():
        model(np.zeros((1, *model.input_shape[1:]), dtype="float32"))
        model.export(str(path), format="onnx", verbose=False, opset_version=OPSET)


def load_keras(content: bytes) -> Any:
    """The model in the bytes of a `.keras` file; nothing in it is executed.

    Raises:
        MissingDependencyError: If TensorFlow is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        path.write_bytes(content)
        return keras().saving.load_model(path, compile=False, safe_mode=True)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Point stdout and stderr nowhere for a moment, at the level of file descriptors.

    Native libraries write to them before any setting of theirs is read. Where `VERBOSE` is set in the environment, both
    go to stderr instead: stdout is for data.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    verbose = bool(os.environ.get(VERBOSE))
    elsewhere = os.dup(2) if verbose else os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(elsewhere, 1)
        os.dup2(elsewhere, 2)
        with warnings.catch_warnings():
            if not verbose:
                warnings.simplefilter("ignore")
            yield
    finally:
        for descriptor, original in enumerate(saved, start=1):
            os.dup2(original, descriptor)
            os.close(original)
        os.close(elsewhere)
