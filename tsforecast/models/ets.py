"""Exponential smoothing with errors, trend and season, each form that suits a series tried and one chosen by AICc.

Hyndman, Koehler, Snyder & Grose 2002, A state space framework for automatic forecasting using exponential smoothing
methods; the equations are those of Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), chapter 8.
Smoothing constants, initial level and initial trend are found by least squares; the initial season is that of the
classical decomposition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from tsforecast.models.contract import ModelInfo
from tsforecast.models.smoothing.batch import Batch, FloatArray, IntArray
from tsforecast.models.smoothing.deseasonalise import ADDITIVE, MULTIPLICATIVE, NONE, decompose, seasonal
from tsforecast.models.smoothing.local import LocalModel
from tsforecast.models.smoothing.marquardt import least_squares

if TYPE_CHECKING:
    pass

# A longer season is taken out first: its initial states would be more than the rows can tell.
LONGEST_SEASON = 24
# Smaller errors, against the largest value, are those of the arithmetic.
_ROUNDING = 1e-13
# Multiplicative parts are kept away from 0, against the largest value.
_LEAST = 1e-8
_RUNAWAY = 1e6
_ROWS_MULTIPLIED = 16


@dataclass(frozen=True)
class Form:
    """One form of the model.

    Attributes:
        season: `NONE`, `ADDITIVE` or `MULTIPLICATIVE`.
        trend: Whether there is one.
        damped: Whether it fades.
        relative: Whether errors are relative to the forecast (multiplicative) and not absolute.
    """

    season: int
    trend: bool
    damped: bool
    relative: bool

    @property
    def free(self) -> list[int]:
        """Which of `_PARAMETERS` it has."""
        return [i for i, has in enumerate((True, self.trend, self.season, self.damped, True, self.trend)) if has]

    @property
    def shape(self) -> tuple[int, bool, bool]:
        """The form without its errors: what forecasts are made of."""
        return self.season, self.trend, self.damped

    def count(self, season_length: int) -> int:
        """Numbers that are estimated, with the initial season and the variance."""
        return len(self.free) + 1 + (season_length - 1 if self.season else 0)

    def __str__(self) -> str:
        """As in the literature: error, trend, season ("MAdN")."""
        trend = "Ad" if self.damped else "A" if self.trend else "N"
        return f"{'M' if self.relative else 'A'}{trend}{'NAM'[self.season]}"


_TRENDS = ((False, False), (True, False), (True, True))
# Absolute errors come before relative ones, which begin where those ended; both forecast alike. Absolute errors with a
# multiplicative season are unstable (Hyndman et al. 2002); relative ones with an additive season are hardly ever best.
FORMS = tuple(
    Form(season, trend, damped, relative)
    for season in (NONE, ADDITIVE, MULTIPLICATIVE)
    for trend, damped in _TRENDS
    for relative in {NONE: (False, True), ADDITIVE: (False,), MULTIPLICATIVE: (True,)}[season]
)
# alpha; beta and gamma as shares of what alpha leaves them (beta <= alpha, gamma <= 1 - alpha); phi; level; trend
_PARAMETERS = ("alpha", "beta", "gamma", "phi", "level", "growth")
_LOW = np.array([1e-4, 1e-4, 1e-4, 0.8, -1e3, -1e3])
_HIGH = np.array([0.9999, 0.9999, 0.9999, 0.98, 1e3, 1e3])
_GRID = {"alpha": (0.05, 0.3, 0.8), "beta": (0.03, 0.3), "gamma": (0.03, 0.3), "phi": (0.93,)}
_MOST_STEPS = 8


class ETS(LocalModel):
    """See the top of the file."""

    info: ClassVar = ModelInfo(
        "ets",
        "exponential smoothing: level, trend (damped or not) and season, the form chosen by AICc",
        "short series with a trend or a season that changes",
        scope="local",
    )
    BOUNDS: ClassVar = {
        "form": (0.0, len(FORMS) - 1.0),
        "removed": (float(NONE), float(MULTIPLICATIVE)),
        **{name: (low, high) for name, low, high in zip(_PARAMETERS[:4], _LOW[:4], _HIGH[:4], strict=True)},
    }

    @property
    def notes(self) -> tuple[str, ...]:
        """See `Model.notes`."""
        found = np.bincount(self.parameters[:, 0].astype("int64"), minlength=len(FORMS))
        named = ", ".join(f"{FORMS[i]} {found[i]}" for i in np.argsort(-found, kind="stable") if found[i])
        return (f"ets: series by form (error, trend, season): {named}",) if named else ()

    @classmethod
    def estimate(cls, batch: Batch) -> FloatArray:
        """See `LocalModel.estimate`."""
        removed = seasonal(batch) if batch.season_length > LONGEST_SEASON else np.zeros(len(batch.lengths), "int64")
        rest = decompose(batch, removed).removed(batch)
        found = np.zeros((len(batch.lengths), len(cls.BOUNDS)))
        found[:, 2:] = (_LOW[:4] + _HIGH[:4]) / 2
        found[:, 1] = removed
        least = np.full(len(batch.lengths), np.inf)
        for number, which, x, score in _fits(rest):
            better = score < least[which]
            at = which[better]
            least[at], found[at, 0] = score[better], number
            for place, parameter in enumerate(FORMS[number].free):
                if parameter < 4:
                    found[at, 2 + parameter] = x[place, better]
        return found

    @classmethod
    def ahead(cls, batch: Batch, parameters: FloatArray, horizon: int) -> FloatArray:
        """See `LocalModel.ahead`."""
        seasons = decompose(batch, parameters[:, 1].astype("int64"))
        rest = seasons.removed(batch)
        points = np.empty((horizon, len(parameters)))
        forms = parameters[:, 0].astype("int64")
        for number in np.unique(forms):
            which = np.flatnonzero(forms == number)
            points[:, which] = _continued(FORMS[number], rest.take(which), parameters[which, 2:].T, horizon)
        return seasons.restored(points, batch.lengths)


def _fits(batch: Batch) -> Iterator[tuple[int, IntArray, FloatArray, FloatArray]]:
    """Each form fitted to the series that it suits: its number, those series, its free parameters and its AICc.

    A season is tried where the test finds one.
    """
    m = batch.season_length
    cyclic = seasonal(batch) > NONE if 1 < m <= LONGEST_SEASON else np.zeros(len(batch.lengths), dtype="bool")
    beginnings: dict[tuple[int, bool, bool], tuple[IntArray, FloatArray]] = {}
    for number, form in enumerate(FORMS):
        suits = batch.lengths > form.count(m) + 1
        if form.season:
            suits &= cyclic
        if form.relative:
            suits &= batch.positive
        which = np.flatnonzero(suits)
        if not len(which):
            continue
        chosen = batch.take(which)
        smoothing = _Smoothing.of(form, chosen)
        if form.shape in beginnings:
            earlier, x = beginnings[form.shape]
            start = x[:, np.searchsorted(earlier, which)]
        else:
            start = smoothing.start()
        low, high = _LOW[form.free], _HIGH[form.free]
        x, squares = least_squares(smoothing, start, low, high, _MOST_STEPS)
        beginnings[form.shape] = which, x
        n, k = chosen.lengths, form.count(m)
        floor = n * (_ROUNDING * np.abs(chosen.values).max(axis=0)) ** 2
        yield number, which, x, n * np.log(np.maximum(squares, floor)) + 2 * k + 2 * k * (k + 1) / (n - k - 1)


def _continued(form: Form, batch: Batch, smoothing: FloatArray, horizon: int) -> FloatArray:
    """Forecast with given smoothing constants; the initial states are those that fit the history best."""
    run = _Smoothing.of(form, batch)
    run = replace(run, constants=smoothing)
    states = [i for i in form.free if i >= 4]
    x, _ = least_squares(run, run.regression()[: len(states)], _LOW[states], _HIGH[states], 4)
    return run.ahead(x, horizon)


@dataclass(frozen=True, eq=False)
class _Smoothing:
    """A form and the series it is run over.

    Attributes:
        form: The form.
        batch: The series.
        season: Their initial season `(phase, series)`.
        constants: Alpha to phi where they are given `(4, series)`; then only the states are free.
    """

    form: Form
    batch: Batch
    season: FloatArray
    constants: FloatArray | None = None

    @classmethod
    def of(cls, form: Form, batch: Batch) -> Self:
        """With the season of the classical decomposition."""
        found = decompose(batch, np.full(len(batch.lengths), form.season))
        multiplicative = form.season == MULTIPLICATIVE
        return cls(form, batch, np.maximum(found.factor, _LEAST) if multiplicative else found.added)

    def take(self, kept: npt.NDArray[Any]) -> Self:
        """See `Problem.take`."""
        constants = None if self.constants is None else self.constants[:, kept]
        return replace(self, batch=self.batch.take(kept), season=self.season[:, kept], constants=constants)

    def residuals(self, x: FloatArray) -> FloatArray:
        """See `Problem.residuals`; relative ones times the geometric mean of what they are relative to.

        So least squares are most likelihood, and n log(sum of squares) is what AICc begins with, of either kind.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            fitted, error, *_ = self._run(x)
            if self.form.relative:
                size = np.maximum(np.abs(fitted, out=fitted), _LEAST, out=fitted)
                # one logarithm for many rows, whose product is far from what float64 can hold
                products = np.multiply.reduceat(size, np.arange(0, len(size), _ROWS_MULTIPLIED), axis=0)
                error *= np.exp(np.log(products).sum(axis=0) / self.batch.lengths)
                error /= size
            # what runs away is as bad as it gets, and no NaN
            if not float(error.ravel() @ error.ravel()) < _RUNAWAY**2:
                error = np.where(np.abs(error) < _RUNAWAY, error, _RUNAWAY)
        return error

    def start(self) -> FloatArray:
        """The best of a grid of smoothing constants, with the states of a regression `(free parameter, series)`."""
        free = self.form.free
        grid = np.array(list(product(*(_GRID[_PARAMETERS[i]] for i in free if i < 4)))).T
        states = self.regression()[: len(free) - len(grid)]
        shape = (grid.shape[1], states.shape[1])
        x = np.concatenate(
            [
                np.broadcast_to(grid[:, :, None], (len(grid), *shape)),
                np.broadcast_to(states[:, None], (len(states), *shape)),
            ]
        )
        best = (self.residuals(x) ** 2).sum(axis=0).argmin(axis=0)
        return np.asarray(x[:, best, np.arange(shape[1])])

    def regression(self) -> FloatArray:
        """Level and growth before the first row, from the first ten rows or two seasons `(2, series)`."""
        first = min(max(10, 2 * self.batch.season_length), len(self.batch.values))
        phase = np.arange(first) % len(self.season)
        y, season = self.batch.values[:first], self.season[phase]
        y = y / season if self.form.season == MULTIPLICATIVE else y - season
        weight = self.batch.inside[:first].astype("float64")
        count = weight.sum(axis=0)
        mean = (weight * y).sum(axis=0) / count
        if not self.form.trend:
            return np.stack([mean, np.zeros_like(mean)])
        at = weight * (np.arange(1.0, first + 1)[:, None] - (count + 1) / 2)
        growth = (at * y).sum(axis=0) / (at * at).sum(axis=0)
        return np.stack([mean - growth * (count + 1) / 2, growth])

    def ahead(self, x: FloatArray, horizon: int) -> FloatArray:
        """Forecast with the free parameters given `(step, series)`."""
        _, _, level, growth, season = self._run(x[:, None])
        steps = np.arange(1.0, horizon + 1)[:, None]
        phi = self._full(x[:, None])[3]
        points = level + growth * (np.cumsum(phi**steps, axis=0) if self.form.damped else steps)
        if self.form.season:
            phase = (self.batch.lengths + np.arange(horizon)[:, None]) % len(season)
            coming = np.take_along_axis(season[:, 0], phase, axis=0)
            points = points * coming if self.form.season == MULTIPLICATIVE else points + coming
        return np.asarray(points)

    def _full(self, x: FloatArray) -> FloatArray:
        """All of `_PARAMETERS` of candidates; what the form lacks is 0, and phi 1 `(6, candidate, series)`."""
        free = self.form.free
        full = np.zeros((6, *x.shape[1:]))
        full[3] = 1.0
        if self.constants is not None:
            given = [i for i in free if i < 4]
            full[given] = self.constants[given][:, None]
            free = [i for i in free if i >= 4]
        full[free] = x
        return full

    def _run(self, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        """Run over all rows.

        Returns:
            One-step forecasts, 1 after the end of a series, and errors, 0 there `(time, candidate, series)`; level,
            growth and season after the last row of each.
        """
        alpha, beta, gamma, phi, level, growth = self._full(x)
        beta, gamma = alpha * beta, (1 - alpha) * gamma
        additive, multiplicative = self.form.season == ADDITIVE, self.form.season == MULTIPLICATIVE
        season = np.repeat(self.season[:, None], x.shape[1], axis=1)
        fitted = np.ones((len(self.batch.values), *x.shape[1:]))
        errors = np.zeros_like(fitted)
        for t, k in enumerate(self.batch.active):
            base, phase = level[:, :k], season[t % len(season), :, :k]
            if self.form.trend:
                faded = phi[:, :k] * growth[:, :k]
                base = base + faded
            if multiplicative:
                base = np.maximum(base, _LEAST)
                fitted[t, :, :k] = base * phase
            else:
                fitted[t, :, :k] = base + phase if additive else base
            error = np.subtract(self.batch.values[t, :k], fitted[t, :, :k], out=errors[t, :, :k])
            new = error / phase if multiplicative else error
            level[:, :k] = base + alpha[:, :k] * new
            if self.form.trend:
                growth[:, :k] = faded + beta[:, :k] * new
            if multiplicative:
                phase[...] = np.maximum(phase + gamma[:, :k] * (error / base), _LEAST)
            elif additive:
                phase += gamma[:, :k] * error
        return fitted, errors, level, growth, season
