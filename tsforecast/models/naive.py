"""The last value, for ever. Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), section 5.2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tsforecast.data.series import Series
from tsforecast.data.windows import last_contexts
from tsforecast.models.contract import Ahead, Model, ModelInfo, Progress, State
from tsforecast.models.task import Task


@dataclass(frozen=True)
class NoSettings:
    """Nothing to set."""


@dataclass(frozen=True)
class Naive(Model):
    """See the top of the file."""

    info: ClassVar = ModelInfo(
        "naive",
        "the last value, for ever",
        "random walks, prices, and as the yardstick",
        scope="local",
        cost="none",
        roles=("target",),
        reference=True,
        always=True,
        turn=1,
    )
    Settings: ClassVar = NoSettings

    @property
    def history_length(self) -> int:
        """See `Model.history_length`."""
        return 1

    @classmethod
    def fit(cls, task: Task, settings: NoSettings, *, seed: int, tell: Progress) -> Naive:  # noqa: ARG003
        """There is nothing to learn."""
        return cls()

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:  # noqa: ARG002
        """See `Model.predict`."""
        return Ahead(np.repeat(last_contexts([s.filled for s in series], 1), horizon, axis=1))

    def state(self) -> State:
        """See `Model.state`."""
        return State()

    @classmethod
    def restored(cls, state: State) -> Naive:
        """See `Model.restored`."""
        state.checked()
        return cls()
