"""Does a series keep its level? Its straight trend, and the two tests of a unit root that ask opposite questions."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.errors import MissingDependencyError
from tsforecast.insight.scaling import unit_scaled

#: The newest values that are tested; more would only cost time.
LONGEST = 10_000
FEWEST_VALUES = 20
SIGNIFICANT = 0.05
#: A trend is spoken of where the line is this many standard errors steep and explains this share of the variance.
STEEP, EXPLAINED = 3.0, 0.05
#: MacKinnon 1994, Approximate asymptotic distribution functions for unit-root and cointegration tests, table 3, one
#: series with a constant: the quantile of the normal distribution as a polynomial of the t-ratio, constant first, below
#: and above its turning point, and where it leaves what was tabulated.
_FAR_BELOW, _TURN, _FAR_ABOVE = -18.83, -1.61, 2.74
_BELOW, _ABOVE = (2.1659, 1.4412, 0.038269), (1.7339, 0.93202, -0.12745, -0.010368)


@dataclass(frozen=True)
class Trend:
    """The straight line of least squares.

    Attributes:
        slope: Change per step.
        rise: Change from the first to the last step, in standard deviations of the series.
        share: Share of the variance that the line explains.
        direction: "rising", "falling" or "none".
    """

    slope: float
    rise: float
    share: float
    direction: str


@dataclass(frozen=True)
class Stationarity:
    """Two tests of a unit root.

    Attributes:
        adf_p: p of the augmented Dickey-Fuller test; small speaks for a fixed level.
        kpss_p: p of the KPSS test, between 0.01 and 0.1, where its table ends; small speaks against a fixed level.
        verdict: "stationary", "not stationary", "level changes" (both tests reject) or "cannot tell" (neither does).
    """

    adf_p: float
    kpss_p: float
    verdict: str


def find_trend(values: FloatArray) -> Trend | None:
    """The trend of a series `(time,)`, missing values left out; None where it is too short or constant.

    The standard error counts as many independent values as an AR(1) process with the memory of the residuals has
    (Bartlett 1935): a random walk has no trend.
    """
    seen = np.flatnonzero(np.isfinite(values))
    if len(seen) < FEWEST_VALUES or np.ptp(values[seen]) == 0:
        return None
    scaled, exponent = unit_scaled(values[seen])
    x, t = scaled - scaled.mean(), seen - seen.mean()
    slope = float(t @ x / (t @ t))
    rest = x - slope * t
    spread = float(x.std())
    share = float(1 - rest.var() / spread**2)
    memory = float(rest[1:] @ rest[:-1] / (rest @ rest)) if rest.any() else 0.0
    # Detrending takes memory away: about 10 / n from a random walk (Fuller 1976, table 8.5.1), less from shorter ones.
    memory = min(1.0, memory * (1 + 10 / len(x)))
    independent = len(x) * (1 - memory) / (1 + max(memory, 0.0))
    error = np.sqrt(rest.var() / max(independent - 2, 1e-9)) / t.std()
    steep = abs(slope) > STEEP * error and independent > 2 and share >= EXPLAINED
    direction = ("rising" if slope > 0 else "falling") if steep else "none"
    return Trend(float(np.ldexp(slope, exponent)), slope * float(np.ptp(t)) / spread, share, direction)


def dickey_fuller(series: FloatArray) -> float:
    """The t-ratio of the augmented Dickey-Fuller test (Said & Dickey 1984) with a constant.

    Regresses the differences on the level and on 12 (n / 100)^(1/4) lagged differences (Schwert 1989).

    Args:
        series: Complete, at least `FEWEST_VALUES` long `(time,)`.
    """
    n = len(series)
    lags = min(int(12 * (n / 100) ** 0.25), n // 2 - 2)
    series = series - series.mean()
    change = np.diff(series)
    rows = np.arange(lags, len(change))
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
    # Without the floor the error of a series that its lags explain wholly is rounding.
    return float(coefficients[0] / (max(error, 1e-12 * float(np.std(change))) or 1.0))


def unit_root_p(ratio: float) -> float:
    """The chance of a t-ratio of `dickey_fuller` as low as this where there is a unit root (MacKinnon 1994)."""
    from scipy.special import ndtr

    if not _FAR_BELOW <= ratio <= _FAR_ABOVE:
        return 0.0 if ratio < _FAR_BELOW else 1.0
    return float(ndtr(np.polynomial.polynomial.polyval(ratio, _BELOW if ratio <= _TURN else _ABOVE)))


def unit_root_tests(values: FloatArray) -> Stationarity | None:
    """Test the newest values of a series `(time,)`, gaps bridged by straight lines; None where they are too few.

    Augmented Dickey-Fuller, and KPSS (Kwiatkowski, Phillips, Schmidt & Shin 1992) around a level as in statsmodels.

    Raises:
        MissingDependencyError: statsmodels is not installed.
    """
    try:
        from statsmodels.tsa.stattools import kpss
    except ImportError as error:
        raise MissingDependencyError("statsmodels", "prepare", "testing stationarity") from error
    seen = np.flatnonzero(np.isfinite(values))
    if len(seen) < FEWEST_VALUES or np.ptp(values[seen]) == 0:
        return None
    x = np.interp(np.arange(max(seen[0], seen[-1] - LONGEST + 1), seen[-1] + 1), seen, unit_scaled(values)[0][seen])
    x = (x - x.mean()) / (x.std() or 1.0)
    if np.ptp(x) == 0:
        return None
    with warnings.catch_warnings():
        # The p of KPSS comes from a table and is cut at its ends, which statsmodels warns about each time.
        warnings.simplefilter("ignore")
        kpss_p = float(kpss(x, regression="c", nlags="auto")[1])
    adf_p = unit_root_p(dickey_fuller(x))
    returns, wanders = adf_p < SIGNIFICANT, kpss_p < SIGNIFICANT
    verdicts = {
        (True, False): "stationary",
        (False, True): "not stationary",
        (True, True): "level changes",
        (False, False): "cannot tell",
    }
    return Stationarity(adf_p, kpss_p, verdicts[returns, wanders])
