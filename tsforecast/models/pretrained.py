"""A recurrent network that was trained beforehand, on series that a generator drew; it learns nothing of the file.

Two gated recurrent layers over patches of 16 steps, 512 steps of context. Long seasons are taken out first: the profile
of the season, its last periods weighted exponentially, around a moving average; the network forecasts the rest. Where
nobody knows whether that helps, it is the validation rows that say so, one answer for each series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.series import Series
from tsforecast.models.contract import Ahead, Model, ModelInfo, Progress, State
from tsforecast.models.naive import NoSettings
from tsforecast.models.task import group_means
from tsforecast.models.zero_shot.foresee import foresee
from tsforecast.models.zero_shot.patched import BELOW, LEVELS
from tsforecast.models.zero_shot.seasonal_profile import PERIODS, without_profile
from tsforecast.models.zero_shot.seen import CONTEXT

if TYPE_CHECKING:
    from tsforecast.models.task import Task

_MOST_TRIALS = 10
_LONGEST_SEASON = 100_000


@dataclass(frozen=True, eq=False)
class Pretrained(Model):
    """See the top of the file.

    Attributes:
        seasons: Steps of the season that is taken out first, by the name of the series; 0 for none. Of a series that
            is not named none is taken out.
    """

    seasons: Mapping[str, int] = field(default_factory=dict)

    info: ClassVar = ModelInfo(
        "pretrained",
        "a recurrent network trained beforehand on generated series",
        "a forecast with quantiles at once, without training",
        scope="local",
        auto=False,
        turn=30,
    )
    Settings: ClassVar = NoSettings

    @property
    def history_length(self) -> int:
        """See `Model.history_length`."""
        longest = max(self.seasons.values(), default=0)
        return max(CONTEXT, (PERIODS + 1) * longest)

    @property
    def notes(self) -> tuple[str, ...]:
        """See `Model.notes`."""
        found = sum(season > 0 for season in self.seasons.values())
        return (f"pretrained: of {found} of {len(self.seasons)} series a season was taken out first",) if found else ()

    @classmethod
    def fit(cls, task: Task, settings: NoSettings, *, seed: int, tell: Progress) -> Pretrained:  # noqa: ARG003
        """Of each series the season whose removal helped most in validation, or none."""
        trial = task.thinned(_MOST_TRIALS * len(task.series))
        of = trial.of_origin
        present = np.unique(of)
        most = max(len(s.season_lengths) for s in task.series)
        errors = []
        for place in range(-1, most):
            choice = {s.name: _season(s, place) for s in task.series}
            errors.append(group_means(trial.errors(cls(choice)), of))
        best = dict(zip(present.tolist(), (np.argmin(errors, axis=0) - 1).tolist(), strict=True))
        return cls({s.name: _season(s, best.get(i, -1)) for i, s in enumerate(task.series)})

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:  # noqa: ARG002
        """See `Model.predict`."""
        rows, added = [], []
        for one in series:
            season = self.seasons.get(one.name, 0)
            longest = max(CONTEXT, (PERIODS + 1) * season)
            for channel in one.filled[-longest:].T:
                rest, profile = without_profile(channel, season, horizon)
                rows.append(rest[-CONTEXT:])
                added.append(profile)
        values = np.full((len(rows), CONTEXT), np.nan)
        for own, rest in zip(values, rows, strict=True):
            own[CONTEXT - len(rest) :] = rest
        found = foresee(values, horizon) + np.stack(added)[:, :, None]
        shape = (len(series), -1, horizon, len(LEVELS))
        quantiles: FloatArray = np.moveaxis(found.reshape(shape), 1, 2)
        return Ahead(quantiles[..., BELOW], quantiles, LEVELS)

    def state(self) -> State:
        """See `Model.state`."""
        return State({"seasons": dict(self.seasons)})

    @classmethod
    def restored(cls, state: State) -> Pretrained:
        """See `Model.restored`."""
        found = state.checked(settings=("seasons",)).settings["seasons"]
        if not isinstance(found, Mapping):
            raise ValueError("the seasons of the series must be given by name")
        return cls({State.text(name, 100_000): State.whole(n, 0, _LONGEST_SEASON) for name, n in found.items()})


def _season(series: Series, place: int) -> int:
    """The season in this place, 0 where there is none or too few rows for two of them."""
    if not 0 <= place < len(series.season_lengths):
        return 0
    season = int(series.season_lengths[place])
    return season if 1 < season <= min(len(series) // 2, _LONGEST_SEASON) else 0
