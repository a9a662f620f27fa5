"""Running the application, and the one mapping from errors to messages and exit codes."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
from types import FrameType

import typer

from tsforecast.errors import ExitCode, TsforecastError


class TerminatedError(BaseException):
    """SIGTERM arrived: unwind, so that temporary files are removed, and end with 143."""


class ParserError(TsforecastError):
    """What the parser of the command line refused."""

    exit_code = ExitCode.USAGE


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    signal.signal(signal.SIGTERM, _terminate)
    # Our matrices are small: threads of the linear algebra would wait for each other longer than they work, and their
    # number would change the last digits. Read when numpy is first imported; a value of the user's stays.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    debug = "--debug" in arguments
    try:
        code = _run([a for a in arguments if a != "--debug"])
    except BaseException as error:
        if debug and isinstance(error, Exception):
            raise
        _give_up_stdout()
        return _ended(error, "--json" in arguments)
    return code


def _run(arguments: list[str]) -> int:
    from tsforecast.cli.application import application

    app = application(arguments[0] if arguments else None)
    try:
        return int(app(args=arguments, prog_name="tsforecast", standalone_mode=False) or 0)
    except typer.Exit as ended:
        return ended.exit_code
    except Exception as error:
        # The parser's own errors know how to describe themselves.
        if not hasattr(error, "format_message"):
            raise
        context = getattr(error, "ctx", None)
        verb = context.command_path if context else "tsforecast"
        message = " ".join(error.format_message().split()).rstrip(".")
        if not message:  # no verb at all: the help has been printed
            return ExitCode.USAGE
        raise ParserError(message, f"see {verb} --help") from None


def _ended(error: BaseException, as_json: bool) -> int:
    """The exit code of an error, after its one line (or object) on stderr."""
    match error:
        case TsforecastError():
            code, message, hint = error.exit_code, error.message, error.hint
        case KeyboardInterrupt() | typer.Abort():
            return ExitCode.INTERRUPTED
        case TerminatedError():
            return ExitCode.TERMINATED
        case SystemExit():
            return error.code if isinstance(error.code, int) else ExitCode.INTERNAL
        case OSError():
            code, hint = ExitCode.NOT_READABLE, ""
            message = f"{error.filename or 'output'}: {error.strerror or error}"
        case _:
            code, message = ExitCode.INTERNAL, f"internal error: {type(error).__name__}: {error}"
            hint = "this is a bug; run again with --debug and report what it prints"
    if as_json:
        text = json.dumps({"code": int(code), "message": message, "hint": hint}, ensure_ascii=False)
    else:
        text = f"tsforecast: error: {message}" + (f"; {hint}" if hint else "")
    with contextlib.suppress(OSError):
        print(" ".join(text.split()), file=sys.stderr)
    return code


def _give_up_stdout() -> None:
    """Where stdout takes no more, keep the interpreter from trying again at its end, with an exit code of its own."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        from tsforecast.cli.console import discard_stdout

        with contextlib.suppress(OSError, ValueError):
            discard_stdout()


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise TerminatedError
