"""Does a series keep its level? Its straight trend, and the two tests of a unit root that ask opposite questions."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.errors import MissingDependencyError

#: The newest values that are tested; more would only cost time.
LONGEST = 10_000
FEWEST_VALUES = 20
SIGNIFICANT = 0.05
#: A trend is spoken of where the line is this many standard errors steep and explains this share of the variance.
STEEP, EXPLAINED = 3.0, 0.05


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
    x, t = values[seen] - values[seen].mean(), seen - seen.mean()
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
    return Trend(slope, slope * float(np.ptp(t)) / spread, share, direction)


def unit_root_tests(values: FloatArray) -> Stationarity | None:
    """Test the newest values of a series `(time,)`, gaps bridged by straight lines; None where they are too few.

    Augmented Dickey-Fuller (Said & Dickey 1984) with a constant and 12 (n / 100)^(1/4) lags (Schwert 1989), and KPSS
    (Kwiatkowski, Phillips, Schmidt & Shin 1992) around a level, both as in statsmodels.

    Raises:
        MissingDependencyError: statsmodels is not installed.
    """
    try:
        from statsmodels.tsa.stattools import adfuller, kpss
    except ImportError as error:
        raise MissingDependencyError("statsmodels", "prepare", "testing stationarity") from error
    seen = np.flatnonzero(np.isfinite(values))
    if len(seen) < FEWEST_VALUES or np.ptp(values[seen]) == 0:
        return None
    x = np.interp(np.arange(max(seen[0], seen[-1] - LONGEST + 1), seen[-1] + 1), seen, values[seen])
    x = (x - x.mean()) / (x.std() or 1.0)
    if np.ptp(x) == 0:
        return None
    lags = min(int(12 * (len(x) / 100) ** 0.25), len(x) // 2 - 2)
    with warnings.catch_warnings():
        # The p of KPSS comes from a table and is cut at its ends, which statsmodels warns about each time.
        warnings.simplefilter("ignore")
        adf_p = float(adfuller(x, maxlag=lags, autolag=None)[1])
        kpss_p = float(kpss(x, regression="c", nlags="auto")[1])
    returns, wanders = adf_p < SIGNIFICANT, kpss_p < SIGNIFICANT
    verdicts = {
        (True, False): "stationary",
        (False, True): "not stationary",
        (True, True): "level changes",
        (False, False): "cannot tell",
    }
    return Stationarity(adf_p, kpss_p, verdicts[returns, wanders])
