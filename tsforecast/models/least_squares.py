"""Ridge regression in closed form: the one path from moments to coefficients, for every model that has a linear part.

Hoerl & Kennard 1970, Ridge regression: biased estimation for nonorthogonal problems.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.data.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    from tsforecast.data.windows import Windows


def moments(pairs: Iterable[tuple[FloatArray, FloatArray]]) -> tuple[FloatArray, FloatArray]:
    """`x.T @ x` and `x.T @ y`, summed over batches of `x (row, input)` and `y (row, output)`, of which there is one."""
    gram: Any = 0.0
    moment: Any = 0.0
    for x, y in pairs:
        gram = gram + x.T @ x
        moment = moment + x.T @ y
    return gram, moment


def weighted(x: FloatArray, y: FloatArray, windows: Windows, rows: slice | IntArray) -> tuple[FloatArray, FloatArray]:
    """The same equations, each multiplied by the root of the weight of its window, where windows have weights."""
    if windows.weights is None:
        return x, y
    root = np.sqrt(windows.weights[rows])[:, None]
    return x * root, y * root


def ridge_coefficients(
    gram: FloatArray, moment: FloatArray, penalties: Sequence[float], prior: FloatArray | None = None
) -> list[FloatArray]:
    """Coefficients `(input, output)` that are least squares and shrunk, one a penalty, for the price of one.

    One eigendecomposition serves every penalty.

    Args:
        gram: `x.T @ x` `(input, input)`.
        moment: `x.T @ y` `(input, output)`.
        penalties: Weights of the squared coefficients, in squared units of x summed over rows.
        prior: What coefficients are shrunk towards; zero where there is none.
    """
    if prior is not None:
        moment = moment - gram @ prior
    eigenvalues, vectors = np.linalg.eigh(gram)
    # rounding can leave tiny negative eigenvalues
    eigenvalues = np.maximum(eigenvalues, 0.0)[:, None]
    projected = vectors.T @ moment
    path = [vectors @ (projected / (eigenvalues + penalty)) for penalty in penalties]
    return path if prior is None else [prior + found for found in path]


def ridge_from_rows(x: FloatArray, y: FloatArray, penalties: Sequence[float]) -> list[FloatArray]:
    """Coefficients `(input, output)`, one a penalty, where columns are nearly dependent and penalties tiny.

    By singular values of the rows, which lose half as many digits as the moments do; columns are brought to unit root
    mean square first, and a penalty counts for each row.
    """
    scale = np.sqrt((x**2).mean(axis=0))
    scale[scale == 0] = 1.0
    left, values, right = np.linalg.svd(x / scale, full_matrices=False)
    projected = left.T @ y
    return [
        (right.T @ (projected * (values / (values**2 + penalty * len(x)))[:, None])) / scale[:, None]
        for penalty in penalties
    ]
