"""`plain`: what the program holds as values that JSON has words for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Numbers, text, truth values, lists and dictionaries; None where a number is missing or infinite.

    Args:
        value: A number, text, truth value or None, of Python or numpy; an array; a frozen dataclass, which becomes a
            dictionary of its fields; or a mapping, list or tuple of such.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
