"""Values brought to a size at which their squares neither overflow nor vanish."""

from __future__ import annotations

import numpy as np

from tsforecast.data.panel import FloatArray


def unit_scaled(values: FloatArray) -> tuple[FloatArray, int]:
    """The values over the power of two that brings the largest of them below 1, and its exponent.

    Exact: `np.ldexp(scaled, exponent)` gives the values back. Missing and infinite values stay what they are.
    """
    seen = np.abs(values[np.isfinite(values)])
    exponent = int(np.frexp(seen.max(initial=0.0))[1])
    return np.asarray(np.ldexp(values, -exponent)), exponent
