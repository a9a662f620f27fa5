"""The transformer of delay vectors, and what it chooses."""

from __future__ import annotations

import numpy as np
import pytest
from known_systems import series

from tsforecast.errors import DataError
from tsforecast.insight.chaos.takens import TakensEmbedding


def test_the_transformer_names_its_columns_and_times() -> None:
    transformer = TakensEmbedding(delay=3, dimension=2)
    vectors = transformer.fit_transform(np.arange(5.0))
    assert vectors.tolist() == [[3, 0], [4, 1]]
    assert transformer.rows_.tolist() == [3, 4]
    assert transformer.get_feature_names_out() == ["x(t)", "x(t-3)"]
    assert transformer.get_feature_names_out(["load"]) == ["load(t)", "load(t-3)"]


def test_the_transformer_can_be_cloned_by_scikit_learn() -> None:
    from sklearn.base import clone

    assert clone(TakensEmbedding(delay=3, dimension=2)).get_params() == {"delay": 3, "dimension": 2}


def test_the_transformer_chooses_what_is_open() -> None:
    transformer = TakensEmbedding().fit(series("lorenz", 3000))
    assert 3 <= transformer.delay_ <= 6
    assert 3 <= transformer.dimension_ <= 5


def test_a_random_walk_has_no_delay() -> None:
    with pytest.raises(DataError, match="random walk"):
        TakensEmbedding().fit(series("random-walk", 500, seed=1))
