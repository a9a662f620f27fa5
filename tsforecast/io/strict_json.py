"""JSON as it lies in a saved model: strict on the way in, the same bytes on the way out."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from tsforecast.errors import BundleError

MAX_JSON = 8 * 2**20
MAX_DEPTH = 32


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
        raise BundleError(f"{name} is not valid: {str(error)[:200]}") from None
    if not isinstance(value, dict):
        raise BundleError(f"{name} must be an object, received {type(value).__name__}")
    if _depth(value) > MAX_DEPTH:
        raise BundleError(f"{name} is nested too deeply")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is too large a number")
    return number


def _int64(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
        raise ValueError(f"{text[:40]} is too large a number")
    return int(text)


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
