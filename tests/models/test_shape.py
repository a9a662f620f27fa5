"""The rules by which context and segment follow from the data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.errors import UsageError
from tsforecast.model_config import WindowConfig
from tsforecast.models.shape import choose_shape


@pytest.mark.parametrize(
    ("n_rows", "horizon", "season", "config", "context", "segment", "patch"),
    [
        ([2000], 48, 24, WindowConfig(), 336, 24, 24),
        ([900], 48, 24, WindowConfig(), 168, 24, 24),
        ([9000], 48, 24, WindowConfig(), 672, 24, 24),
        ([400], 48, 24, WindowConfig(), 100, 24, 24),
        ([2000], 6, 24, WindowConfig(), 336, 6, 6),
        ([2000], 48, 1, WindowConfig(), 64, 24, 24),
        ([2000], 48, 24, WindowConfig(strategy="recursive"), 128, 1, 1),
        ([2000], 48, 24, WindowConfig(strategy="direct"), 336, 48, 24),
        ([2000], 48, 24, WindowConfig(context_length=48, segment_length=1), 48, 1, 1),
        ([10], 3, 7, WindowConfig(), 5, 3, 3),
    ],
)
def test_shape_follows_season_and_length(n_rows, horizon, season, config, context, segment, patch):
    shape = choose_shape(n_rows, horizon, season, config)
    assert (shape.context_length, shape.segment_length, shape.patch_length) == (context, segment, patch)


@given(n=st.integers(1, 10_000), horizon=st.integers(1, 800), season=st.integers(1, 9000))
def test_a_context_fits_the_data(n: int, horizon: int, season: int):
    shape = choose_shape([n], horizon, season, WindowConfig())
    assert 1 <= shape.context_length <= max(1, n // 2)
    assert 1 <= shape.segment_length <= horizon


@pytest.mark.parametrize(
    "impossible",
    [
        {"strategy": "direct", "segment_length": 5},
        {"segment_length": 0},
        {"context_length": 0},
        {"strategy": "sideways"},
    ],
    ids=str,
)
def test_impossible_shapes_are_usage_errors(impossible):
    # where settings check themselves they are refused before they are there
    with pytest.raises(UsageError):
        choose_shape([1000], 24, 24, WindowConfig(**impossible))
