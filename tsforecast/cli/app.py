"""The application: the verbs, and the one mapping from errors to messages and exit codes."""

from __future__ import annotations

import json
import os
import signal
import sys
from types import FrameType
from typing import Any

import typer

from tsforecast.errors import ExitCode, TsforecastError

app = typer.Typer(
    name="tsforecast",
    help="Forecast any time series from the terminal: repaired, compared with the naive forecast, with measured intervals.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


class Terminated(BaseException):
    """SIGTERM arrived: unwind, so that temporary files are removed, and end with 143."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    debug = "--debug" in arguments
    as_json = "--json" in arguments
    try:
        code = _run([a for a in arguments if a != "--debug"])
        sys.stdout.flush()
        return code
    except TsforecastError as error:
        if debug:
            raise
        _complain(error.exit_code, error.message, error.hint, as_json)
        return error.exit_code
    except BrokenPipeError:
        # The reader has gone (`| head -1`): not an error. Point stdout elsewhere so that the flush at exit is silent.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Terminated:
        return ExitCode.TERMINATED
    except OSError as error:
        if debug:
            raise
        _complain(ExitCode.NOT_READABLE, f"{error.filename or 'output'}: {error.strerror or error}", "", as_json)
        return ExitCode.NOT_READABLE
    except Exception as error:  # noqa: BLE001  - the last resort: a bug must still end in one line
        if debug:
            raise
        told = f"internal error: {type(error).__name__}: {error}"
        _complain(ExitCode.INTERNAL, told, "this is a bug; run again with --debug and report what it prints", as_json)
        return ExitCode.INTERNAL


def _run(arguments: list[str]) -> int:
    from tsforecast.cli import verbs

    verbs.register(app)
    try:
        result = app(args=arguments, prog_name="tsforecast", standalone_mode=False)
        return int(result or 0)
    except typer.Exit as ended:
        return ended.exit_code
    except Exception as error:
        # Typer raises its parser's own errors; they know how to describe themselves.
        if not hasattr(error, "format_message"):
            raise
        context = getattr(error, "ctx", None)
        verb = context.command_path if context else "tsforecast"
        message = " ".join(error.format_message().split()).rstrip(".")
        if not message:  # no verb at all: the help has been printed
            return ExitCode.USAGE
        raise UsageFailure(message, f"see {verb} --help") from None


class UsageFailure(TsforecastError):
    """What the parser refused."""

    exit_code = ExitCode.USAGE


def _complain(code: int, message: str, hint: str, as_json: bool) -> None:
    """The one line (or object) of an error, on stderr."""
    if as_json:
        text = json.dumps({"code": int(code), "message": message, "hint": hint}, ensure_ascii=False)
    else:
        text = f"tsforecast: error: {message}" + (f"; {hint}" if hint else "")
    try:
        print(" ".join(text.split()), file=sys.stderr)
    except OSError:
        return


def _terminate(_signal: int, _frame: FrameType | None) -> Any:
    raise Terminated


