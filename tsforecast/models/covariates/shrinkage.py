"""How much the coefficients of the regression are shrunk: each block of the training rows, forecast from the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tsforecast.data.arrays import FloatArray

PENALTIES = (1e-3, 1e-2, 1e-1, 1.0, 10.0, 1e6)
"""Weights of the squared coefficients of standardised features, in squared units of the target, for each row.

The last leaves no effect."""
_BLOCKS = 6


def best_penalty(pairs: Sequence[tuple[FloatArray, FloatArray]]) -> tuple[float, float]:
    """The lowest squared error of a row, each block from the others, and the penalty with it.

    Where it is not a standard error below that without an effect, there is none (after Breiman et al. 1984,
    Classification and regression trees, section 3.4.3): else a column of noise has an effect, and a model that
    overfits does a little better with noise.
    """
    cut = [[np.array_split(part, _BLOCKS) for part in pair] for pair in pairs]
    moments = [_moments([(x[k], y[k]) for x, y in cut]) for k in range(_BLOCKS)]
    errors = np.empty((_BLOCKS, len(PENALTIES)))
    for k, (gram, moment, total, n_rows) in enumerate(moments):
        rest = [m for i, m in enumerate(moments) if i != k]
        whole, both, n = sum(m[0] for m in rest), sum(m[1] for m in rest), max(1, sum(m[3] for m in rest))
        found = [solved(whole, both, penalty * n) for penalty in PENALTIES[:-1]]
        squared = [total - 2 * float((b * moment).sum()) + float((b * (gram @ b)).sum()) for b in found] + [total]
        errors[k] = np.array(squared) / max(1, n_rows)
    mean = errors.mean(axis=0)
    lowest = int(np.argmin(mean))
    gain = errors[:, -1] - errors[:, lowest]
    if gain.mean() <= gain.std(ddof=1) / np.sqrt(_BLOCKS):
        lowest = len(PENALTIES) - 1
    return float(mean[lowest]), PENALTIES[lowest]


def solved(gram: FloatArray, moment: FloatArray, penalty: float) -> FloatArray:
    """Coefficients of one penalty, by Cholesky: for few penalties far cheaper than an eigendecomposition."""
    from scipy.linalg import solve

    return np.asarray(solve(gram + penalty * np.eye(len(gram)), moment, assume_a="pos", check_finite=False))


def _moments(rows: Sequence[tuple[FloatArray, FloatArray]]) -> tuple[Any, Any, float, int]:
    """Of a block: `x.T @ x`, `x.T @ y`, the sum of squares of y, and rows."""
    squares = sum(float((y**2).sum()) for _, y in rows)
    return sum(x.T @ x for x, _ in rows), sum(x.T @ y for x, y in rows), squares, sum(len(x) for x, _ in rows)
