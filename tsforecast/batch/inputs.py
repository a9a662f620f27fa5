"""What a batch reads: files, globs, folders and URLs, in one order, each known by the hash of its bytes."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tsforecast.batch.remote import Remote, is_url
from tsforecast.errors import NotReadableError, UsageError

#: What is read of a folder; other files there are named in the log (`passed_over`).
SUFFIXES = {".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx"}
_COMPRESSED = {".gz", ".zst", ".bz2", ".xz"}
_BLOCK, _HEAD = 1 << 22, 1 << 16
USUAL_ID = "unique_id"


@dataclass(frozen=True)
class Input:
    """One file.

    Attributes:
        name: As it was given or found; what the status and the forecasts call it.
        size: Bytes; -1 where they are not known.
        sha256: Of its bytes; "" where it cannot be read.
        problem: Why it cannot be read; "" where it can.
        named: Whether it seems to have a column of ids by its usual name.
    """

    name: str
    size: int = -1
    sha256: str = ""
    problem: str = ""
    named: bool = False


def found(inputs: Iterable[str]) -> list[str]:
    """Names of all files, in the order of the inputs, those of a glob or folder sorted, each once.

    Raises:
        UsageError: There is no input, or one of them is stdin.
        NotReadableError: An input is nothing, or holds no file that could be a table.
    """
    names: dict[str, None] = {}
    for given in inputs:
        if given == "-":
            raise UsageError("batch reads files, not stdin", "tsforecast forecast - reads a pipe")
        names.update(dict.fromkeys(_expanded(given)))
    if not names:
        raise UsageError("batch needs something to read", "tsforecast batch FILE... -o DIR")
    return list(names)


def _expanded(given: str) -> list[str]:
    if is_url(given):
        return Remote.expanded(given, _is_table)
    if os.path.isdir(given):
        files = sorted(filter(_is_table, _within(given)))
    elif glob.has_magic(given) and not os.path.exists(given):
        files = sorted(name for name in glob.glob(given, recursive=True) if os.path.isfile(name))
    else:
        return [given]
    if not files:
        raise NotReadableError(
            f"{given} holds no file that could be a table", f"those end in {', '.join(sorted(SUFFIXES))}"
        )
    return files


def passed_over(inputs: Iterable[str]) -> list[str]:
    """Files in the folders among the inputs that are not read, since their names do not end as those of tables do."""
    folders = [given for given in inputs if not is_url(given) and os.path.isdir(given)]
    return sorted({name for folder in folders for name in _within(folder) if not _is_table(name)})


def _within(folder: str) -> Iterator[str]:
    """All files in a folder and those in it but the hidden ones and those whose names begin with `_`."""
    for root, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if _is_visible(name))
        yield from (os.path.join(root, name) for name in files if _is_visible(name))


def _refuse(error: OSError) -> None:
    raise NotReadableError(f"{error.filename} cannot be read: {error.strerror}", "may you read the folder?")


def _is_visible(name: str) -> bool:
    return not name.startswith((".", "_"))


def _is_table(name: str) -> bool:
    path = Path(name)
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return _is_visible(path.name) and bool(suffixes) and suffixes[-1] in SUFFIXES


def hashed(name: str) -> Input:
    """The source with the hash of its bytes, or with what keeps it from being read."""
    try:
        sha, size, named = hashlib.sha256(), 0, False
        with Remote.opened(name) if is_url(name) else open(name, "rb") as stream:
            while block := stream.read(_BLOCK):
                named = named or (size == 0 and USUAL_ID.encode() in block[:_HEAD])
                sha.update(block)
                size += len(block)
        return Input(name, size, sha.hexdigest(), named=named)
    except FileNotFoundError:
        return Input(name, problem=f"{name} does not exist")
    except OSError as error:
        return Input(name, problem=f"{name} cannot be read: {error.strerror or error}")
