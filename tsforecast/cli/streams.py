"""The standard streams as they may be: closed, full, or with a reader that has gone."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import sys
from typing import TextIO

from tsforecast.errors import NotReadableError

_STDIN, _STDOUT, _STDERR = 0, 1, 2


def open_standard() -> None:
    """Take the places of closed standard streams, so that no file that is opened later gets their numbers.

    What is read from a closed stdin or written to a closed stdout fails; what is written to a closed stderr is silence.
    """
    for number, flags in ((_STDIN, os.O_WRONLY), (_STDOUT, os.O_RDONLY), (_STDERR, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, flags)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            os.set_inheritable(number, True)
    # The interpreter has None for what was closed when it started.
    if sys.stdout is None:
        sys.stdout = open(_STDOUT, "w", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(_STDERR, "w", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def tell(text: str, end: str = "\n") -> None:
    """Write to stderr; where it takes nothing, what was to be said is lost, and nothing else."""
    try:
        print(text, end=end, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        _discard(sys.stderr)


def discard_stdout() -> None:
    """What is still to be written to stdout goes nowhere."""
    _discard(sys.stdout)


def give_up_stdout() -> None:
    """Where stdout takes no more, keep the interpreter from trying again at its end, with an exit code of its own."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        discard_stdout()


def check_stdout() -> None:
    """Refuse, before any work, what could not be written after it.

    Raises:
        NotReadableError: stdout was closed, or is not open for writing.
    """
    with contextlib.suppress(OSError, ValueError):
        if fcntl.fcntl(sys.stdout.fileno(), fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise NotReadableError("stdout is closed, or not open for writing", "send it to a file: > FILE")


def _discard(stream: TextIO) -> None:
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, stream.fileno())
        finally:
            os.close(nowhere)
    with contextlib.suppress(OSError, ValueError):
        stream.flush()
