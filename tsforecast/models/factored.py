"""The level of each period times, or plus, the shape within it; a ridge regression goes on with the levels.

For long seasons (144, 288, 1,440 steps), of which a regression on all steps would need many. Rows are cut into periods
back from the last one, so that a period ends where the forecast begins. The shape is the mean of the last periods,
newer ones weighing more, shrunk towards it where periods of one kind (the same day of a week) differ; levels are
regressed on the levels before them; what the newest rows lie above or below their shape fades out step by step. After
Honda 2026, "FLAIR: factored level and interleaved ridge", arXiv:2605.07222, from its description: not its code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tsforecast.data.series import Series
from tsforecast.errors import DataError
from tsforecast.models.contract import Ahead, Model, ModelInfo, Progress, State
from tsforecast.models.factors import Way, continued
from tsforecast.models.naive import NoSettings
from tsforecast.models.plausible import plausible_periods
from tsforecast.models.task import group_means

if TYPE_CHECKING:
    from tsforecast.models.task import Task

_LEAST_PERIODS = 4
# shorter seasons are seen by a regression on all steps; by itself it competes from here on
_LONG = 96
_ORIGINS = 40
_LONGEST = 1_000_000


@dataclass(frozen=True, eq=False)
class Factored(Model):
    """See the top of the file.

    Attributes:
        ways: By the name of the series, how it is cut and put together. A series that is not named takes the commonest.
    """

    ways: Mapping[str, Way] = field(default_factory=dict)

    info: ClassVar = ModelInfo(
        "factored",
        "level of each period times the shape within it",
        "long seasons: half-hourly to 5-minute data",
        scope="local",
        turn=20,
        most_origins=400,
    )
    Settings: ClassVar = NoSettings

    @property
    def history_length(self) -> int:
        """See `Model.history_length`."""
        return max((way.rows for way in self.ways.values()), default=1)

    @property
    def notes(self) -> tuple[str, ...]:
        """See `Model.notes`."""
        if len(self.ways) != 1:
            return ()
        (way,) = self.ways.values()
        return (f"factored: {way}",)

    @classmethod
    def unsuitable(cls, task: Task, settings: NoSettings) -> str | None:  # noqa: ARG003
        """See `Model.unsuitable`."""
        found = [s.season_length for s, known in zip(task.series, task.training, strict=True) if _suits(s, len(known))]
        if not found:
            return f"no series has {_LEAST_PERIODS} periods of a season to learn from (--season-length 288 gives one)"
        if len(found) < len(task.series):
            return (
                f"{len(task.series) - len(found):,} series have no season, or fewer than {_LEAST_PERIODS} periods of it"
            )
        if task.asked != cls.info.name and max(found) < _LONG:
            return f"no season is longer than {_LONG - 1} steps (--model {cls.info.name} insists)"
        return None

    @classmethod
    def fit(cls, task: Task, settings: NoSettings, *, seed: int, tell: Progress) -> Factored:  # noqa: ARG003
        """Of each series the way that erred least in validation."""
        trial = task.thinned(_ORIGINS * len(task.series))
        choices = [_ways(s, len(known)) for s, known in zip(task.series, task.training, strict=True)]
        most = max(len(own) for own in choices)
        tried = [
            {s.name: own[min(k, len(own) - 1)] for s, own in zip(task.series, choices, strict=True)}
            for k in range(most)
        ]
        errors = [group_means(trial.errors(cls(ways)), trial.of_origin) for ways in tried]
        best = dict(zip(np.unique(trial.of_origin).tolist(), np.argmin(errors, axis=0).tolist(), strict=True))
        return cls({s.name: tried[best.get(i, 0)][s.name] for i, s in enumerate(task.series)})

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:  # noqa: ARG002
        """See `Model.predict`."""
        usual = self._usual
        point = np.empty((len(series), horizon, series[0].values.shape[1]))
        for i, one in enumerate(series):
            way = self.ways.get(one.name, usual)
            rows = one.filled[-way.rows :]
            if not len(rows) or np.isnan(rows).any():
                raise DataError(
                    f"series {one.name} misses values within its last {way.rows:,} rows",
                    "fill them (--impute) or forecast from after the gap",
                )
            for channel, values in enumerate(rows.T):
                point[i, :, channel] = continued(values, way, horizon)
        return Ahead(point)

    @property
    def _usual(self) -> Way:
        found = list(self.ways.values())
        return max(found, key=lambda way: (found.count(way), way))

    def state(self) -> State:
        """See `Model.state`."""
        return State({"ways": {name: way.plain() for name, way in self.ways.items()}})

    @classmethod
    def restored(cls, state: State) -> Factored:
        """See `Model.restored`."""
        found = state.checked(settings=("ways",)).settings["ways"]
        if not isinstance(found, Mapping) or not found:
            raise ValueError("how the series are cut must be given by name")
        ways = {}
        for name, own in found.items():
            if not isinstance(own, list) or len(own) != 3 or not isinstance(own[2], bool):
                raise ValueError("a way is a period, its kinds, and whether levels are factors")
            period, kinds = State.whole(own[0], 2, _LONGEST), State.whole(own[1], 1, 1000)
            ways[State.text(name, 100_000)] = Way(period, kinds, multiplicative=own[2])
        return cls(ways)


def _suits(series: Series, rows: int) -> bool:
    return series.season_length > 1 and rows >= _LEAST_PERIODS * series.season_length


def _ways(series: Series, rows: int) -> list[Way]:
    """All periods alike, or of as many kinds as a longer season (the week) has of them; level plus and times shape."""
    period = series.season_length
    longer = [m // period for m in plausible_periods(series) if m % period == 0 and rows >= _LEAST_PERIODS * m]
    kinds = sorted({1, *longer})
    positive = bool((series.values[series.observed] > 0).all())
    return [
        Way(period, kind, multiplicative=times) for kind in kinds for times in ((False, True) if positive else (False,))
    ]
