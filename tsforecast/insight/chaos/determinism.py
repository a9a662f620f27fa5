"""Do neighbours part because they were apart, as in chaos, or because noise drives them?"""

from __future__ import annotations

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.insight.chaos.embedding import embed
from tsforecast.insight.chaos.neighbour_search import NeighbourSearch, evenly

REFERENCES = 1_000
NEIGHBOURS = 64
FEWEST = 40
FLOOR = 1e-9


def inherited_distance(
    values: FloatArray, delay: int, dimension: int, theiler: int, *, ahead: int, noise: float
) -> float:
    """The power of their first distance by which the distance of neighbours `ahead` steps later depends on it.

    Equations without noise multiply small distances, whatever their size: the power is 1, and less only where the
    distances saturate. Noise in the equations adds to them: neighbours end up equally far apart from wherever they
    began, and the power is near 0 (the scale dependence of growth: Gao et al. 2006, Distinguishing chaos from noise by
    scale-dependent Lyapunov exponent; Kaplan 1994, Exceptional events as evidence for determinism).

    Each vector is compared with two neighbours, the second twice as far as the first, and the first beyond what
    measurement noise alone keeps apart. NaN where there are too few such pairs.

    Args:
        values: `(time,)`, missing is NaN.
        delay, dimension: Of the embedding.
        theiler: Neighbours must be more than this many steps apart in time.
        ahead: Steps, a mean period in flows.
        noise: Standard deviation of measurement noise over that of the series.
    """
    vectors, rows = embed(values, delay, dimension)
    later = np.full((len(values), dimension), np.nan)
    later[rows] = vectors
    followed = rows[rows + ahead < len(values)]
    followed = followed[np.isfinite(later[followed + ahead]).all(axis=1)]
    if len(followed) <= NEIGHBOURS:
        return float("nan")
    here = followed[evenly(len(followed), REFERENCES)]
    distance, position = NeighbourSearch(later[followed], followed, theiler, p=2.0).nearest(
        later[here], here, NEIGHBOURS
    )
    floor = np.maximum(noise * np.sqrt(2.0 * dimension), FLOOR) * float(np.nanstd(values))
    near = np.argmax(distance >= floor, axis=1)
    each = np.arange(len(here))
    far = np.argmax(distance >= 2.0 * distance[each, near][:, None], axis=1)
    # Where no neighbour is that far, the farthest one has to do.
    far = np.where(far == 0, NEIGHBOURS - 1, far)
    good = (position[:, -1] >= 0) & (distance[:, -1] >= floor) & (far > near)
    if good.sum() < FEWEST:
        return float("nan")
    here, position, each = here[good], position[good], np.arange(int(good.sum()))
    first, last = (
        np.log(
            np.maximum(
                np.linalg.norm(later[here + ahead] - later[followed[position[each, k[good]]] + ahead], axis=1), FLOOR
            )
        )
        for k in (near, far)
    )
    start = np.log(distance[good][each, far[good]] / distance[good][each, near[good]])
    return float(np.mean(last - first) / np.mean(start)) if start.mean() > 0 else float("nan")
