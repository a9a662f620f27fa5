"""Zip files: the same bytes for the same content, and read as if a stranger had written them.

Nothing is ever extracted to disk under a name from the file, and no size is believed before it is checked.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Mapping

from tsforecast.errors import BundleError

MAX_TOTAL = 128 * 2**20
MAX_MEMBERS = 64
MAX_RATIO = 100
"""A member that deflates further than this is written stored, so that a reader may take a higher ratio for a bomb."""
FREE_RATIO_BELOW = 2**16
"""No bomb fits in members this small (bytes), whatever their ratio."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_REFUSED = "take a model file only from whom you trust, or fit the model again"
_DAMAGED = "copy the model file again, or fit the model again"


def unzipped(data: bytes, allowed: Callable[[str], bool]) -> dict[str, bytes]:
    """The members of a zip by name, each checked.

    Raises:
        BundleError: If it is not a zip, is damaged, or holds anything that `zipped` would not have written.
    """
    if not data.startswith(b"PK\x03\x04"):
        raise BundleError("not a tsforecast model (it is no zip file)", "give a file written by tsforecast fit")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_directory(archive, allowed)
            return {info.filename: _read_member(archive, info) for info in archive.infolist()}
    # What zipfile and zlib raise on damaged input: RuntimeError for encryption, NotImplementedError for methods,
    # EOFError and OSError for offsets out of the file, ValueError and UnicodeDecodeError for fields.
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise BundleError(f"model is damaged: {str(error)[:200]}", _DAMAGED) from None


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip of the members, in the order given, with fixed dates, so that equal content gives equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            smaller = len(zlib.compress(content, 9))
            plain = not smaller < len(content) < MAX_RATIO / 2 * smaller
            info.compress_type = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
            archive.writestr(info, content, compresslevel=9)
    return buffer.getvalue()


def _check_directory(archive: zipfile.ZipFile, allowed: Callable[[str], bool]) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_MEMBERS:
        raise BundleError(f"model holds {len(entries)} members, at most {MAX_MEMBERS} are allowed", _REFUSED)
    names = [info.filename for info in entries]
    for name in names:
        if not allowed(name):
            raise BundleError(f"model holds an unknown member {name[:80]!r}", _REFUSED)
    if len(set(names)) < len(names):
        raise BundleError("model holds the same member twice", _REFUSED)
    if sum(info.file_size for info in entries) > MAX_TOTAL:
        raise BundleError(f"model would unpack to more than {MAX_TOTAL // 2**20} MiB", _REFUSED)
    for info in entries:
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BundleError(f"member {info.filename} is compressed by another method than deflate", _REFUSED)
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            raise BundleError(f"member {info.filename} is not a plain file", _REFUSED)
        if info.file_size > max(FREE_RATIO_BELOW, MAX_RATIO * info.compress_size):
            raise BundleError(f"member {info.filename} would unpack to more than {MAX_RATIO} times its size", _REFUSED)


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The declared size bounds what is read: `zipfile` stops there, and a longer stream fails its checksum."""
    with archive.open(info) as file:
        content = file.read(info.file_size + 1)
    if len(content) != info.file_size:
        raise BundleError(f"member {info.filename} is cut short", _DAMAGED)
    return content
