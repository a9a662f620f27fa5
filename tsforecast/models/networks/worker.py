"""A child process that does what a stranger's file says, with so much time and memory and no more.

The libraries that run networks end the process on some of them, and never return from others. In a child neither
matters. A child is forked (a millisecond, and what is imported stays imported), so this is for Linux; elsewhere the
work is done in the process itself, unbounded.
"""

from __future__ import annotations

import contextlib
import faulthandler
import math
import os
import re
import signal
import sys
import threading
import warnings
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tsforecast.errors import BundleError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

FORKS = sys.platform == "linux"
_DONE, _REFUSED = b"=", b"!"
MAX_REPLY = 2**28
PATIENCE = 4
"""A busy machine gives a child so much less of a processor than it asks for, and more is taken for sleep."""

Answer = Callable[[bytes], bytes]


class Worker:
    """Answers requests, one after the other; see the top of the file.

    Args:
        what: What the errors are said of.
        answer: From a request to its answer; what it raises as BundleError is raised here.
        memory: Bytes that it may take beyond what this process has already.
    """

    def __init__(self, what: str, answer: Answer, memory: int) -> None:
        self._what = what
        self._answer = answer
        self._memory = memory
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def ask(self, request: bytes, seconds: float) -> bytes:
        """The answer to a request.

        Raises:
            BundleError: What `answer` raised; or it took more `seconds` of a processor, or more memory, or ended the
                process.
        """
        if not FORKS:
            return self._answer(request)
        with self._lock:
            # a fork of this process must not talk to the child of its parent
            if self._child is None or self._child.owner != os.getpid():
                self._child = _Child(self._answer, self._memory)
                weakref.finalize(self, self._child.end)
            told = self._child.ask(request, seconds)
            if told is None or told[:1] not in (_DONE, _REFUSED):
                self._child.end()
                self._child = None
                limit = f"takes more than {seconds:g} seconds of a processor"
                problem = limit if told is None else "makes its library end the process"
                raise BundleError(f"{self._what} {problem}", "take a model file only from whom you trust")
        if told[:1] == _REFUSED:
            raise BundleError(told[1:].decode(errors="replace"))
        return told[1:]


class _Child:
    def __init__(self, answer: Answer, memory: int) -> None:
        from multiprocessing import Pipe

        self.owner = os.getpid()
        self._pipe, theirs = Pipe()
        with warnings.catch_warnings():
            # of forking beside idle threads: the child needs none of them
            warnings.simplefilter("ignore", DeprecationWarning)
            self._pid = os.fork()
        if self._pid == 0:
            self._pipe.close()
            _serve(theirs, answer, memory)
        theirs.close()

    def ask(self, request: bytes, seconds: float) -> bytes | None:
        """What the child says: nothing where it died, None where it says nothing in time."""
        try:
            self._pipe.send_bytes(_header(seconds) + request)
            return self._pipe.recv_bytes(MAX_REPLY) if self._pipe.poll(PATIENCE * seconds) else None
        except (EOFError, OSError):
            return None if self._ended_by() == signal.SIGXCPU else b""

    def _ended_by(self) -> int:
        """The signal that ended it, 0 for none."""
        status = 0
        with contextlib.suppress(ChildProcessError):
            _, status = os.waitpid(self._pid, 0)
        self._pid = 0
        self._pipe.close()
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def end(self) -> None:
        """End it, at once; it has nothing to clean up."""
        if self._pid and self.owner == os.getpid():
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(self._pid, signal.SIGKILL)
                os.waitpid(self._pid, 0)
            self._pid = 0
            self._pipe.close()


def _header(seconds: float) -> bytes:
    return math.ceil(seconds).to_bytes(4, "little")


def _serve(pipe: Connection, answer: Answer, memory: int) -> None:
    """The life of the child: until the parent closes the pipe, or is gone."""
    try:
        _let_go(memory)
        while True:
            request = pipe.recv_bytes()
            _limit_time(int.from_bytes(request[:4], "little"))
            try:
                pipe.send_bytes(_DONE + answer(request[4:]))
            except BundleError as error:
                pipe.send_bytes(_REFUSED + error.message.encode(errors="replace")[:400])
            except MemoryError:
                pipe.send_bytes(_REFUSED + b"the model asks for too much memory")
    finally:
        os.kill(os.getpid(), signal.SIGKILL)  # at once, without the clean-up that is the parent's


def _let_go(memory: int) -> None:
    """Leave the parent's terminal, signals and files alone, and bound what may be allocated from here on."""
    import resource

    faulthandler.disable()  # a crash here is an answer, not news
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    found = re.search(r"VmData:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    limit = (int(found[1]) * 1024 if found else 0) + memory
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard < 0 else min(limit, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time(seconds: int) -> None:
    """From here on the child may use the processor for so long; the parent only looks after one that sleeps."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard < 0 else min(limit, hard), hard))
