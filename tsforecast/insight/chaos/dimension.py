"""Choice of the embedding dimension: Cao's method, gated by false nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.insight.chaos.embedding import embed
from tsforecast.insight.chaos.neighbour_search import NeighbourSearch, evenly

MAX_DIMENSION = 10
MAX_VECTORS = 20_000
MAX_REFERENCES = 1_000
MIN_VECTORS = 50
SATURATED = 0.9
FALSE_NEIGHBOURS = 0.01
FALSE_RATIO = 15.0
FLOOR = 0.01


@dataclass(frozen=True)
class DimensionChoice:
    """The dimension of an embedding and why.

    Attributes:
        dimension: m.
        reason: One line.
        e1: Cao's E1(m) for m = 1, 2, ... `(dimension,)`: stops changing at a sufficient m.
        e2: Cao's E2(m) likewise: near 1 for every m where the series is unpredictable noise.
        fnn: Share of false nearest neighbours at m = 1, 2, ... `(dimension,)`.
    """

    dimension: int
    reason: str
    e1: FloatArray
    e2: FloatArray
    fnn: FloatArray


def choose_dimension(values: FloatArray, delay: int, theiler: int) -> DimensionChoice:
    """Choose m for a series `(time,)`: the first with E1(m) and E1(m + 1) >= 0.9 and under 1 % false neighbours.

    Cao 1997, Practical method for determining the minimum embedding dimension of a scalar time series; Kennel, Brown
    & Abarbanel 1992, Determining embedding dimension for phase-space reconstruction (first criterion, ratio 15).
    Distances below a hundredth of the standard deviation count as that much: below it measurement noise and rounding
    rule, and the nearly exact repeats of a periodic series would make ratios of nothing to nothing.

    Vectors that touch a missing value are left out. At most 20,000 vectors and 1,000 of them as reference are used.
    """
    largest = _largest_dimension(values, delay)
    vectors, rows = embed(values, delay, largest + 1)
    if len(vectors) < MIN_VECTORS:
        return DimensionChoice(1, f"only {len(vectors)} complete vectors", np.empty(0), np.empty(0), np.empty(0))
    kept = evenly(len(vectors), MAX_VECTORS)
    # Oldest first: the element that m + 1 adds must be the future, because a map need not determine its past.
    vectors, rows = vectors[kept, ::-1], rows[kept]
    references = evenly(len(vectors), MAX_REFERENCES)
    floor = FLOOR * float(np.nanstd(values))

    growth, extra, false = (np.empty(largest) for _ in range(3))
    for m in range(1, largest + 1):
        search = NeighbourSearch(vectors[:, :m], rows, theiler)
        distance, position = search.nearest(vectors[references, :m], rows[references])
        found = position[:, 0] >= 0
        near, pairs = distance[found, 0], position[found, 0]
        gap = np.abs(vectors[references[found], m] - vectors[pairs, m])
        near = np.maximum(near, floor)
        growth[m - 1] = np.mean(np.maximum(near, gap) / near)
        extra[m - 1] = np.mean(np.maximum(gap, floor))
        false[m - 1] = np.mean(gap / near > FALSE_RATIO)
    e1, e2 = growth[1:] / growth[:-1], extra[1:] / extra[:-1]
    dimension, reason = _decide(e1, false)
    if dimension == 1 and delay > 1:
        dimension, reason = 2, "a series that moves smoothly needs two elements to tell rising from falling"
    return DimensionChoice(dimension, reason, e1, e2, false)


def _largest_dimension(values: FloatArray, delay: int) -> int:
    """As many dimensions as leave half of the series for vectors, from 2 to 10."""
    return int(np.clip(len(values) // 2 // delay, 2, MAX_DIMENSION))


def _decide(e1: FloatArray, false: FloatArray) -> tuple[int, str]:
    steady = np.flatnonzero((e1[:-1] >= SATURATED) & (e1[1:] >= SATURATED))
    if len(steady) == 0:
        if len(e1) and e1[-1] >= SATURATED:
            return len(e1), f"Cao's E1 reaches {SATURATED} only at the last dimension"
        return len(false), f"Cao's E1 does not reach {SATURATED} within {len(false)} dimensions"
    clean = [int(k) for k in steady if false[k] < FALSE_NEIGHBOURS]
    if clean:
        m = clean[0] + 1
        return m, f"Cao's E1 stays above {SATURATED} and false neighbours are {100 * false[m - 1]:.1f} %"
    m = int(steady[0]) + 1
    return m, f"Cao's E1 stays above {SATURATED}; false neighbours remain at {100 * false[m - 1]:.1f} %: noise"
