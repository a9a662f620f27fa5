"""The straight line from the first to the last value of the context, continued.

Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), section 5.2; of the context only, so that it
sees what the others see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tsforecast.data.series import Series
from tsforecast.data.windows import last_contexts
from tsforecast.model_config import WindowConfig
from tsforecast.models.contract import Ahead, Model, ModelInfo, Progress, State
from tsforecast.models.task import Task

# a line through fewer rows is one through noise
_FEWEST = 8


@dataclass(frozen=True)
class Drift(Model):
    """See the top of the file.

    Attributes:
        context_length: Steps the line is drawn through.
    """

    context_length: int

    info: ClassVar = ModelInfo(
        "drift",
        "the line from the first to the last value of the context",
        "steady trends, little data",
        scope="local",
        cost="none",
        roles=("target",),
        reference=True,
        always=True,
        turn=3,
    )
    Settings: ClassVar = WindowConfig

    @property
    def history_length(self) -> int:
        """See `Model.history_length`."""
        return self.context_length

    @classmethod
    def fit(cls, task: Task, settings: WindowConfig, *, seed: int, tell: Progress) -> Drift:  # noqa: ARG003
        """There is nothing to learn but how far back to look: of few rows, further than what learns from windows."""
        if settings.context_length is not None:
            return cls(settings.context_length)
        typical = int(np.median([len(s) for s in task.training]))
        return cls(max(task.shape(settings).context_length, min(_FEWEST, typical)))

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:  # noqa: ARG002
        """See `Model.predict`."""
        contexts = last_contexts([s.filled for s in series], self.context_length)
        slope = (contexts[:, -1:] - contexts[:, :1]) / max(1, contexts.shape[1] - 1)
        return Ahead(np.asarray(contexts[:, -1:] + slope * np.arange(1.0, horizon + 1)[:, None]))

    def state(self) -> State:
        """See `Model.state`."""
        return State({"context_length": self.context_length})

    @classmethod
    def restored(cls, state: State) -> Drift:
        """See `Model.restored`."""
        state.checked(settings=("context_length",))
        return cls(state.whole(state.settings["context_length"]))
