"""Fills by models of one series: cubic spline, structural model, nearest neighbours, iterative regression."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from tsforecast.errors import MissingDependencyError
from tsforecast.preparation.rows import Values

# Harmonics of the season in the structural model, and values it is fitted on at most: each costs time.
HARMONICS = 3
MOST_FITTED = 5_000
NEIGHBOURS = 5


def fill_series(method: str, values: Values, channel: int, season_length: int, to_end: bool = False) -> Values:
    """One channel of one series with the missing values between its first and last observed one filled `(time,)`.

    Args:
        method: ``spline``, ``kalman``, ``knn`` or ``iterative``.
        values: All channels of the series `(time, channel)`.
        season_length: Steps in a season, 1 for none.
        to_end: Whether all methods but ``spline`` fill the rows after the last observed one too.

    Raises:
        MissingDependencyError: Where the package that does it is not installed.
    """
    x = values[:, channel]
    seen = np.flatnonzero(~np.isnan(x))
    filled = x.copy()
    if len(seen) < 4:
        return filled
    inner = slice(seen[0], len(x) if to_end and method != "spline" else seen[-1] + 1)
    if method == "spline":
        filled[inner] = _spline(x[inner])
    elif method == "kalman":
        filled[inner] = _kalman(x[inner], season_length)
    else:
        filled[inner] = _by_rows(method, values[inner], channel, season_length)
    return np.where(np.isnan(x), filled, x)


def _spline(x: Values) -> Values:
    from scipy.interpolate import CubicSpline

    seen = np.flatnonzero(~np.isnan(x))
    return np.asarray(CubicSpline(seen, x[seen])(np.arange(len(x))))


def _kalman(x: Values, season_length: int) -> Values:
    """Smoothed signal of a local level with a trigonometric season (Harvey 1989), fitted by maximum likelihood."""
    try:
        from statsmodels.tsa.statespace.structural import UnobservedComponents
    except ImportError as error:
        raise MissingDependencyError("statsmodels", "prepare", "Kalman smoothing") from error
    centre, scale = np.nanmean(x), np.nanstd(x) or 1.0
    y = (x - centre) / scale
    harmonics = min(HARMONICS, season_length // 2)
    season: dict[str, Any] = {}
    if season_length > 1:
        season = {"freq_seasonal": [{"period": season_length, "harmonics": harmonics}]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        part = UnobservedComponents(y[-MOST_FITTED:], level="local level", **season)
        parameters = part.fit(disp=False, maxiter=50).params
        smoothed = UnobservedComponents(y, level="local level", **season).smooth(parameters)
    signal = np.asarray(smoothed.model.ssm["design"]) @ np.asarray(smoothed.smoothed_state)
    return np.asarray(signal[0] * scale + centre)


def _by_rows(method: str, values: Values, channel: int, season_length: int) -> Values:
    """Imputation from rows alike: all channels, the rows and seasons next to each, and the phase are the features."""
    from sklearn.impute import KNNImputer

    centre, scale = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    z = (values - np.nan_to_num(centre)) / np.where(scale > 0, scale, 1.0)
    lags = [-1, 1] + ([-season_length, season_length] if season_length > 1 else [])
    phase = 2 * np.pi * np.arange(len(z)) / max(season_length, 2)
    clock = (
        np.column_stack([np.sin(phase), np.cos(phase)]) if season_length > 1 else np.arange(len(z))[:, None] / len(z)
    )
    shifted = [_shifted(z[:, [channel]], lag) for lag in lags]
    table = np.column_stack([z[:, [channel]], np.delete(z, channel, axis=1), *shifted, clock])
    table = table[:, ~np.isnan(table).all(axis=0)]
    if method == "knn":
        imputer = KNNImputer(n_neighbors=NEIGHBOURS, weights="distance")
    else:
        from sklearn.experimental import enable_iterative_imputer  # noqa: F401
        from sklearn.impute import IterativeImputer

        imputer = IterativeImputer(max_iter=10, random_state=0)
    learned = table[np.linspace(0, len(table) - 1, min(len(table), MOST_FITTED)).astype(int)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = imputer.fit(learned).transform(table)[:, 0]
    return np.asarray(result * (scale[channel] or 1.0) + centre[channel])


def _shifted(x: Values, lag: int) -> Values:
    result = np.full_like(x, np.nan)
    if abs(lag) < len(x):
        result[max(lag, 0) : len(x) + min(lag, 0)] = x[max(-lag, 0) : len(x) - max(lag, 0)]
    return result
