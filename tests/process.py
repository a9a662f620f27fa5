"""How the tests start tsforecast: in this process, or as a process of its own, in a plain environment."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMAND = [sys.executable, "-m", "tsforecast"]

Done = subprocess.CompletedProcess


def environment(**changes: str) -> dict[str, str]:
    """The environment of a plain pipe: no terminal, no settings of the person who runs the tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TSFORECAST_") and k not in ("COLUMNS", "NO_COLOR")}
    return {**kept, **changes}


def checked(done: Done[str], code: int) -> Done[str]:
    """What was done; an exit code other than `code`, or a traceback, fails the test with what was said."""
    said = f"exit {done.returncode}, expected {code}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    assert done.returncode == code, said
    assert "Traceback" not in done.stderr, done.stderr
    return done


def in_process(arguments: list[str], folder: Path, stdin: bytes | None, env: dict[str, str]) -> Done[str]:
    """Run the command line here, as in a pipe: folder, environment and streams of its own, all put back after it."""
    from tsforecast.cli.app import main

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with _put_back():
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment(**env))
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin or b""), encoding="utf-8")
        sys.stdout, sys.stderr = out, err
        code = main(arguments)
    return Done(arguments, code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


@contextmanager
def _put_back() -> Iterator[None]:
    streams, folder, variables = (sys.stdin, sys.stdout, sys.stderr), Path.cwd(), dict(os.environ)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(variables)
        for number, handler in handlers.items():
            signal.signal(number, handler)
