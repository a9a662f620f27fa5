"""Running the application, and the one mapping from errors to messages and exit codes."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from types import FrameType
from typing import Any

import typer

from tsforecast.cli import streams
from tsforecast.data.printable import cut, printable
from tsforecast.errors import ExitCode, TsforecastError

MAX_ERROR = 500
"""Characters of an error line."""


class TerminatedError(BaseException):
    """SIGTERM or SIGHUP arrived: unwind, so that temporary files are removed, and end with 128 and its number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


class ParserError(TsforecastError):
    """What the parser of the command line refused."""

    exit_code = ExitCode.USAGE


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    streams.open_standard()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, _terminate)
    # Our matrices are small: threads of the linear algebra would wait for each other longer than they work, and their
    # number would change the last digits. Read when numpy is first imported; a value of the user's stays.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    debug = "--debug" in arguments
    arguments = [a for a in arguments if a != "--debug"]
    try:
        with _silent_libraries(bool({"-v", "--verbose"} & set(arguments))):
            code = _run(arguments)
            sys.stdout.flush()
    except BrokenPipeError:
        streams.discard_stdout()
        return ExitCode.OK
    except BaseException as error:
        if debug and isinstance(error, Exception):
            raise
        streams.give_up_stdout()
        return _ended(error, "--json" in arguments)
    return code


@contextlib.contextmanager
def _silent_libraries(heard: bool) -> Iterator[None]:
    """Warnings and log lines of the libraries below go nowhere, whatever filters they set, unless they shall be heard.

    A filter that makes warnings errors is not touched.
    """
    if heard or sys.warnoptions or os.environ.get("TSFORECAST_VERBOSE"):
        yield
        return
    silence = logging.NullHandler()
    logging.getLogger().addHandler(silence)  # without any handler, warnings are logged to stderr
    with warnings.catch_warnings():
        warnings.showwarning = lambda *_args, **_more: None
        try:
            yield
        finally:
            logging.getLogger().removeHandler(silence)


def _run(arguments: list[str]) -> int:
    from tsforecast.cli.application import application

    if not arguments and not any(name.startswith("_TSFORECAST_COMPLETE") for name in os.environ):
        from tsforecast.cli.console import show
        from tsforecast.cli.first_screen import lines

        show(lines())
        return ExitCode.OK
    every_option = "--all" in arguments and bool({"-h", "--help"} & set(arguments))
    arguments = [a for a in arguments if not (every_option and a == "--all")]
    app = application(arguments[0] if arguments else None, every_option=every_option)
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
        message = _origin(error, context) + " ".join(error.format_message().split()).rstrip(".")
        raise ParserError(message, f"see {verb} --help") from None


def _origin(error: Any, context: Any) -> str:
    """The variable or file that a refused value came from."""
    name = getattr(getattr(error, "param", None), "name", None)
    origins = getattr(getattr(context, "obj", None), "origins", {})
    if name not in origins or getattr(context.get_parameter_source(name), "name", "") != "DEFAULT_MAP":
        return ""
    return f"{origins[name]}: "


def _ended(error: BaseException, as_json: bool) -> int:
    """The exit code of an error, after its one line (or object) on stderr."""
    match error:
        case TsforecastError():
            code, message, hint = error.exit_code, error.message, error.hint
        case KeyboardInterrupt() | typer.Abort():
            return ExitCode.INTERRUPTED
        case TerminatedError():
            return error.exit_code
        case SystemExit():
            return error.code if isinstance(error.code, int) else ExitCode.INTERNAL
        case MemoryError():
            code, message = ExitCode.DATA, f"there is not enough memory{f': {error}' if str(error) else ''}"
            hint = "take fewer series or columns, or a shorter --horizon or --context-length"
        case OSError():
            code, hint = ExitCode.NOT_READABLE, ""
            message = f"{error.filename or 'stdout'}: {error.strerror or error}"
        case _:
            code, message = ExitCode.INTERNAL, f"internal error: {type(error).__name__}: {error}"
            hint = "this is a bug; run again with --debug and report what it prints"
    streams.tell(error_line(code, " ".join(message.split()), hint, as_json))
    return code


def error_line(code: int, message: str, hint: str, as_json: bool) -> str:
    """One line of at most `MAX_ERROR` characters that nothing in it can break or steer."""
    message, hint = printable(message), printable(hint)
    most = MAX_ERROR
    while True:
        message, hint = cut(message, most), cut(hint, max(most // 3, 20))
        if as_json:
            line = json.dumps({"code": int(code), "message": message, "hint": hint}, ensure_ascii=False)
        else:
            line = f"tsforecast: error: {message}" + (f"; {hint}" if hint else "")
        if len(line) <= MAX_ERROR:
            return line
        most -= 20


def _terminate(number: int, _frame: FrameType | None) -> None:
    raise TerminatedError(number)
