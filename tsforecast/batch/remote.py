"""Files that are elsewhere (`s3://`, `gs://`, `az://`, `https://`, `memory://`), through fsspec, which is an extra."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tsforecast.errors import MissingDependencyError, NotReadableError

_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
#: What brings each protocol, beside fsspec itself.
_BROUGHT_BY = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "http": "aiohttp",
    "https": "aiohttp",
}


def is_url(name: str) -> bool:
    """Whether it is elsewhere; `file:///x` is, too, and fsspec finds it."""
    return bool(_URL.match(name))


class Remote:
    """The few things that are asked of another place; each raises as a file here would."""

    @staticmethod
    def expanded(url: str, is_table: Callable[[str], bool]) -> list[str]:
        """The URLs of a glob or a folder, sorted; the URL itself where it is a file.

        Raises:
            NotReadableError: There is nothing.
            MissingDependencyError: What speaks this protocol is not installed.
        """
        with _refusing(url):
            system, path = _system(url)
            if any(mark in path for mark in "*?["):
                files = [name for name in system.glob(path) if is_table(name)]
            elif system.isdir(path):
                files = [name for name in system.find(path) if is_table(name)]
            else:
                return [url]
        if not files:
            raise NotReadableError(f"{url} holds no file that could be a table", "check the address")
        return sorted(str(system.unstrip_protocol(name)) for name in files)

    @staticmethod
    @contextlib.contextmanager
    def opened(url: str) -> Iterator[Any]:
        """A stream of its bytes.

        Raises:
            OSError: It cannot be had.
            MissingDependencyError: What speaks this protocol is not installed.
        """
        system, path = _system(url)
        with system.open(path, "rb") as stream:
            yield stream

    @staticmethod
    @contextlib.contextmanager
    def fetched(url: str) -> Iterator[str]:
        """The path of a copy here, under its own name, as long as the block lasts.

        Raises:
            NotReadableError: It cannot be had.
        """
        with tempfile.TemporaryDirectory(prefix="tsforecast-") as folder:
            copy = Path(folder) / (url.rstrip("/").rpartition("/")[2] or "input")
            with _refusing(url), Remote.opened(url) as stream, copy.open("wb") as file:
                shutil.copyfileobj(stream, file, 1 << 22)
            yield str(copy)


def _system(url: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError:
        raise MissingDependencyError("fsspec", "remote", f"reading {url.partition(':')[0]}://") from None
    protocol = url.partition(":")[0].lower()
    try:
        system, path = fsspec.core.url_to_fs(url)
    except ImportError:
        package = _BROUGHT_BY.get(protocol, "a package of its own")
        error = MissingDependencyError(package, "remote", f"reading {protocol}://")
        error.hint = f"pip install {package}"
        raise error from None
    except ValueError as error:
        raise NotReadableError(f"{url} cannot be read: {error}", "check the address") from None
    return system, str(path)


@contextlib.contextmanager
def _refusing(url: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise NotReadableError(f"{url} does not exist", "check the address") from None
    except OSError as error:
        raise NotReadableError(f"{url} cannot be read: {error}", "check the address and who may read it") from None
