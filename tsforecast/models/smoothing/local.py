"""`LocalModel`: what is the same of all models that learn each series by itself and need its whole history."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from tsforecast.data.series import Series
from tsforecast.errors import DataError
from tsforecast.models.contract import Ahead, Model, Progress, State
from tsforecast.models.naive import NoSettings
from tsforecast.models.smoothing.batch import Batch, FloatArray, IntArray, batches

if TYPE_CHECKING:
    from tsforecast.models.task import Task

MOST_ROWS = 1000
"""Older rows are not looked at: with any smoothing worth the name they weigh nothing."""
LEAST_ROWS = 5
"""Of fewer, or of a constant, the last value is forecast."""

# of joint targets, whose names are one behind the other
_LONGEST_NAME = 100_000


@dataclass(frozen=True, eq=False)
class LocalModel(Model):
    """Parameters of each series that was fitted, by its name; the state is that of the history that is forecast from.

    So the same parameters serve a history that is longer or shorter than the one they were estimated on. Where it is
    less than half or more than twice as long, or of a series that is not known, they are estimated on it anew.

    Attributes:
        names: Of the series, with the number of the channel where there are several ("load#1").
        parameters: `(series, parameter)`, in the order of `BOUNDS`.
        rows: Of the history that they were estimated on, at most `MOST_ROWS` `(series,)`.
    """

    names: tuple[str, ...]
    parameters: FloatArray
    rows: IntArray
    _place: Mapping[str, int] = field(init=False, repr=False)

    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]]
    """Names of the parameters and where they may lie."""
    Settings: ClassVar[type] = NoSettings

    def __post_init__(self) -> None:
        object.__setattr__(self, "_place", {name: i for i, name in enumerate(self.names)})

    @classmethod
    @abstractmethod
    def estimate(cls, batch: Batch) -> FloatArray:
        """Parameters of each series `(series, parameter)`. Values are scaled so that the largest is 1 or −1."""

    @classmethod
    @abstractmethod
    def ahead(cls, batch: Batch, parameters: FloatArray, horizon: int) -> FloatArray:
        """Forecast of each series with the parameters given `(step, series)`."""

    @property
    def history_length(self) -> int:
        """See `Model.history_length`."""
        return MOST_ROWS

    @classmethod
    def unsuitable(cls, task: Task, settings: Any) -> str | None:  # noqa: ARG003
        """See `Model.unsuitable`."""
        longest = max((len(s) for s in task.training), default=0)
        if longest < LEAST_ROWS:
            return f"no series has {LEAST_ROWS} rows to learn from (the longest has {longest})"
        return None

    @classmethod
    def fit(cls, task: Task, settings: Any, *, seed: int, tell: Progress) -> Self:  # noqa: ARG003
        """Estimate the parameters of each series from its training rows."""
        tell(f"{cls.info.name}: {len(task.training)} series, each by itself")
        return cls._estimated(task.training)

    def refit(self, task: Task) -> Self:
        """The parameters estimated anew, from all rows of the task."""
        return self._estimated(task.series)

    def update(self, task: Task, settings: Any, *, seed: int, tell: Progress) -> Self:  # noqa: ARG002
        """The parameters of the task's series estimated anew; those of others are kept."""
        new = self._estimated(task.series)
        old = np.array([i for i, name in enumerate(self.names) if name not in new._place], dtype="int64")
        return type(self)(
            (*(self.names[i] for i in old), *new.names),
            np.concatenate([self.parameters[old], new.parameters]),
            np.concatenate([self.rows[old], new.rows]),
        )

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:  # noqa: ARG002
        """See `Model.predict`."""
        histories = _histories(series)
        for name, rows, *_ in histories:
            if not len(rows):
                raise DataError(f"series {name} has no value to forecast from", "leave it out")
        points = np.empty((len(histories), horizon))

        def continued(which: IntArray, batch: Batch) -> FloatArray:
            parameters = self._known_or_estimated([histories[i][0] for i in which], batch)
            return self.ahead(batch, parameters, horizon).T

        for which, scale, rest in _of_each_batch(histories, continued):
            largest = 0.5 * np.finfo(float).max / np.maximum(scale, 1.0)[:, None]
            points[which] = np.clip(rest, -largest, largest) * scale[:, None]
        for i, (_, rows, _) in enumerate(histories):
            if _plain(rows):
                points[i] = rows[-1]
        shape = (len(series), -1, horizon)
        return Ahead(np.asarray(points.reshape(shape).swapaxes(1, 2)))

    def state(self) -> State:
        """See `Model.state`."""
        return State({"names": list(self.names)}, {"parameters": self.parameters, "rows": self.rows})

    @classmethod
    def restored(cls, state: State) -> Self:
        """See `Model.restored`."""
        state.checked(("names",), ("parameters", "rows"))
        names = state.settings["names"]
        if not isinstance(names, list) or len({state.text(name, _LONGEST_NAME) for name in names}) < len(names):
            raise ValueError("`names` must be a list of texts that differ")
        parameters = state.array("parameters", len(names), len(cls.BOUNDS))
        rows = state.array("rows", len(names), dtype="int64")
        if ((rows < 1) | (rows > MOST_ROWS)).any():
            raise ValueError(f"`rows` must lie from 1 to {MOST_ROWS}")
        for (name, (low, high)), values in zip(cls.BOUNDS.items(), parameters.T, strict=True):
            if not ((values >= low) & (values <= high)).all():
                raise ValueError(f"parameter {name} must lie from {low:g} to {high:g}")
        return cls(tuple(names), parameters, rows)

    @classmethod
    def _estimated(cls, series: Sequence[Series]) -> Self:
        """With parameters of each series that has values enough."""
        histories = [history for history in _histories(series) if len(history[1])]
        parameters = np.zeros((len(histories), len(cls.BOUNDS)))
        for which, _, found in _of_each_batch(histories, lambda _, batch: cls.estimate(batch)):
            parameters[which] = found
        kept = [i for i, (_, rows, _) in enumerate(histories) if not _plain(rows)]
        return cls(
            tuple(histories[i][0] for i in kept),
            parameters[kept],
            np.array([len(histories[i][1]) for i in kept], dtype="int64"),
        )

    def _known_or_estimated(self, names: Sequence[str], batch: Batch) -> FloatArray:
        """Parameters of each series of a batch `(series, parameter)`."""
        place = np.array([self._place.get(name, -1) for name in names])
        rows = self.rows[place] if len(self.rows) else place
        known = (place >= 0) & (2 * batch.lengths >= rows) & (batch.lengths <= 2 * rows)
        parameters = np.empty((len(names), len(self.BOUNDS)))
        parameters[known] = self.parameters[place[known]]
        if not known.all():
            parameters[~known] = self.estimate(batch.take(~known))
        return parameters


