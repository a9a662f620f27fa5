"""Every error a user can meet, and the exit code it ends with.

The program below the command line only raises; `tsforecast.cli.app` holds the single mapping from
error to message and exit code.
"""

from __future__ import annotations

from enum import IntEnum

# The name of the package in `pip install`; that of the import and of the command is another project's there.
DISTRIBUTION = "tsforecast-cli"


class ExitCode(IntEnum):
    """The exit codes of the command-line contract (docs/design.md)."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    MISSING_DEPENDENCY = 3
    NOT_READABLE = 4
    DATA = 5
    NO_SKILL = 6
    PARTIAL = 7
    BUNDLE = 8
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


class TsforecastError(Exception):
    """Base of all expected errors: one line saying what is wrong and where, and a hint saying what to do.

    Args:
        message: What is wrong and where (series, line, column), one line, no full stop.
        hint: What the user can do about it, one line; empty if there is nothing to add.
    """

    exit_code: ExitCode = ExitCode.INTERNAL

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = " ".join(message.split())
        self.hint = " ".join(hint.split())


class UsageError(TsforecastError):
    """The command line or the configuration asks for something impossible."""

    exit_code = ExitCode.USAGE


class MissingDependencyError(TsforecastError):
    """An optional package is not installed; the hint is the install line.

    Args:
        package: The distribution that is missing, as in ``pip install``.
        extra: The extra of tsforecast that brings it.
        purpose: What needs it, as a noun phrase ("training a network").
    """

    exit_code = ExitCode.MISSING_DEPENDENCY

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs {package}, which is not installed",
            f"pip install '{DISTRIBUTION}[{extra}]'",
        )


class NotReadableError(TsforecastError):
    """An input or a model is not there, or cannot be opened or decoded."""

    exit_code = ExitCode.NOT_READABLE


class DataError(TsforecastError):
    """The data was read but cannot be used as it is, or the repair budget is exceeded."""

    exit_code = ExitCode.DATA


class NoSkillError(TsforecastError):
    """The forecast does not beat the naive forecast and ``--require-skill`` was given."""

    exit_code = ExitCode.NO_SKILL


class NoBetterError(TsforecastError):
    """A model trained further is no better on held-out rows, and ``--force`` was not given."""

    exit_code = ExitCode.NO_SKILL


class CoverageError(TsforecastError):
    """The intervals covered too little or too much of the held-out points, and ``--require-coverage`` was given."""

    exit_code = ExitCode.NO_SKILL


class BrokenPromiseError(TsforecastError):
    """A forecast no longer holds what it promised of its errors and intervals."""

    exit_code = ExitCode.NO_SKILL


class ReplayError(TsforecastError):
    """A batch that was run again did not give the numbers that it gave."""

    exit_code = ExitCode.NO_SKILL


class PartialSuccessError(TsforecastError):
    """Some series of a batch failed; the others were written."""

    exit_code = ExitCode.PARTIAL


class BundleError(TsforecastError):
    """A saved model is incompatible, damaged or refused."""

    exit_code = ExitCode.BUNDLE
