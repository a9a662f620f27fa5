"""The largest Lyapunov exponent from the divergence of neighbouring trajectories.

Rosenstein, Collins & De Luca 1993, A practical method for calculating largest Lyapunov exponents from small data sets:
pair each delay vector with its nearest neighbour outside the Theiler window, follow both, and take the slope of the
mean logarithm of their distance. Three departures make the slope less dependent on where the curve saturates:

- In flows the distance is measured across the neighbour's path: the part along it is a difference in time, which does
  not grow, and would mask the growth of the rest.
- The curve adds up mean increments over the pairs that are still close. A pair leaves once its distance has come near
  that of two random points (one mean period later in flows, so that it does not leave at the top of an oscillation).
- The fit ends when half of the pairs have left, whatever their distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.insight.chaos.embedding import embed
from tsforecast.insight.chaos.neighbour_search import NeighbourSearch, evenly

REFERENCES = 1_500
MIN_PAIRS = 40
BLOCKS = 8
# 95 % point of the normal distribution.
Z_QUANTILE = 1.645
PERIODS = 20
MAP_STEPS = 40
MARGIN = 1.0
MIN_RANGE = 0.75
FLOOR = 1e-9
# Measured by benchmarks/lyapunov.py: what blocks of time and other dimensions do not show.
SYSTEMATIC = 0.1
SHORT_RANGE = 0.4
NOISE_BIAS = 3.5


@dataclass(frozen=True)
class Exponent:
    """A largest Lyapunov exponent in nats per step.

    Attributes:
        value: The estimate; NaN where no pairs were close enough to be followed.
        low, high: An interval meant to hold the true value nine times in ten.
        first, last: The stretch of steps that was fitted, both included.
        r2: Share of the curve's variance in that stretch that the line explains.
        r2_power: The same of a line over the logarithm of the steps. Distances that noise drives apart grow as a
            power of time, so this is the higher of the two.
        rise: Growth of the line over the stretch, in nats.
        steps: Steps after the start of a pair `(point,)`.
        curve: Mean log distance, in units of the standard deviation `(point,)`, of the middle dimension tried.
        alive: Share of the pairs that still count `(point,)`.
        saturation: Mean log distance of two random points.
        n_pairs: Pairs that were followed.
    """

    value: float
    low: float
    high: float
    first: int
    last: int
    r2: float
    r2_power: float
    rise: float
    steps: IntArray
    curve: FloatArray
    alive: FloatArray
    saturation: float
    n_pairs: int


@dataclass(frozen=True)
class _Fit:
    """The fit at one embedding dimension; `error` is the standard error of the slope over blocks of time."""

    slope: float
    error: float
    first: int
    last: int
    r2: float
    r2_power: float
    steps: IntArray
    curve: FloatArray
    alive: FloatArray
    saturation: float
    n_pairs: int


def rosenstein(
    values: FloatArray,
    delay: int,
    dimension: int,
    theiler: int,
    *,
    period: float = 1.0,
    noise: float = 0.0,
    seed: int = 0,
) -> Exponent:
    """Estimate the exponent of a series `(time,)`, at m, m + 1 and m + 2 dimensions; missing is NaN.

    Args:
        values: The series; vectors and pairs that touch a missing value are left out.
        delay: tau of the embedding, in steps.
        dimension: m of the embedding, the smallest that is tried.
        theiler: Partners must be more than this many steps apart in time.
        period: Mean period in steps of a flow; 1 for a map.
        noise: Standard deviation of measurement noise, as a fraction of that of the series. Noise keeps neighbours
            apart from the start and so flattens the curve: the interval is widened upwards.
        seed: For the random points that tell the saturation and for the resampling.
    """
    rng = np.random.default_rng(seed)
    fits = [_fit(values, delay, m, theiler, period, rng) for m in range(dimension, dimension + 3)]
    good = [fit for fit in fits if fit is not None]
    if not good:
        none = np.empty(0)
        return Exponent(np.nan, np.nan, np.nan, 0, 0, 0.0, 0.0, 0.0, np.empty(0, dtype="int64"), none, none, np.nan, 0)
    order = np.argsort([fit.slope for fit in good])
    middle = good[int(order[(len(good) - 1) // 2])]
    value = middle.slope
    error = max(fit.error for fit in good)
    spread = max(fit.slope for fit in good) - min(fit.slope for fit in good)
    # The less room between the first distance and saturation, the more the curvature near saturation matters.
    systematic = (SYSTEMATIC + SHORT_RANGE / (middle.saturation - middle.curve[0])) * value
    half = float(np.sqrt((Z_QUANTILE * error) ** 2 + (0.5 * spread) ** 2 + systematic**2))
    return Exponent(
        value=value,
        low=value - half,
        high=value + half + NOISE_BIAS * float(np.sqrt(noise)) * abs(value),
        first=middle.first,
        last=middle.last,
        r2=middle.r2,
        r2_power=middle.r2_power,
        rise=value * (middle.last - middle.first),
        steps=middle.steps,
        curve=middle.curve,
        alive=middle.alive,
        saturation=middle.saturation,
        n_pairs=middle.n_pairs,
    )


def _fit(
    values: FloatArray, delay: int, dimension: int, theiler: int, period: float, rng: np.random.Generator
) -> _Fit | None:
    """Follow pairs at one dimension and fit the divergence curve; None where too few pairs are close."""
    flow = period > 1
    stride = max(1, int(period // 12))
    reach = min(len(values) // 4, int(PERIODS * period) if flow else MAP_STEPS)
    steps = np.arange(0, reach + 1, stride)
    lag = int(np.ceil(period / stride)) if flow else 0
    path = _Path(values, delay, dimension, flow)
    pairs = path.pairs(theiler, int(steps[-1]))
    if pairs is None:
        return None
    saturation = path.saturation(rng)
    near = path.log_distance(*pairs) < saturation - MARGIN - MIN_RANGE
    if near.sum() < MIN_PAIRS:
        return None
    distance = path.distances(pairs[0][near], pairs[1][near], steps, saturation - MARGIN)
    steps = steps[: distance.shape[1]]
    closeness = _still_close(distance, saturation - MARGIN, lag)
    sums, counts = _by_block(distance, closeness)
    alive = counts.sum(axis=0) / len(distance)
    curve = distance[:, 0].mean() + _cumulated(sums.sum(axis=0), counts.sum(axis=0))
    alive = np.concatenate([[1.0], alive])
    skip = int(np.ceil((dimension - 1) * delay / stride)) if flow else 1
    stretch = _stretch(alive, skip, max(lag, 3))
    if stretch is None:
        return None
    first, last = stretch
    fitted = _smooth(curve, lag)[first : last + 1]
    slope, r2 = _line(steps[first : last + 1], fitted)
    _, r2_power = _line(np.log1p(steps[first : last + 1]), fitted)
    resampled = []
    for _ in range(60):
        pick = rng.integers(0, BLOCKS, BLOCKS)
        again = _cumulated(sums[pick].sum(axis=0), counts[pick].sum(axis=0))
        resampled.append(_line(steps[first : last + 1], _smooth(again, lag)[first : last + 1])[0])
    # Pairs that start within one block run on into the next, so neighbouring blocks are not independent.
    overlap = steps[last] * BLOCKS / max(1, int(pairs[0][-1] - pairs[0][0]))
    return _Fit(
        slope,
        float(np.std(resampled) * np.sqrt(1.0 + overlap)),
        int(steps[first]),
        int(steps[last]),
        r2,
        r2_power,
        steps,
        curve,
        alive,
        saturation,
        len(distance),
    )


class _Path:
    """The delay vectors on the full time axis, NaN where incomplete, and the direction of motion at each."""

    def __init__(self, values: FloatArray, delay: int, dimension: int, flow: bool) -> None:
        vectors, rows = embed(values, delay, dimension)
        self.vectors = np.full((len(values), dimension), np.nan)
        self.vectors[rows] = vectors
        self.scale = float(np.nanstd(values))
        self.direction: FloatArray | None = None
        if flow:
            motion = np.full_like(self.vectors, np.nan)
            motion[1:-1] = self.vectors[2:] - self.vectors[:-2]
            length = np.linalg.norm(motion, axis=1, keepdims=True)
            self.direction = motion / np.maximum(length, FLOOR * self.scale)
            self.complete = np.flatnonzero(np.isfinite(motion).all(axis=1) & np.isfinite(self.vectors).all(axis=1))
        else:
            self.complete = np.flatnonzero(np.isfinite(self.vectors).all(axis=1))

    def pairs(self, theiler: int, reach: int) -> tuple[IntArray, IntArray] | None:
        """Reference rows and the rows of their nearest neighbours, both at least `reach` before the end."""
        start = self.complete[self.complete < len(self.vectors) - reach - 1]
        if len(start) < MIN_PAIRS:
            return None
        search = NeighbourSearch(self.vectors[start], start, theiler, p=2.0)
        chosen = start[evenly(len(start), REFERENCES)]
        _, position = search.nearest(self.vectors[chosen], chosen)
        found = position[:, 0] >= 0
        return chosen[found], start[position[found, 0]]

    def log_distance(self, here: IntArray, there: IntArray) -> FloatArray:
        """Log distance of rows `here` from rows `there` `(pair,)`, across the path of `there` in flows."""
        gap = self.vectors[here] - self.vectors[there]
        if self.direction is not None:
            along = self.direction[there]
            gap = gap - np.sum(gap * along, axis=1, keepdims=True) * along
        logs: FloatArray = np.log(np.maximum(np.linalg.norm(gap, axis=1) / self.scale, FLOOR))
        return logs

    def distances(self, here: IntArray, there: IntArray, steps: IntArray, limit: float) -> FloatArray:
        """Log distances of pairs `(pair, step)`, followed until two in three have been above `limit`.

        NaN where a missing value is touched.
        """
        found, far = [], np.zeros(len(here), dtype=bool)
        for k in steps:
            found.append(self.log_distance(here + k, there + k))
            far |= ~(found[-1] <= limit)
            if far.mean() > 2 / 3 and len(found) > 3:
                break
        return np.stack(found, axis=1)

    def saturation(self, rng: np.random.Generator) -> float:
        here, there = rng.choice(self.complete, 4000), rng.choice(self.complete, 4000)
        return float(np.mean(self.log_distance(here, there)[here != there]))


def _still_close(distance: FloatArray, limit: float, lag: int) -> FloatArray:
    """1 where the increment from a step to the next counts, else 0 `(pair, step - 1)`."""
    over = np.maximum.accumulate(np.where(np.isnan(distance), np.inf, distance), axis=1) > limit
    close = np.ones((len(distance), distance.shape[1] - 1), dtype=bool)
    width = close.shape[1] - lag
    if width > 0:
        close[:, lag:] = ~over[:, :width]
    whole = np.logical_and.accumulate(np.isfinite(distance), axis=1)[:, 1:]
    return (close & whole).astype("float64")


def _by_block(distance: FloatArray, close: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sums and counts of the increments in consecutive blocks of references `(block, step - 1)`."""
    growth = np.where(close > 0, np.diff(np.nan_to_num(distance), axis=1), 0.0)
    edges = np.linspace(0, len(distance), BLOCKS + 1).astype("int64")[:-1]
    return np.add.reduceat(growth, edges, axis=0), np.add.reduceat(close, edges, axis=0)


