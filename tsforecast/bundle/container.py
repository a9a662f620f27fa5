"""The file of a saved model: a zip of members with names of ours.

A member is `manifest.json`, `preparing.json`, `history.safetensors` or lies in `model/`, `calibration/` or
`covariates/`; nothing else is let in.
"""

from __future__ import annotations

import re
from pathlib import Path

from tsforecast.errors import BundleError, NotReadableError

MAX_FILE = 128 * 2**20
_NAME = re.compile(
    r"(manifest|preparing)\.json|history\.safetensors|(model|calibration|covariates)/[a-z][a-z0-9_]{0,31}\.[a-z0-9]{1,16}"
)


def read_file(path: Path) -> bytes:
    """The bytes of a model file, at most `MAX_FILE` of them.

    Raises:
        NotReadableError: If there is no such file, or it is a directory or not permitted.
        BundleError: If it is too large to be a model.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except FileNotFoundError:
        raise NotReadableError(f"model {path} was not found", "tsforecast fit FILE -o model.tsf makes one") from None
    except IsADirectoryError:
        raise NotReadableError(f"model {path} is a directory", "give the model file itself") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotReadableError(f"model {path} cannot be read: {reason}") from None
    if len(data) > MAX_FILE:
        raise BundleError(f"model is larger than {MAX_FILE // 2**20} MiB", "fit it on fewer series or rows")
    return data


def is_model(path: str) -> bool:
    """Whether a file is meant to be a saved model: by its suffix, or a zip that holds a manifest."""
    if path.endswith(".tsf"):
        return True
    try:
        with Path(path).open("rb") as file:
            data = file.read(4)
            return data == b"PK\x03\x04" and b"manifest.json" in file.read(MAX_FILE)
    except (OSError, ValueError):
        return False


def is_member(name: str) -> bool:
    """Whether a bundle may hold a member of this name.

    Raises:
        BundleError: It is one that every model of format 1 has, and no other.
    """
    if name == "prepare.json":
        raise BundleError("model was written before the first release (format 1)", "fit the model again")
    return _NAME.fullmatch(name) is not None
