"""Models that see a context of scaled values and emit the segment that follows; further steps come by recursion."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.series import Series
from tsforecast.data.windows import Windows, last_contexts, make_windows
from tsforecast.models.contract import Ahead, Model, Space, State
from tsforecast.models.rollout import rollout
from tsforecast.models.scale import SeriesScaler
from tsforecast.models.task import Task

# windows forecast at once, and numbers in their contexts: bounds memory, large enough for matrix products to pay
_BATCH, _MOST_NUMBERS = 4096, 2**23


@dataclass(frozen=True)
class Windowed(Model):
    """See the top of the file.

    Attributes:
        scaler: What stands between the unit of the data and that of the contexts.
        context_length: Steps it sees.
        segment_length: Steps it emits at once.
    """

    scaler: SeriesScaler
    context_length: int
    segment_length: int

    @property
    def history_length(self) -> int:
        """See `Model.history_length`."""
        return self.context_length

    @property
    def space(self) -> Space:
        """See `Model.space`."""
        return "log" if self.scaler.log else "plain"

    @abstractmethod
    def segment(self, inputs: FloatArray) -> FloatArray:
        """The next segment `(window, segment_length, channel)` of scaled contexts `(window, context, channel)`."""

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:  # noqa: ARG002
        """See `Model.predict`."""
        scaler = self.scaler.matching(series)
        point = np.empty((len(series), horizon, series[0].values.shape[1]))
        together = max(1, min(_BATCH, _MOST_NUMBERS // self.context_length))
        for low in range(0, len(series), together):
            rows = slice(low, low + together)
            contexts = last_contexts([s.filled for s in series[rows]], self.context_length)
            inputs = scaler.transform_windows(contexts, rows)
            point[rows] = scaler.inverse_windows(self.ahead(inputs, horizon), rows)
        return Ahead(point)

    def ahead(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """Scaled forecasts `(window, horizon, channel)` of scaled contexts `(window, context, channel)`."""
        return rollout(self.segment, inputs, horizon)

    def windows(self, task: Task) -> Windows:
        """All training windows of a task, scaled."""
        return training_windows(task, self.scaler, self.context_length, self.segment_length)

    @staticmethod
    def lengths(state: State) -> tuple[SeriesScaler, int, int]:
        """Scaler, context and segment of a state.

        Raises:
            ValueError, KeyError: Where they are none.
        """
        context, segment = (State.whole(state.settings[name]) for name in ("context_length", "segment_length"))
        scaler = SeriesScaler.restored(state)
        if context * scaler.centre.shape[1] > 10**7:
            raise ValueError("the context is too long")
        return scaler, context, segment

    def described(self) -> dict[str, Any]:
        """Settings that `lengths` reads again."""
        return {
            "context_length": self.context_length,
            "segment_length": self.segment_length,
            **self.scaler.settings(),
        }


def training_windows(task: Task, scaler: SeriesScaler, context_length: int, segment_length: int) -> Windows:
    """Scaled windows to learn from: full contexts where a series has any, else those with at least half of it seen.

    Args:
        task: Its training rows are cut.
        scaler: Of its series.
        context_length: Steps seen.
        segment_length: Steps to learn.
    """
    lengths = [len(s) for s in task.training]
    complete = all(s.observed.all() for s in task.training)
    return make_windows(
        scaler.matching(task.training).transform(task.training),
        context_length,
        segment_length,
        first_cutoff=[context_length - 1 if n >= context_length + segment_length else n // 2 for n in lengths],
        last_cutoff=[n - segment_length - 1 for n in lengths],
        observed=None if complete else [s.observed for s in task.training],
    )


def validation_windows(task: Task, scaler: SeriesScaler, context_length: int, horizon: int) -> Windows:
    """Scaled windows whose targets lie in the validation rows of a task."""
    firsts = [len(s) - n - 1 if len(s) > n else len(s) for s, n in zip(task.series, task.n_validation, strict=True)]
    return make_windows(
        scaler.matching(task.series).transform(task.series), context_length, horizon, first_cutoff=firsts
    )
