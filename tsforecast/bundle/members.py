"""Arrays and states as they lie in a bundle: strict on the way in, the same bytes on the way out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tsforecast.errors import BundleError
from tsforecast.io.strict_json import from_json, to_json
from tsforecast.models.contract import State

MAX_HEADER = 2**20
"""Bytes of names and shapes before the numbers of a file of arrays: thousands of arrays."""
MAX_AXES = 4
SETTINGS, ARRAYS = "settings.json", "arrays.safetensors"
_KINDS = ("float64", "float32", "int64")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")

Arrays = dict[str, npt.NDArray[Any]]


def to_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Arrays as safetensors (a length, a header in JSON, the numbers): float64, float32 or int64, C-ordered.

    Raises:
        TypeError: If an array is of another kind.
    """
    from safetensors.numpy import save

    for name, array in arrays.items():
        if array.dtype.name not in _KINDS:
            raise TypeError(f"an array in a bundle must be {' or '.join(_KINDS)}, received {array.dtype} ({name})")
    return bytes(save({name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)}))


def from_arrays(name: str, content: bytes) -> Arrays:
    """The arrays in member `name`, NaN where nothing was known, never infinite.

    Raises:
        BundleError: If it is anything but what `to_arrays` writes of such numbers.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    # The library reads far longer headers than ours, and builds a table of each array in them before we see one.
    if len(content) < 8 or int.from_bytes(content[:8], "little") > MAX_HEADER:
        raise BundleError(f"{name} does not begin like arrays in safetensors")
    try:
        arrays = load(content)
    # What NumPy says to a kind of number it does not have, or a length beyond its own, and the library to the rest.
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise BundleError(f"{name} is damaged: {str(error)[:200]}") from None
    for key, array in arrays.items():
        if not _NAME.fullmatch(key) or array.dtype.name not in _KINDS or not 1 <= array.ndim <= MAX_AXES:
            raise BundleError(f"{name} holds {key[:80]!r}, {array.dtype} of {array.ndim} axes, which no model saves")
        if np.isinf(array).any():
            raise BundleError(f"{name} holds numbers that are not finite")
    return arrays


def to_state(folder: str, state: State) -> dict[str, bytes]:
    """Members `FOLDER/settings.json`, `FOLDER/arrays.safetensors` where there are arrays, and `FOLDER/BLOB`."""
    members = {f"{folder}/{SETTINGS}": to_json(dict(state.settings))}
    if state.arrays:
        members[f"{folder}/{ARRAYS}"] = to_arrays(state.arrays)
    return members | {f"{folder}/{name}": state.blobs[name] for name in sorted(state.blobs)}


def from_state(folder: str, members: Mapping[str, bytes]) -> State:
    """The state of which `to_state` made these members.

    Raises:
        BundleError: If there is none.
    """
    own = {name.removeprefix(f"{folder}/"): part for name, part in members.items() if name.startswith(f"{folder}/")}
    if SETTINGS not in own:
        raise BundleError(f"the model file holds no {folder}/{SETTINGS}")
    settings = from_json(f"{folder}/{SETTINGS}", own.pop(SETTINGS))
    arrays = from_arrays(f"{folder}/{ARRAYS}", own.pop(ARRAYS)) if ARRAYS in own else {}
    return State(settings, arrays, own)
