"""Where results go: whole files or none, streams where the place is one, and checks before any work.

The one atomic writer: tables, ledgers, models, pages and pictures all pass through `replacing` or `write_whole`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from tsforecast.config import TABLE_FORMATS
from tsforecast.errors import MissingDependencyError, NotReadableError, TsforecastError, UsageError

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
}
_DESCRIPTOR = re.compile(r"/dev/(stdin|stdout|stderr)|/(?:dev|proc/self)/fd/(\d{1,9})")
_STANDARD = {"stdin": 0, "stdout": 1, "stderr": 2}
_RETRIES = 100


def table_format(destination: str | None, format: str | None = None) -> str:  # noqa: A002
    """The format of a table: the one asked for, else by the suffix of the destination, csv where it has none.

    Raises:
        UsageError: There is no such format, or the suffix says none.
        MissingDependencyError: What writes it is not installed.
    """
    if format is not None:
        if format not in TABLE_FORMATS:
            raise UsageError(f"--format must be one of {', '.join(TABLE_FORMATS)}, received '{format}'")
        return _installed(format)
    suffix = "" if destination in (None, "-") or is_stream(str(destination)) else Path(str(destination)).suffix.lower()
    if suffix and suffix not in SUFFIXES:
        raise UsageError(
            f"no format of a table has the suffix '{suffix}' of {destination}",
            f"take {', '.join(SUFFIXES)}, or name the format with --format",
        )
    return _installed(SUFFIXES.get(suffix, "csv"))


def _installed(name: str) -> str:
    """The format, where what writes it is installed."""
    if name == "xlsx" and find_spec("openpyxl") is None:
        raise MissingDependencyError("openpyxl", "excel", "writing Excel")
    return name


def is_stream(path: str) -> bool:
    """Whether it is written to as a stream: a device, a pipe, a socket or a descriptor; not a file, not a folder."""
    if _descriptor(path) is not None:
        return True
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def check_destination(path: str, option: str = "-o") -> None:
    """Refuse a place that cannot be written, before any work; nothing is created or changed.

    Raises:
        UsageError: It is empty.
        NotReadableError: It is a folder, or its folder is absent or not writable, or a stream that takes nothing.
    """
    if not path:
        raise UsageError(f"{option} names no file", f"{option} FILE")
    number = _descriptor(path)
    try:
        if number is not None:
            if fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
                raise OSError(errno.EBADF, "it is not open for writing")
        elif is_stream(path):
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        else:
            _check_folder(os.path.realpath(path))
    except (OSError, ValueError) as error:
        raise _refusal(path, error, option) from None


def _check_folder(target: str) -> None:
    """Raise OSError where no file can be put at `target`."""
    folder = os.path.dirname(target)
    if os.path.isdir(target):
        raise IsADirectoryError(errno.EISDIR, "it is a directory")
    if os.path.islink(target):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if not stat.S_ISDIR(os.stat(folder).st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    if len(os.fsencode(os.path.basename(target))) > os.pathconf(folder, "PC_NAME_MAX"):
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))


def write_whole(path: str | Path, data: bytes, option: str = "-o") -> None:
    """Write a file at once: readers see the old one or the new one; see `replacing`."""
    with replacing(path, option) as stream:
        stream.write(data)


@contextlib.contextmanager
def replacing(path: str | Path, option: str = "-o") -> Iterator[IO[bytes]]:
    """A binary stream whose content becomes `path` when the block ends well, and vanishes when it does not.

    A symbolic link stays, and what it points to is replaced. What is no regular file (a device, a pipe, /dev/stdout,
    /dev/fd/3) is written to as it is, without a temporary file. What a killed run left of its temporary file of this
    name is removed.

    Args:
        path: Where to.
        option: What the user chose the place with, for the hint.

    Raises:
        NotReadableError: The place is absent, not writable or full.
        BrokenPipeError: The reader of a stream has gone.
    """
    try:
        if is_stream(str(path)):
            with _opened(str(path)) as stream:
                yield stream
            return
        with _temporary(Path(os.path.realpath(path))) as stream:
            yield stream
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        if isinstance(error, ValueError) and "null" not in str(error):
            raise
        raise _refusal(str(path), error, option) from None


def _opened(path: str) -> IO[bytes]:
    number = _descriptor(path)
    return open(path, "wb") if number is None else os.fdopen(os.dup(number), "wb")


def _descriptor(path: str) -> int | None:
    """Number of the descriptor that a path such as /dev/stdout or /dev/fd/3 names."""
    found = _DESCRIPTOR.fullmatch(path)
    if not found:
        return None
    return _STANDARD[found[1]] if found[1] else int(found[2])


@contextlib.contextmanager
def _temporary(target: Path) -> Iterator[IO[bytes]]:
    """A new file beside `target` under a name nobody can foretell, which takes its place when the block ends well."""
    _check_folder(str(target))
    prefix = f".{target.name[:50]}."
    _remove_orphans(target.parent, prefix)
    handle, name = _locked(target.parent, prefix)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fchmod(stream.fileno(), _mode(target))
            os.fsync(stream.fileno())
            # Still open, hence still locked: nobody takes it for an orphan.
            os.replace(name, target)
            name = ""
    finally:
        if name:
            with contextlib.suppress(OSError):
                os.unlink(name)


def _locked(folder: Path, prefix: str) -> tuple[int, str]:
    """A new file (O_EXCL), locked for as long as it is open, by which others know that it is in use."""
    for _ in range(_RETRIES):
        handle, name = tempfile.mkstemp(prefix=prefix, suffix=".tmp", dir=folder)
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Between its making and its locking another run may have taken it for an orphan.
        if os.fstat(handle).st_nlink:
            return handle, name
        os.close(handle)
    raise FileExistsError(errno.EEXIST, "its temporary files vanish")


def _remove_orphans(folder: Path, prefix: str) -> None:
    """Temporary files of this name that no living process holds, and that are this user's."""
    name = re.compile(re.escape(prefix) + r"[a-z0-9_]{8}\.tmp")
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if name.fullmatch(entry.name):
                with contextlib.suppress(OSError):
                    _remove_orphan(entry.path)


def _remove_orphan(path: str) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        found = os.fstat(handle)
        if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
    finally:
        os.close(handle)


def _mode(path: Path) -> int:
    """Permissions of the file replaced, else what the umask leaves of rw-rw-rw-."""
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _refusal(path: str, error: Exception, option: str) -> TsforecastError:
    reason = getattr(error, "strerror", None) or str(error)
    return NotReadableError(f"{path} cannot be written: {reason}", f"choose another place with {option}")
