"""Filling: known answers of each method, what stays missing, and the choice between methods."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepare_tables import hourly, table
from scipy.interpolate import CubicSpline, PchipInterpolator

from tsforecast.config import PrepareConfig
from tsforecast.errors import DataError, UsageError
from tsforecast.preparation import prepare

nan = np.nan


def filled(values, method, **options):
    return prepare(hourly(values), PrepareConfig(impute=method, **options)).filled.values[:, 0]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("linear", [1, 2, 3, 4, 5, 6]),
        ("previous", [1, 1, 1, 4, 5, 6]),
        ("next", [1, 4, 4, 4, 5, 6]),
        ("constant:9", [1, 9, 9, 4, 5, 6]),
        ("none", [1, nan, nan, 4, 5, 6]),
        ("spline", [1, 2, 3, 4, 5, 6]),
    ],
)
def test_known_answers(method, expected):
    np.testing.assert_allclose(filled([1, nan, nan, 4, 5, 6], method), expected)


def test_time_weighs_months_by_their_days():
    stamps = pd.date_range("2023-01-01", periods=4, freq="MS")
    prepared = prepare(table(stamps, [0.0, nan, 59, 90]), PrepareConfig(impute="time"))
    assert prepared.filled.values[1, 0] == pytest.approx(31)


@given(st.integers(0, 2**32 - 1))
def test_cubic_methods_agree_with_scipy(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=40).cumsum()
    missing = rng.random(40) < 0.4
    missing[[0, 1, -2, -1]] = False
    seen = np.flatnonzero(~missing)
    gappy = np.where(missing, nan, x)
    # The formula at the very first and last knot differs; it reaches no gap here.
    np.testing.assert_allclose(filled(gappy, "pchip"), PchipInterpolator(seen, x[seen])(np.arange(40)), atol=1e-9)
    np.testing.assert_allclose(filled(gappy, "spline"), CubicSpline(seen, x[seen])(np.arange(40)), atol=1e-9)


def test_seasonal_is_exact_on_a_season_with_a_trend():
    t = np.arange(240)
    x = 5 * np.sin(2 * np.pi * t / 24) + 0.5 * t
    gappy = x.copy()
    gappy[100:130] = nan
    np.testing.assert_allclose(filled(gappy, "seasonal:24"), x, atol=1e-9)
    np.testing.assert_allclose(filled(gappy, "auto"), x, atol=1e-6)


@pytest.mark.parametrize("method", ["kalman", "knn", "iterative"])
def test_models_beat_the_straight_line_on_a_season(method):
    rng = np.random.default_rng(1)
    t = np.arange(480)
    x = 10 + 5 * np.sin(2 * np.pi * t / 24) + 0.2 * rng.normal(size=480)
    gappy = x.copy()
    for start in (50, 170, 301):
        gappy[start : start + 14] = nan
    missing = np.isnan(gappy)
    ours, straight = filled(gappy, method), filled(gappy, "linear")
    assert np.abs(ours - x)[missing].mean() < 0.25 * np.abs(straight - x)[missing].mean()
    np.testing.assert_array_equal(ours[~missing], x[~missing])


def test_neighbours_use_the_other_channels():
    rng = np.random.default_rng(2)
    driver = rng.normal(size=300)
    gappy = 3 * driver + 1
    gappy[100:110] = nan
    stamps = pd.date_range("2024", periods=300, freq="h")
    panel = prepare(table(stamps, gappy, driver), PrepareConfig(impute="iterative")).filled
    np.testing.assert_allclose(panel.values[100:110, 0], 3 * driver[100:110] + 1, atol=0.05)


@pytest.mark.parametrize("method", ["auto", "linear", "pchip", "spline", "previous", "next", "seasonal:4", "knn"])
def test_edges_stay_missing(method):
    x = np.sin(np.arange(40.0))
    x[[0, 1, 17, 38, 39]] = nan
    result = filled(x, method)
    assert np.isnan(result[[0, 1, 38, 39]]).all()
    assert np.isfinite(result[2:38]).all()


def test_a_longer_gap_than_allowed_stays_whole():
    prepared = prepare(hourly([1, nan, 3, nan, nan, 6, 7]), PrepareConfig(impute="linear", max_gap=1))
    np.testing.assert_array_equal(prepared.filled.values[:, 0], [1, 2, 3, nan, nan, 6, 7])
    assert prepared.report.n_left == 2


def test_nothing_crosses_from_series_to_series():
    stamps = pd.date_range("2024", periods=5, freq="h")
    x = [1, 2, 3, nan, nan, nan, nan, 30, 40, 50]
    for method in ("linear", "pchip", "previous", "next", "seasonal:2", "auto"):
        both = table(stamps.append(stamps), x, ids=["a"] * 5 + ["b"] * 5)
        values = prepare(both, PrepareConfig(impute=method)).filled.values[:, 0]
        np.testing.assert_array_equal(values, x)


def test_auto_says_how_it_chose():
    rng = np.random.default_rng(5)
    t = np.arange(24 * 60)
    x = 50 + 20 * np.sin(2 * np.pi * t / 24) + rng.normal(size=len(t))
    for start, length in ((100, 1), (400, 1), (700, 30), (1000, 40)):
        x[start : start + length] = nan
    report = prepare(hourly(x)).report
    scores = report.imputation_scores["y"]
    assert set(scores) == {"1-1", "30-40"}
    assert scores["30-40"]["seasonal:24"] < 0.2 * scores["30-40"]["linear"]
    assert report.filled["y"]["seasonal:24"] >= 70


def test_auto_is_reproducible_and_free_when_nothing_is_missing():
    x = np.random.default_rng(0).normal(size=200)
    assert prepare(hourly(x)).report.imputation_scores == {}
    x[[5, 6, 90]] = nan
    assert prepare(hourly(x)).report.to_dict() == prepare(hourly(x)).report.to_dict()


@pytest.mark.parametrize("method", ["best", "constant", "constant:x", "linear:3", "seasonal:1", "seasonal:x", ""])
def test_an_unknown_method_is_refused_even_when_nothing_is_missing(method):
    with pytest.raises(UsageError):
        filled([1.0, 2, 3, 4], method)


def test_a_season_that_is_not_there_asks_for_its_length():
    x = np.random.default_rng(0).normal(size=100).cumsum()
    x[50] = nan
    with pytest.raises(DataError, match="no season") as error:
        filled(x, "seasonal")
    assert "seasonal:24" in error.value.hint


def test_two_rows_with_a_missing_edge_are_left():
    np.testing.assert_array_equal(filled([1, nan], "auto"), [1, nan])
