"""The last season, again and again. Hyndman & Athanasopoulos, Forecasting: Principles and Practice, section 5.2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.series import Series
from tsforecast.data.windows import last_contexts
from tsforecast.errors import DataError
from tsforecast.models.contract import Ahead, Model, ModelInfo, Progress, State
from tsforecast.models.naive import NoSettings
from tsforecast.models.task import Task, longest_season


@dataclass(frozen=True)
class SeasonalNaive(Model):
    """See the top of the file.

    Attributes:
        season_length: Of the series it was fitted on, and of those that have none of their own.
        own: Season of each series that has another, by name.
    """

    season_length: int
    own: tuple[tuple[str, int], ...] = ()

    info: ClassVar = ModelInfo(
        "seasonal-naive",
        "the last season, repeated",
        "strong stable seasons, little data",
        scope="local",
        cost="none",
        roles=("target",),
        reference=True,
        always=True,
        turn=2,
    )
    Settings: ClassVar = NoSettings

    @property
    def history_length(self) -> int:
        """See `Model.history_length`."""
        return max([self.season_length, *(m for _, m in self.own)])

    @classmethod
    def unsuitable(cls, task: Task, settings: NoSettings) -> str | None:  # noqa: ARG003
        """See `Model.unsuitable`."""
        return None if longest_season(task.series) > 1 else "no season was found (--season-length 24 gives one)"

    @classmethod
    def fit(cls, task: Task, settings: NoSettings, *, seed: int, tell: Progress) -> SeasonalNaive:  # noqa: ARG003
        """There is nothing to learn but the seasons, which the series bring."""
        common = task.season_length
        return cls(common, tuple((s.name, s.season_length) for s in task.series if s.season_length != common))

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:  # noqa: ARG002
        """See `Model.predict`."""
        own = dict(self.own)
        lengths = np.array([own.get(s.name, self.season_length) for s in series])
        point = np.empty((len(series), horizon, series[0].values.shape[1]))
        for m in np.unique(lengths).tolist():
            rows = np.flatnonzero(lengths == m).tolist()
            # of a long season no more than the steps that are repeated
            used = min(m, horizon)
            histories = [_with_its_first_row(series[i].filled, m)[: -m + used or None] for i in rows]
            point[rows] = last_contexts(histories, used)[:, np.arange(horizon) % m]
        return Ahead(point)

    def state(self) -> State:
        """See `Model.state`."""
        return State({"season_length": self.season_length, "own": [list(pair) for pair in self.own]})

    @classmethod
    def restored(cls, state: State) -> SeasonalNaive:
        """See `Model.restored`."""
        state.checked(settings=("season_length", "own"))
        found = state.settings["own"]
        if not isinstance(found, list):
            raise DataError("seasons must be a list")
        own = tuple((state.text(name), state.whole(m)) for name, m in found)
        if len(dict(own)) < len(own):
            raise DataError("a series has two seasons")
        return cls(state.whole(state.settings["season_length"]), own)


def _with_its_first_row(rows: FloatArray, season: int) -> FloatArray:
    """A season of rows at least: the first is repeated in front of fewer."""
    missing = season - len(rows)
    return np.concatenate([np.repeat(rows[:1], missing, axis=0), rows]) if missing > 0 and len(rows) else rows
