"""The chaos card: everything that one scalar series tells about its dynamics, with a verdict."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.insight.chaos.ahead import step_errors
from tsforecast.insight.chaos.correlation import CorrelationDimension, correlation_dimension
from tsforecast.insight.chaos.delay import DelayChoice, choose_delay
from tsforecast.insight.chaos.determinism import inherited_distance
from tsforecast.insight.chaos.dimension import DimensionChoice, choose_dimension
from tsforecast.insight.chaos.embedding import embed
from tsforecast.insight.chaos.lyapunov import Exponent, rosenstein
from tsforecast.insight.chaos.neighbour_search import evenly
from tsforecast.insight.chaos.noise import noise_level
from tsforecast.insight.chaos.nonstationarity import cross_prediction
from tsforecast.insight.chaos.periodicity import Waves, find_waves
from tsforecast.insight.chaos.suitability import unsuitable
from tsforecast.insight.chaos.surrogates import SurrogateTest, surrogate_test
from tsforecast.insight.chaos.verdict import Evidence, Verdict, judge
from tsforecast.insight.scaling import unit_scaled

TOLERATED_ERROR = 0.4
RECURRENCE_ROWS = 500
PORTRAIT_DIMENSION = 3


@dataclass(frozen=True)
class Horizon:
    """How far ahead a chaotic series can be known.

    Attributes:
        steps: ln(0.4 / e1) / exponent: steps until the one-step error e1 has grown to 0.4 standard deviations.
        half: Half of that, a cautious figure.
        lyapunov_times: The same in Lyapunov times.
    """

    steps: float
    half: float
    lyapunov_times: float


@dataclass(frozen=True)
class ChaosCard:
    """What `chaos_card` found; None where a step was not reached.

    Attributes:
        n, n_missing: Values of the series, and how many of them are missing.
        n_vectors, n_left_out: Delay vectors, and how many were left out because they cross a gap.
        dt: Time between two values; None where the series is only counted in steps.
        noise: Measurement noise over the standard deviation; too high where the series is short.
        one_step_error, linear_step_error: Held-out error of the next step over the standard deviation, as told by
            kernel and by linear regression.
        cross_prediction: Error with which one half of the series tells the other, over that with which it tells itself.
        inherited_distance: Power of their first distance by which that of neighbours a period later depends on it.
        verdict, reason: The verdict and why, one line.
        portrait: Delay vectors in three dimensions `(vector, 3)`, for the picture.
        recurrence: Distances in standard deviations between the delay vectors at `recurrence_rows` `(row, row)`.
    """

    n: int
    n_missing: int
    n_vectors: int
    n_left_out: int
    dt: float | None
    delay: DelayChoice | None
    dimension: DimensionChoice | None
    noise: float | None
    one_step_error: float | None
    linear_step_error: float | None
    exponent: Exponent | None
    correlation: CorrelationDimension | None
    surrogates: SurrogateTest | None
    waves: Waves | None
    cross_prediction: float | None
    inherited_distance: float | None
    verdict: Verdict
    reason: str
    horizon: Horizon | None
    portrait: FloatArray
    recurrence_rows: IntArray
    recurrence: FloatArray


def chaos_card(values: FloatArray, *, dt: float | None = None, seed: int = 0) -> ChaosCard:
    """Look at one scalar series on a regular grid; never raises on bad data, the verdict says so instead.

    Args:
        values: `(time,)`; missing is NaN, infinite counts as missing.
        dt: Time between two values, for figures per unit time.
        seed: For surrogates and resampling.
    """
    series = np.where(np.isfinite(values), values, np.nan).astype("float64")
    problem = unsuitable(series)
    if problem is not None:
        return _card(series, dt, "not-determinable", problem)
    series, _ = unit_scaled(series)
    series = (series - np.nanmean(series)) / np.nanstd(series)
    delay = choose_delay(series)
    if delay.delay is None:
        verdict, reason = judge(Evidence(series, delay))
        return _card(series, dt, verdict, reason, delay=delay)
    dimension = choose_dimension(series, delay.delay, delay.theiler)
    setting = (series, delay.delay, dimension.dimension, delay.theiler)
    noise = _known(noise_level(*setting))
    ahead = step_errors(series, delay.delay, dimension.dimension, delay.te)
    waves = find_waves(series)
    surrogates = surrogate_test(*setting, seed=seed)
    period = delay.mean_period if delay.te > 1 else 1.0
    exponent = rosenstein(*setting, period=period, noise=noise or 0.0, seed=seed)
    correlation = correlation_dimension(*setting, noise=noise or 0.0)
    across = cross_prediction(*setting)
    inherited = inherited_distance(*setting, ahead=round(period), noise=noise or 0.0)
    verdict, reason = judge(Evidence(series, delay, noise, waves, surrogates, exponent, across, inherited, ahead))
    return _card(
        series,
        dt,
        verdict,
        reason,
        delay=delay,
        dimension=dimension,
        noise=noise,
        one_step_error=_known(ahead.kernel),
        linear_step_error=_known(ahead.linear),
        exponent=exponent,
        correlation=correlation,
        surrogates=surrogates,
        waves=waves,
        cross_prediction=_known(across),
        inherited_distance=_known(inherited),
        horizon=horizon(_known(ahead.kernel), exponent.value) if verdict == "chaotic" else None,
    )


def horizon(one_step_error: float | None, exponent: float) -> Horizon | None:
    """The predictability horizon from the one-step error over the standard deviation and the exponent per step."""
    if one_step_error is None or not exponent > 0:
        return None
    times = max(0.0, float(np.log(TOLERATED_ERROR / max(one_step_error, np.finfo(float).eps))))
    return Horizon(times / exponent, times / exponent / 2.0, times)


def _card(series: FloatArray, dt: float | None, verdict: Verdict, reason: str, **found: Any) -> ChaosCard:
    """Assemble a card, with what pictures need."""
    delay: DelayChoice | None = found.get("delay")
    dimension: DimensionChoice | None = found.get("dimension")
    portrait: FloatArray = np.empty((0, PORTRAIT_DIMENSION))
    distances: FloatArray = np.empty((0, 0))
    rows = np.empty(0, dtype="int64")
    n_vectors = n_left_out = 0
    if delay is not None and delay.delay is not None and dimension is not None:
        portrait, _ = embed(series, delay.delay, PORTRAIT_DIMENSION)
        vectors, times = embed(series, delay.delay, dimension.dimension)
        n_vectors = len(vectors)
        n_left_out = max(0, len(series) - (dimension.dimension - 1) * delay.delay) - n_vectors
        rows, distances = _recurrence(vectors, times, delay.mean_period)
    blank = {field.name: None for field in fields(ChaosCard)}
    known = {
        "n": len(series),
        "n_missing": int(np.isnan(series).sum()),
        "n_vectors": n_vectors,
        "n_left_out": n_left_out,
        "dt": dt,
        "verdict": verdict,
        "reason": reason,
        "portrait": portrait,
        "recurrence_rows": rows,
        "recurrence": distances,
    }
    return ChaosCard(**{**blank, **found, **known})


def _recurrence(vectors: FloatArray, times: IntArray, period: float) -> tuple[IntArray, FloatArray]:
    """Times of at most 500 vectors over the first twenty periods, and the distances between them."""
    from scipy.spatial.distance import cdist

    span = int(np.sum(times < times[0] + max(RECURRENCE_ROWS, 20 * period))) if len(times) else 0
    if span == 0:
        return np.empty(0, dtype="int64"), np.empty((0, 0))
    chosen = evenly(span, RECURRENCE_ROWS)
    return times[chosen], cdist(vectors[chosen], vectors[chosen], "chebyshev")


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