History = tuple[str, FloatArray, int]
"""Name, values `(time,)` without gaps, season length."""


def _histories(series: Sequence[Series]) -> list[History]:
    """The latest rows of each channel of each series; no rows where it has no value."""
    found = []
    for s in series:
        filled = s.filled[-MOST_ROWS:]
        for channel in range(filled.shape[1]):
            name = s.name if filled.shape[1] == 1 else f"{s.name}#{channel}"
            found.append((name, _bridged(filled[:, channel]), s.season_length))
    return found


def _bridged(values: FloatArray) -> FloatArray:
    """Edges without a value cut off; a gap that nobody filled is bridged by a straight line."""
    seen = np.flatnonzero(~np.isnan(values))
    if len(seen) == len(values):
        return values
    if not len(seen):
        return values[:0]
    return np.asarray(np.interp(np.arange(seen[0], seen[-1] + 1), seen, values[seen]))


def _plain(rows: FloatArray) -> bool:
    """Whether there is nothing to learn from a history."""
    return len(rows) < LEAST_ROWS or bool((rows == rows[0]).all())


def _of_each_batch(
    histories: Sequence[History], work: Callable[[IntArray, Batch], FloatArray]
) -> list[tuple[IntArray, FloatArray, FloatArray]]:
    """Cut the histories that there is something to learn from into batches and do the work on each, side by side.

    Returns:
        Places of the histories of each batch, what their values were divided by, and what the work gave.
    """
    kept = np.array([i for i, (_, rows, _) in enumerate(histories) if not _plain(rows)], dtype="int64")
    scales = np.array([np.abs(histories[i][1]).max() for i in kept])
    scaled = [histories[i][1] / scale for i, scale in zip(kept, scales, strict=True)]
    cut = list(batches(scaled, [histories[i][2] for i in kept]))
    places = [kept[which] for which, _ in cut]
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        done = list(workers.map(work, places, [batch for _, batch in cut]))
    return [(place, scales[which], found) for place, (which, _), found in zip(places, cut, done, strict=True)]
