"""Is a series a random walk? The augmented Dickey-Fuller test, and the growth of its differences."""

from __future__ import annotations

import numpy as np

from tsforecast.dynamics.delay import autocorrelation
from tsforecast.dynamics.surrogates import longest_stretch
from tsforecast.panel import FloatArray

# 5 % point of the t-ratio with a constant and no trend, large samples (Fuller 1976, table 8.5.2).
CRITICAL = -2.86
LONGEST = 10_000


def has_unit_root(values: FloatArray) -> bool:
    """Whether the augmented Dickey-Fuller test (Said & Dickey 1984) leaves a unit root standing at 5 %.

    Regresses the differences on the level and on 12 (n / 100)^(1/4) lagged differences (Schwert 1989), over the
    longest gap-free stretch, at most 10,000 values of it.
    """
    series = longest_stretch(values)[:LONGEST]
    lags = int(12 * (len(series) / 100) ** 0.25)
    change = np.diff(series)
    rows = np.arange(lags, len(change))
    if len(rows) < 3 * lags + 10:
        return False
    lagged = change[rows[:, None] - np.arange(1, lags + 1)]
    design = np.column_stack([series[rows], np.ones(len(rows)), lagged])
    # A ridge far below the noise keeps the lags of an exactly periodic series, which repeat one another, solvable.
    scale = np.sqrt(np.mean(design**2, axis=0)) + np.finfo(float).tiny
    design = design / scale
    gram = design.T @ design + 1e-10 * len(rows) * np.eye(design.shape[1])
    inverse = np.linalg.inv(gram)
    coefficients = inverse @ (design.T @ change[rows])
    residual = change[rows] - design @ coefficients
    error = np.sqrt(np.sum(residual**2) / (len(rows) - design.shape[1]) * inverse[0, 0])
    return bool(coefficients[0] > CRITICAL * max(error, 1e-12 * float(np.std(change))))


def steps_walk(values: FloatArray) -> bool:
    """Whether the steps of a series are those of a random walk, possibly measured with noise.

    Differences five and more steps apart must be uncorrelated (nearer ones are correlated by noise alone), and the
    variance of long differences, less their mean, must grow with their length, as in the variance ratio of Lo &
    MacKinlay 1988; around a trend it does not.
    """
    change = np.diff(values)
    if np.nanstd(change) == 0:
        return False
    correlation = autocorrelation(change, 20)
    bound = max(3.0 / np.sqrt(np.isfinite(change).sum()), 0.05)
    short = max(5, len(values) // 100)
    spread = [float(np.nanvar(values[k:] - values[:-k])) for k in (short, 4 * short)]
    return bool(np.mean(np.abs(correlation[5:]) < bound) >= 0.9 and spread[1] > 2.0 * spread[0])
