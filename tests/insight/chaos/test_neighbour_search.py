"""Neighbours are those of a full search."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from tsforecast.insight.chaos.neighbour_search import NeighbourSearch


@given(seed=st.integers(0, 50), theiler=st.integers(0, 30), count=st.integers(1, 5))
def test_neighbours_are_those_of_a_full_search(seed: int, theiler: int, count: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(60, 2)).cumsum(axis=0)
    rows = np.arange(60)
    distance, position = NeighbourSearch(vectors, rows, theiler).nearest(vectors, rows, count)
    full = cdist(vectors, vectors, "chebyshev")
    full[np.abs(rows[:, None] - rows) <= theiler] = np.inf
    expected = np.sort(full, axis=1)[:, :count]
    np.testing.assert_allclose(distance, expected)
    seen = position >= 0
    assert (seen == np.isfinite(expected)).all()
    assert (np.abs(position - rows[:, None])[seen] > theiler).all()
