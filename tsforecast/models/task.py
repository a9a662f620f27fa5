"""`Task`: what a fit sees, and the origins that everything which competes in it is scored from."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from tsforecast.data.arrays import FloatArray, IntArray, standard_deviation
from tsforecast.data.series import Series
from tsforecast.errors import DataError
from tsforecast.model_config import WindowConfig
from tsforecast.models.points import Ahead
from tsforecast.models.shape import Shape, choose_shape

MOST_ORIGINS = 2048
# of each series, unless there are few: more overlap so much that they say the same
_MOST_ORIGINS_EACH = 128
# values of all forecasts of one model: bounds memory
_MOST_TARGETS = 4_000_000
_STRETCHES = 4


class Predicts(Protocol):
    """As much of a model as scoring it needs; see `contract.Model`, which knows tasks."""

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:
        """See `Model.predict`."""
        ...


@dataclass(frozen=True)
class Deadline:
    """When choosing and training are to end.

    Attributes:
        seconds: What was allowed.
        at: The moment, as the clock has it.
        clock: Says what time it is, in seconds.
    """

    seconds: float
    at: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Deadline:
        """So many seconds from now."""
        return cls(seconds, clock() + seconds, clock)

    @property
    def passed(self) -> bool:
        """Whether the time is used up."""
        return self.left <= 0

    @property
    def left(self) -> float:
        """Seconds until then, negative afterwards."""
        return self.at - self.clock()

    def __str__(self) -> str:
        return f"time limit of {self.seconds:g} s"


@dataclass(frozen=True, eq=False)
class Task:
    """What a model is to learn, and what it is scored on.

    Attributes:
        series: Up to the end of their validation rows.
        horizon: Steps ahead to be good at.
        n_validation: Rows at the end of each series that nothing may learn from; they choose.
        asked: Name of the model the user named, or None.
        fitted: What has been fitted on this task before, by name.
        scores: Validation error of each of them.
        ahead: What each of them forecast from every origin `(origin, step, channel)`.
        most_origins: Origins to score from, at most.
        contested: Whether models compete: origins are then few a series, and come in every phase of its season.
        deadline: When training is to end, after the epoch under way; None for never.
        unit_of: What errors are divided by where it is not to be learnt from these series `(series,)`.
    """

    series: Sequence[Series]
    horizon: int
    n_validation: Sequence[int]
    asked: str | None = None
    fitted: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    ahead: Mapping[str, FloatArray] = field(default_factory=dict)
    most_origins: int = MOST_ORIGINS
    contested: bool = False
    deadline: Deadline | None = None
    unit_of: FloatArray | None = None

    @classmethod
    def whole(cls, series: Sequence[Series], horizon: int, deadline: Deadline | None = None) -> Task:
        """All rows to learn from, none to choose by: for `Model.refit` and `Model.update`."""
        return cls(series, horizon, [0] * len(series), deadline=deadline)

    def with_fitted(
        self,
        fitted: Mapping[str, Any],
        scores: Mapping[str, float] | None = None,
        ahead: Mapping[str, FloatArray] | None = None,
    ) -> Task:
        """The same task after others had their turn."""
        return self._with(fitted=fitted, scores=scores or {}, ahead=ahead or {})

    def thinned(self, most_origins: int) -> Task:
        """The same task with at most so many origins, evenly spaced."""
        return self._with(most_origins=min(self.most_origins, most_origins))

    def _with(self, **changes: object) -> Task:
        """What was worked out already is kept where the changes leave it as it is."""
        made = replace(self, **changes)  # type: ignore[arg-type]
        known = {"training", "unit"} | (set() if "most_origins" in changes else {"origins", "histories", "targets"})
        made.__dict__.update({name: value for name, value in self.__dict__.items() if name in known})
        return made

    @cached_property
    def training(self) -> list[Series]:
        """The rows to learn from."""
        return [s.until(len(s) - n) for s, n in zip(self.series, self.n_validation, strict=True)]

    @property
    def season_length(self) -> int:
        """The commonest season of the series, 1 for none; the longer of two that are as common."""
        found = Counter(s.season_length for s in self.series)
        return max(found.items(), key=lambda item: (item[1], item[0]))[0]

    @property
    def n_channels(self) -> int:
        """Channels of each series."""
        return int(self.series[0].values.shape[1])

    def shape(self, settings: WindowConfig) -> Shape:
        """What a model on windows sees and emits, by rule where the settings leave it open."""
        return choose_shape(
            [len(s) for s in self.training], self.horizon, self.season_length, settings, self.n_channels
        )

    @cached_property
    def origins(self) -> list[tuple[int, int]]:
        """Series and rows seen of each origin, in the order of the series and of time.

        Evenly spread over the validation rows of each series, the last that leaves a horizon among them. Where models
        compete they are never a whole number of seasons apart: each phase of a season is an origin.

        Raises:
            DataError: Where no series is long enough for one.
        """
        possible = [(i, len(s) - self.horizon) for i, s in enumerate(self.series) if len(s) - self.n_validation[i] > 0]
        counts = [max(0, last - (len(self.series[i]) - self.n_validation[i]) + 1) for i, last in possible]
        most, step = MOST_ORIGINS, 1
        if self.contested:
            most = min(most, max(1, _MOST_TARGETS // (self.horizon * self.n_channels)))
            step = -(-max(counts, default=0) // _MOST_ORIGINS_EACH)
        step = max(1, step, -(-sum(counts) // most))
        found = []
        for i, last in possible:
            own, seen = self.series[i], self.series[i].observed
            first = len(own) - self.n_validation[i]
            cutoffs = range(last, first - 1, -self._out_of_phase(step, own.season_length))
            found += [(i, n) for n in reversed(cutoffs) if seen[n : n + self.horizon].any()]
        if not found:
            raise DataError(
                f"no series has {self.horizon} rows after its training part to validate a horizon of {self.horizon}",
                "give more rows or take a shorter --horizon",
            )
        return found[:: self._out_of_phase(max(1, -(-len(found) // min(most, self.most_origins))), self.season_length)]

    def _out_of_phase(self, step: int, season_length: int) -> int:
        """Where models compete, the least number from `step` on that shares no divisor with the season."""
        while self.contested and step > 1 and math.gcd(step, season_length) > 1:
            step += 1
        return step

    @cached_property
    def of_origin(self) -> IntArray:
        """Series of each origin `(origin,)`."""
        return np.array([i for i, _ in self.origins], dtype="int64")

    @cached_property
    def histories(self) -> list[Series]:
        """What was known at each origin."""
        return [self.series[i].until(n) for i, n in self.origins]

    @cached_property
    def targets(self) -> FloatArray:
        """What was observed after each origin `(origin, step, channel)`; NaN where nothing was."""
        return np.stack([self.series[i].values[n : n + self.horizon] for i, n in self.origins])

    @cached_property
    def unit(self) -> FloatArray:
        """What the errors of each series are divided by `(series,)`."""
        return np.array([_typical_change(s.values) for s in self.training]) if self.unit_of is None else self.unit_of

    @cached_property
    def blocks(self) -> IntArray:
        """Each series' origins fall into stretches of time; the block of each origin `(origin,)`.

        Four, or fewer where a stretch would be shorter than a horizon.
        """
        of = self.of_origin
        counts = np.bincount(of, minlength=len(self.series))
        place = np.arange(len(of)) - np.searchsorted(of, of)
        stretches = np.clip(np.asarray(self.n_validation) // self.horizon, 1, _STRETCHES)[of]
        block = of * _STRETCHES + stretches * place // counts[of]
        return np.asarray(np.unique(block, return_inverse=True)[1])

    def forecasts(self, model: Predicts) -> FloatArray:
        """What a model forecasts from every origin `(origin, step, channel)`."""
        return model.predict(self.histories, self.horizon).point

    def errors(self, model: Predicts) -> FloatArray:
        """Mean absolute error of each origin over what was observed, in its series' unit `(origin,)`."""
        return self.errors_of(self.forecasts(model))

    def errors_of(self, ahead: FloatArray) -> FloatArray:
        """The same of forecasts `(origin, step, channel)`."""
        error = np.abs(ahead - self.targets)
        seen = ~np.isnan(self.targets)
        mean = np.where(seen, error, 0.0).sum(axis=(1, 2)) / seen.sum(axis=(1, 2))
        return np.asarray(np.where(np.isnan(mean), np.inf, mean) / self.unit[self.of_origin])

    def score(self, model: Predicts) -> float:
        """Mean over series of the mean error of their origins: MASE of Hyndman & Koehler 2006 with m = 1."""
        return self.mean(self.errors(model))

    def mean(self, errors: FloatArray) -> float:
        """Mean over series of the mean of the errors `(origin,)` of their origins."""
        return float(group_means(errors, self.of_origin).mean())

    @property
    def leader(self) -> str | None:
        """Name of the model with the lowest score so far."""
        return min(self.scores, key=lambda name: self.scores[name]) if self.scores else None


def longest_season(series: Sequence[Series]) -> int:
    """The longest of the series' (shortest) seasons, 1 where none has one."""
    return max(s.season_length for s in series)


def group_means(values: FloatArray, group: IntArray) -> FloatArray:
    """Mean of the values of each group that occurs, in order `(group,)`."""
    counts = np.bincount(group)
    return np.bincount(group, values)[counts > 0] / counts[counts > 0]


def _typical_change(rows: FloatArray) -> float:
    """Mean absolute change from row to row, at least a hundredth of the standard deviation, and never 0."""
    if np.isnan(rows).all():
        return 1.0
    changes = np.abs(np.diff(rows, axis=0))
    change = float(np.nanmean(changes)) if changes.size and not np.isnan(changes).all() else 0.0
    return max(change, 0.01 * standard_deviation(rows)) or 1.0
