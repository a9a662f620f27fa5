"""Delay vectors, and the choice of delay and dimension."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from tsforecast.errors import DataError, UsageError
from tsforecast.insight.chaos.delay import autocorrelation, choose_delay, decay_time, mean_period, mutual_information
from tsforecast.insight.chaos.dimension import choose_dimension
from tsforecast.insight.chaos.embedding import embed
from tsforecast.insight.chaos.neighbour_search import NeighbourSearch
from tsforecast.insight.chaos.takens import TakensEmbedding
from tsforecast.synth import generate


def series(name: str, length: int = 2000, **options: float) -> np.ndarray:
    return generate(name, length=length, **options).iloc[:, 1].to_numpy(copy=True)  # type: ignore[arg-type]


def test_embedding_of_a_count_shows_the_order_of_elements() -> None:
    vectors, rows = embed(np.arange(6.0), delay=2, dimension=3)
    assert vectors.tolist() == [[4, 2, 0], [5, 3, 1]]
    assert rows.tolist() == [4, 5]


def test_channels_stay_together_within_a_lag() -> None:
    vectors, _ = embed(np.column_stack([np.arange(4.0), 10 + np.arange(4.0)]), delay=1, dimension=2)
    assert vectors[0].tolist() == [1, 11, 0, 10]


def test_vectors_that_touch_a_gap_are_left_out() -> None:
    x = np.arange(10.0)
    x[4] = np.nan
    vectors, rows = embed(x, delay=1, dimension=3)
    assert rows.tolist() == [2, 3, 7, 8, 9]
    assert np.isfinite(vectors).all()


@given(n=st.integers(0, 30), delay=st.integers(1, 4), dimension=st.integers(1, 4))
def test_each_element_is_the_value_at_its_lag(n: int, delay: int, dimension: int) -> None:
    x = np.random.default_rng(n).normal(size=n)
    vectors, rows = embed(x, delay, dimension)
    assert len(vectors) == max(0, n - (dimension - 1) * delay)
    for k in range(dimension):
        np.testing.assert_array_equal(vectors[:, k], x[rows - k * delay])


@pytest.mark.parametrize(("delay", "dimension"), [(0, 2), (2, 0)])
def test_delay_and_dimension_are_positive(delay: int, dimension: int) -> None:
    with pytest.raises(UsageError):
        embed(np.arange(9.0), delay, dimension)


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


def test_the_delay_of_a_sine_is_about_a_quarter_of_its_period() -> None:
    for period in (24.3, 61.7, 100.0):
        x = np.sin(2 * np.pi * np.arange(3000) / period)
        choice = choose_delay(x)
        assert choice.delay is not None
        assert 0.15 * period <= choice.delay <= 0.3 * period
        assert choice.mean_period == pytest.approx(period, rel=0.02)


def test_te_of_ar1_follows_from_its_coefficient() -> None:
    # 0.9^k < 1/e from k = 10 on.
    assert decay_time(autocorrelation(series("ar1", 50_000, seed=2), 100)) in (9, 10)


@pytest.mark.parametrize("name", ["henon", "logistic", "white-noise"])
def test_maps_have_a_delay_of_one(name: str) -> None:
    assert choose_delay(series(name)).delay == 1


def test_autocorrelation_ignores_gaps() -> None:
    x = series("ar1", 5000)
    x[1000:1400] = np.nan
    direct = [np.nanmean((x - np.nanmean(x))[k:] * (x - np.nanmean(x))[: len(x) - k]) / np.nanvar(x) for k in range(5)]
    np.testing.assert_allclose(autocorrelation(x, 4), direct, rtol=1e-10)


def test_mutual_information_of_known_relations() -> None:
    x = np.random.default_rng(0).normal(size=20_000)
    information = mutual_information(x, 3)
    assert information[0] == pytest.approx(np.log(16), abs=0.01)
    np.testing.assert_allclose(information[1:], 0, atol=0.01)


def test_mutual_information_of_a_gaussian_pair_is_near_its_formula() -> None:
    information = mutual_information(series("ar1", 100_000), 5)
    # -log(1 - r^2) / 2; 16 cells see a little less.
    expected = -0.5 * np.log(1 - 0.9 ** (2 * np.arange(1, 6)))
    assert (information[1:] < expected + 0.01).all()
    np.testing.assert_allclose(information[1:], expected, rtol=0.1)


@pytest.mark.parametrize(
    ("name", "low", "high"), [("sine", 2, 2), ("logistic", 1, 2), ("henon", 2, 2), ("lorenz", 3, 4), ("rossler", 3, 4)]
)
def test_dimension_of_clean_systems(name: str, low: int, high: int) -> None:
    x = series(name, 3000)
    choice = choose_delay(x)
    assert choice.delay is not None
    found = choose_dimension(x, choice.delay, choice.theiler)
    assert low <= found.dimension <= high, found
    assert found.fnn[found.dimension - 1] < 0.01


def test_white_noise_needs_more_dimensions_than_any_clean_system() -> None:
    assert choose_dimension(series("white-noise", 3000), 1, 4).dimension >= 7


def test_dimension_survives_gaps() -> None:
    x = series("henon", 3000)
    x[::97] = np.nan
    assert choose_dimension(x, 1, 4).dimension == 2


def test_too_few_vectors_are_said_to_be_so() -> None:
    assert "complete vectors" in choose_dimension(series("henon", 40), 1, 4).reason


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


def test_mean_period_of_a_mixture_is_the_mean_of_frequencies() -> None:
    t = np.arange(4000)
    x = np.sin(2 * np.pi * t / 20) + np.sin(2 * np.pi * t / 40)
    assert mean_period(x) == pytest.approx(1 / (0.5 / 20 + 0.5 / 40), rel=1e-6)


@pytest.mark.parametrize("values", [np.ones(100), np.full(100, np.nan), np.arange(5.0)])
def test_a_series_without_variation_has_no_delay(values: np.ndarray) -> None:
    with pytest.raises(DataError):
        choose_delay(values)