def _cumulated(sums: FloatArray, counts: FloatArray) -> FloatArray:
    """A divergence curve from 0, the sum of mean increments `(step,)`."""
    return np.concatenate([[0.0], np.cumsum(sums / np.maximum(counts, 1.0))])


def _stretch(alive: FloatArray, skip: int, shortest: int) -> tuple[int, int] | None:
    """First and last point to fit: after `skip`, while half of the pairs count; None where too short."""
    last = int(np.flatnonzero(alive >= 0.5)[-1])
    first = min(skip, max(0, last - shortest))
    return (first, last) if last - first >= 2 else None


def _smooth(curve: FloatArray, width: int) -> FloatArray:
    """Centred moving average over one period, shrinking at the ends."""
    if width <= 1:
        return curve
    total = np.concatenate([[0.0], np.cumsum(curve)])
    centre = np.arange(len(curve))
    half = np.minimum(np.minimum(width // 2, centre), len(curve) - 1 - centre)
    mean: FloatArray = (total[centre + half + 1] - total[centre - half]) / (2 * half + 1)
    return mean


def _line(x: IntArray | FloatArray, y: FloatArray) -> tuple[float, float]:
    """Slope and R^2 of the least-squares line; R^2 is 0 for a curve without variation."""
    dx, dy = x - x.mean(), y - y.mean()
    slope = float(np.sum(dx * dy) / np.sum(dx * dx))
    total = float(np.sum(dy * dy))
    if total <= 1e-18:
        return slope, 0.0
    return slope, 1.0 - float(np.sum((dy - slope * dx) ** 2)) / total
