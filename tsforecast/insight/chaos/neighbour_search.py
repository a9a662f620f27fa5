"""Nearest neighbours in state space that are not merely neighbours in time."""

from __future__ import annotations

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray


class NeighbourSearch:
    """Searches a set of delay vectors for neighbours outside the Theiler window.

    Theiler 1986, Spurious dimension from correlation algorithms applied to limited time-series data.

    Args:
        vectors: `(vector, dimension)`, finite.
        rows: Time index of each vector `(vector,)`.
        theiler: Neighbours must be more than this many steps away in time.
        p: The Minkowski norm; infinity is the maximum norm.
    """

    def __init__(self, vectors: FloatArray, rows: IntArray, theiler: int, p: float = np.inf) -> None:
        from scipy.spatial import cKDTree

        self.vectors, self.rows, self.theiler, self.p = vectors, rows, theiler, p
        # Unbalanced, because the median split degenerates on the repeated points of a periodic series.
        self.tree = cKDTree(vectors, balanced_tree=False)

    def nearest(self, points: FloatArray, times: IntArray, count: int = 1) -> tuple[FloatArray, IntArray]:
        """Distances and positions of the `count` nearest vectors of each point, nearest first.

        Args:
            points: `(point, dimension)`.
            times: Time index of each point `(point,)`.

        Returns:
            distance, position: `(point, count)`; infinity and -1 where there are not that many.
        """
        distance = np.full((len(points), count), np.inf)
        position = np.full((len(points), count), -1, dtype="int64")
        open_points = np.arange(len(points))
        # At most 2 theiler + 1 vectors lie within the window, so the search ends.
        enough = min(len(self.vectors), count + 2 * self.theiler + 1)
        k = min(enough, count + 4)
        while len(open_points):
            near, found = self.tree.query(points[open_points], k=k, p=self.p)
            near, found = np.reshape(near, (-1, k)), np.reshape(found, (-1, k))
            apart = np.abs(self.rows[found] - times[open_points, None]) > self.theiler
            rank = np.cumsum(apart, axis=1)
            done = (rank[:, -1] >= count) | (k >= enough)
            take = apart & (rank <= count) & done[:, None]
            which, column = np.nonzero(take)
            slot = rank[which, column] - 1
            distance[open_points[which], slot] = near[which, column]
            position[open_points[which], slot] = found[which, column]
            open_points = open_points[~done]
            k = min(enough, 4 * k)
        return distance, position


def evenly(n: int, at_most: int) -> IntArray:
    """At most `at_most` positions spread over 0 ... n - 1 `(position,)`."""
    return np.unique(np.linspace(0, n - 1, min(n, at_most)).astype("int64"))
