"""Getting Keras, quietly. The only place that may speak to the library beneath it."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Iterator
from typing import Any

from tsforecast.errors import MissingDependencyError

VERBOSE = "TSFORECAST_VERBOSE"


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


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Point stdout and stderr nowhere for a moment, at the level of file descriptors.

    Native libraries write to them before any setting of theirs is read. Where `VERBOSE` is set in the environment, both
    go to stderr instead: stdout is for data.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    elsewhere = os.dup(2) if os.environ.get(VERBOSE) else os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(elsewhere, 1)
        os.dup2(elsewhere, 2)
        yield
    finally:
        for descriptor, original in enumerate(saved, start=1):
            os.dup2(original, descriptor)
            os.close(original)
        os.close(elsewhere)
