"""What arrays hold, for signatures; importing this loads nothing but NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def standard_deviation(values: FloatArray) -> float:
    """Standard deviation of what was observed, of values too large to be squared as well."""
    with np.errstate(over="ignore", invalid="ignore"):
        plain = float(np.nanstd(values))
    if np.isfinite(plain):
        return plain
    largest = float(np.nanmax(np.abs(values)))
    return largest * float(np.nanstd(values / largest))
