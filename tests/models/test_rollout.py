"""Recursion: segments fed back as contexts."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from series_of import column

from tsforecast.models.rollout import rollout


@given(context_length=st.integers(1, 5), segment=st.integers(1, 7), horizon=st.integers(1, 20))
def test_rollout_feeds_segments_back(context_length: int, segment: int, horizon: int):
    def count_on(inputs: np.ndarray) -> np.ndarray:
        return inputs[:, -1:] + np.arange(1, segment + 1)[:, None]

    inputs = np.array([[[0.0]], [[100.0]]]).repeat(context_length, axis=1)
    forecast = rollout(count_on, inputs, horizon)
    assert forecast[:, :, 0].tolist() == [list(range(1, horizon + 1)), list(range(101, 101 + horizon))]


def test_rollout_sees_its_own_segments_as_context():
    forecast = rollout(lambda inputs: inputs.sum(axis=1, keepdims=True), column(1, 1)[None], 5)
    assert forecast[0, :, 0].tolist() == [2, 3, 5, 8, 13]
