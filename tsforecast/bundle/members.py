"""JSON and arrays as they lie in a bundle: strict on the way in, the same bytes on the way out."""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from tsforecast.errors import BundleError

MAX_JSON = 16 * 2**20
MAX_DEPTH = 32
_DTYPES = ("<f8", "<f4", "<i8")
# What `to_npy` writes and no more: NumPy's own reader takes any Python literal, in several versions and orders.
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '(?P<dtype><f8|<f4|<i8)', 'fortran_order': False, "
    rb"'shape': \((?P<shape>|\d{1,12},|\d{1,12}(, \d{1,12}){1,3})\), \} *\n",
    re.DOTALL,
)


def to_json(value: Any) -> bytes:
    """Compact UTF-8 JSON with sorted keys.

    Raises:
        ValueError: If a number is not finite.
        TypeError: If something is not plain JSON.
    """
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def from_json(name: str, content: bytes) -> dict[str, Any]:
    """The JSON object in member `name`; every number in it is finite, no key occurs twice.

    Raises:
        BundleError: If it is anything else.
    """
    if len(content) > MAX_JSON:
        raise BundleError(f"{name} is larger than {MAX_JSON // 2**20} MiB")
    try:
        value = json.loads(
            content.decode("utf-8"),
            parse_constant=_refuse,
            parse_float=_finite,
            parse_int=_int64,
            object_pairs_hook=_distinct,
        )
    except RecursionError:
        raise BundleError(f"{name} is nested too deeply") from None
    except ValueError as error:
        raise BundleError(f"{name} is not valid: {error}") from None
    if not isinstance(value, dict):
        raise BundleError(f"{name} must be an object, received {type(value).__name__}")
    if _depth(value) > MAX_DEPTH:
        raise BundleError(f"{name} is nested too deeply")
    return value


def to_npy(array: npt.NDArray[Any]) -> bytes:
    """A little-endian, C-ordered `.npy`: float64, float32 or int64."""
    buffer = io.BytesIO()
    kind = array.dtype.newbyteorder("<")
    if kind.str not in _DTYPES:
        raise TypeError(f"an array in a bundle must be one of {_DTYPES}, received {array.dtype}")
    np.lib.format.write_array(buffer, np.ascontiguousarray(array, dtype=kind), version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def from_npy(name: str, content: bytes, *, missing: bool = False) -> npt.NDArray[Any]:
    """The array in member `name`, of any length but exactly as large as the member itself.

    Args:
        missing: NaN is allowed (never an infinity).

    Raises:
        BundleError: If it is anything but what `to_npy` writes of finite numbers.
    """
    header = _HEADER.match(content)
    if not header:
        raise BundleError(f"{name} is not a plain array of {' or '.join(_DTYPES)}")
    shape = tuple(int(length) for length in header["shape"].split(b",") if length.strip())
    dtype = np.dtype(header["dtype"].decode())
    size = len(content) - header.end()
    if math.prod(shape) * dtype.itemsize != size:
        raise BundleError(f"{name} declares shape {shape}, its data has {size / dtype.itemsize:g} numbers")
    array: npt.NDArray[Any] = np.frombuffer(content, dtype, offset=header.end()).reshape(shape)
    bad = np.isinf(array) if missing else ~np.isfinite(array)
    if bad.any():
        raise BundleError(f"{name} holds numbers that are not finite")
    return array


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is too large a number")
    return number


def _int64(text: str) -> int:
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"{text[:40]} is too large a number")
    return number


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key occurs twice")
    return made


def _depth(value: Any) -> int:
    depth, layer = 0, [value]
    while layer:
        depth += 1
        layer = [
            inner
            for outer in layer
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth


def to_group(group: str, arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, bytes]:
    """Members `GROUP/NAME.npy`, sorted by name."""
    return {f"{group}/{name}.npy": to_npy(array) for name, array in sorted(arrays.items())}


def from_group(group: str, content: Mapping[str, bytes], *, missing: bool = False) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a group by name; see `from_npy`."""
    return {
        name.removeprefix(f"{group}/").removesuffix(".npy"): from_npy(name, data, missing=missing)
        for name, data in content.items()
        if name.startswith(f"{group}/")
    }
