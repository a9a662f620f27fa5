"""A recurrent network that was trained beforehand, on series that a generator drew; it learns nothing of the file.

Two gated recurrent layers over patches of 16 steps, 512 steps of context. What it learns of a series is how to be used
on it: plain, with the profile of a day, a week, a year or a season that was found taken out first, or on means of
several steps; the naive forecasts compete. The four ways that erred least from ten earlier origins are averaged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.series import Series
from tsforecast.models.contract import Ahead, Model, ModelInfo, Progress, State
from tsforecast.models.naive import NoSettings
from tsforecast.models.zero_shot.mixture import Members, found_members, heaviest_first, mean_members
from tsforecast.models.zero_shot.patched import BELOW, LEVELS
from tsforecast.models.zero_shot.variants import Variant, foresee_each

if TYPE_CHECKING:
    from tsforecast.models.task import Task

# series forecast at once: bounds memory
_TOGETHER = 256
# measured on one core of 2026 (`docs/pretrained.md`)
_SECONDS_A_RUN = 0.0016
# by itself: short series are those of the classical models, many series those of the global ones
_LEAST_BY_ITSELF, _MOST_BY_ITSELF = 100, 10


@dataclass(frozen=True, eq=False)
class Pretrained(Model):
    """See the top of the file.

    Attributes:
        members: By the name of the series, the ways to forecast it and their weights, which sum to 1. A series that
            is not named takes what the others have on average.
    """

    members: Mapping[str, Members] = field(default_factory=dict)

    info: ClassVar = ModelInfo(
        "pretrained",
        "a recurrent network trained beforehand on generated series",
        "a forecast with quantiles at once, without training",
        scope="local",
        turn=30,
        most_origins=100,
    )
    Settings: ClassVar = NoSettings

    @property
    def history_length(self) -> int:
        """See `Model.history_length`."""
        return max(variant.rows for own in (*self.members.values(), self.common) for variant in own)

    @property
    def common(self) -> Members:
        """Of a series that it was not fitted on."""
        return mean_members(list(self.members.values()))

    @property
    def notes(self) -> tuple[str, ...]:
        """See `Model.notes`."""
        if not self.members:
            return ()
        if len(self.members) == 1:
            (own,) = self.members.values()
            return ("pretrained: " + ", ".join(f"{v} {weight:.0%}" for v, weight in own.items()),)
        first = Counter(next(iter(own)).kind for own in self.members.values())
        told = ", ".join(f"{kind} {count}" for kind, count in first.most_common())
        return (f"pretrained: what weighs most, by series: {told}",)

    @classmethod
    def unsuitable(cls, task: Task, settings: NoSettings) -> str | None:  # noqa: ARG003
        """See `Model.unsuitable`."""
        longest = max((len(s) for s in task.training), default=0)
        if task.asked == cls.info.name:
            return None
        count = len(task.series)
        if longest < _LEAST_BY_ITSELF:
            return f"{longest} rows are few for it (--model {cls.info.name} insists)"
        if count > _MOST_BY_ITSELF:
            return f"{count:,} series are many for it, each a run of the network (--model {cls.info.name} insists)"
        return None

    @classmethod
    def seconds(cls, task: Task, settings: NoSettings) -> float:  # noqa: ARG003
        """See `Model.seconds`: origins that choose, that are scored and held out, four runs of the network each."""
        runs = sum(30 + min(100, n) * 4 for n in task.n_validation) * 4 * task.n_channels
        return _SECONDS_A_RUN * runs * max(1.0, task.horizon / 256)

    @classmethod
    def fit(cls, task: Task, settings: NoSettings, *, seed: int, tell: Progress) -> Pretrained:  # noqa: ARG003
        """What to combine of each series, by its errors at the last origins that can be judged."""
        return cls(found_members(task))

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:  # noqa: ARG002
        """See `Model.predict`."""
        quantiles = np.empty((len(series), horizon, series[0].values.shape[1], len(LEVELS)))
        for low in range(0, len(series), _TOGETHER):
            quantiles[low : low + _TOGETHER] = self._quantiles(series[low : low + _TOGETHER], horizon)
        return Ahead(quantiles[..., BELOW], quantiles, LEVELS)

    def _quantiles(self, series: Sequence[Series], horizon: int) -> FloatArray:
        """Weighted means of the quantiles of the members `(series, step, channel, quantile)`."""
        common, wanted, places, weights = self.common, [], [], []
        for i, one in enumerate(series):
            own = self.members.get(one.name, common)
            kept = max(variant.rows for variant in own)
            for channel, values in enumerate(one.filled[-kept:].T):
                for variant, weight in own.items():
                    wanted.append((values, variant))
                    places.append((i, channel))
                    weights.append(weight)
        found = foresee_each(wanted, horizon) * np.array(weights)[:, None, None]
        summed = np.zeros((len(series), series[0].values.shape[1], horizon, len(LEVELS)))
        np.add.at(summed, tuple(np.array(places).T), found)
        return np.moveaxis(summed, 1, 2)

    def refit(self, task: Task) -> Pretrained:
        """The weights by the newest origins; series that the task lacks keep theirs."""
        return type(self)({**self.members, **found_members(task)})

    def state(self) -> State:
        """See `Model.state`."""
        return State({"members": {name: {str(v): w for v, w in own.items()} for name, own in self.members.items()}})

    @classmethod
    def restored(cls, state: State) -> Pretrained:
        """See `Model.restored`."""
        found = state.checked(settings=("members",)).settings["members"]
        if not isinstance(found, Mapping):
            raise ValueError("the members of the series must be given by name")
        members = {}
        for name, own in found.items():
            if not isinstance(own, Mapping) or not own:
                raise ValueError("a series needs at least one member")
            weights = {Variant.of(v): State.number(w, 0, 1) for v, w in own.items()}
            members[State.text(name, 100_000)] = heaviest_first(weights)
            if abs(sum(weights.values()) - 1) > 1e-6:
                raise ValueError("weights must sum to 1")
        return cls(members)
