"""How well the next step of a series can be told from its past, held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.insight.chaos.embedding import embed
from tsforecast.insight.chaos.neighbour_search import evenly

TRAINING = 1_000
JUDGED = 400
FEWEST = 40
HELD_OUT = 0.2
LENGTHS = (0.35, 0.6, 1.0, 2.0)
PENALTIES = (1e-10, 1e-7, 1e-4, 1e-2, 1.0)


@dataclass(frozen=True)
class StepErrors:
    """Root mean square errors of the next step over the standard deviation of the series, held out; NaN if unknown.

    Attributes:
        kernel: Of the best kernel ridge regression.
        linear: Of the best linear regression on the same vectors.
    """

    kernel: float
    linear: float


def step_errors(values: FloatArray, delay: int, dimension: int, te: int) -> StepErrors:
    """How well the next step is told by regression on delay vectors, nonlinear and linear.

    Kernel ridge regression (Saunders, Gammerman & Vovk 1998) and least squares from delay vectors to the next
    increment, learnt from at most 1,000 vectors of the first four fifths and judged on 400 of the last; the best of
    several kernels. In flows, windows of 3 te and 3/2 te with short lags are tried beside the embedding: an embedding
    unfolds the attractor with as few elements as it can, and more elements tell a derivative better.

    Args:
        values: `(time,)`, missing is NaN.
        delay, dimension: Of the embedding.
        te: First lag with autocorrelation below 1/e, in steps; 1 or less for a map.
    """
    windows = {(delay, dimension)}
    if te > 1:
        windows |= {(max(1, round(3 * te / 12)), 13), (max(1, round(1.5 * te / 6)), 7)}
    parts = [part for part in (_parts(values, *window) for window in sorted(windows)) if part is not None]
    if not parts:
        return StepErrors(float("nan"), float("nan"))
    deviation = float(np.nanstd(values))
    return StepErrors(min(map(_kernel_error, parts)) / deviation, min(map(_linear_error, parts)) / deviation)


@dataclass(frozen=True)
class _Parts:
    """Delay vectors over the standard deviation and the steps that follow, to learn from and to judge on."""

    early: FloatArray
    learnt: FloatArray
    late: FloatArray
    judged: FloatArray


def _parts(values: FloatArray, delay: int, dimension: int) -> _Parts | None:
    vectors, rows = embed(values[:-1], delay, dimension)
    steps = values[rows + 1] - values[rows]
    known = np.isfinite(steps)
    vectors, rows, steps = vectors[known] / np.nanstd(values), rows[known], steps[known]
    last = (1.0 - HELD_OUT) * len(values)
    # What is judged shares no value with what is learnt from.
    early = np.flatnonzero(rows + 1 < last - dimension * delay)
    late = np.flatnonzero(rows >= last)
    if len(early) < FEWEST or len(late) < FEWEST:
        return None
    early, late = early[evenly(len(early), TRAINING)], late[evenly(len(late), JUDGED)]
    return _Parts(vectors[early], steps[early], vectors[late], steps[late])


def _kernel_error(parts: _Parts) -> float:
    """The least error of all kernels and penalties."""
    from scipy.linalg.lapack import dposv
    from scipy.spatial.distance import cdist

    dimension = parts.early.shape[1]
    apart = cdist(parts.early, parts.early, "sqeuclidean") / dimension
    across = cdist(parts.late, parts.early, "sqeuclidean") / dimension
    least = _rms(parts.judged)
    for length in LENGTHS:
        kernel, unseen = (np.exp(gap / (-2.0 * length**2)) for gap in (apart, across))
        for penalty in PENALTIES:
            shifted = kernel.copy()
            shifted.flat[:: len(kernel) + 1] += penalty
            _, weights, info = dposv(shifted, parts.learnt, overwrite_a=1)
            if info == 0:
                least = min(least, _rms(unseen @ weights - parts.judged))
    return least


def _linear_error(parts: _Parts) -> float:
    early, late = (np.column_stack([v, np.ones(len(v))]) for v in (parts.early, parts.late))
    weights = np.linalg.lstsq(early, parts.learnt, rcond=None)[0]
    return _rms(late @ weights - parts.judged)


def _rms(error: FloatArray) -> float:
    return float(np.sqrt(np.mean(error**2)))
