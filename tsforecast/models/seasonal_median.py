"""The median of the last few seasons, phase by phase; of a series without a season, that of its last values.

What stands out in one season does not stand out in the median of several. Where the level wanders, each season is
taken relative to its own median, and put on that of the last one. Which season, how many of them, and whether the level
wanders is what forecast best from the validation origins, one answer for each series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.series import Series
from tsforecast.models.contract import Ahead, Model, ModelInfo, Progress, State
from tsforecast.models.naive import NoSettings
from tsforecast.models.task import group_means

if TYPE_CHECKING:
    from tsforecast.models.task import Task

_COUNTS = (3, 7)
_WINDOWS = (5, 25, 100)
_MOST_SEASONS = 2
_MOST_TRIALS = 20
_LONGEST = 100_000


class MedianRecipe(NamedTuple):
    """How the median is taken.

    Attributes:
        season: Steps, 1 for none.
        taken: Seasons; values where there is none.
        levelled: Whether each season is taken relative to its own median.
    """

    season: int
    taken: int
    levelled: bool


_ORDINARY = MedianRecipe(1, 25, levelled=False)


@dataclass(frozen=True, eq=False)
class SeasonalMedian(Model):
    """See the top of the file.

    Attributes:
        recipes: By the name of the series.
        common: Of series that are not named.
    """

    recipes: Mapping[str, MedianRecipe] = field(default_factory=dict)
    common: MedianRecipe = _ORDINARY

    info: ClassVar = ModelInfo(
        "seasonal-median",
        "the median of the last few seasons, at each phase",
        "seasons with values that stand out: bursts, errors of a sensor",
        scope="local",
        turn=5,
    )
    Settings: ClassVar = NoSettings

    @property
    def history_length(self) -> int:
        """See `Model.history_length`."""
        return max(own.season * own.taken for own in (self.common, *self.recipes.values()))

    @classmethod
    def fit(cls, task: Task, settings: NoSettings, *, seed: int, tell: Progress) -> SeasonalMedian:  # noqa: ARG003
        """The recipe of each series that forecast best from its validation origins."""
        trial = task.thinned(_MOST_TRIALS * len(task.series))
        of = trial.of_origin
        errors = []
        for place in range(_places(task)):
            recipes = {s.name: _recipe(s, place) for s in task.series}
            errors.append(group_means(trial.errors(cls(recipes)), of))
        best = dict(zip(np.unique(of).tolist(), np.argmin(errors, axis=0).tolist(), strict=True))
        usual = int(np.argmin(np.mean(errors, axis=1)))
        found = {s.name: _recipe(s, best.get(i, usual)) for i, s in enumerate(task.series)}
        return cls(found, _recipe(task.series[0], usual))

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:  # noqa: ARG002
        """See `Model.predict`."""
        found = [_ahead(s.filled, self.recipes.get(s.name, self.common), horizon) for s in series]
        return Ahead(np.stack(found))

    def state(self) -> State:
        """See `Model.state`."""
        return State({"recipes": {name: list(own) for name, own in self.recipes.items()}, "common": list(self.common)})

    @classmethod
    def restored(cls, state: State) -> SeasonalMedian:
        """See `Model.restored`."""
        state.checked(settings=("recipes", "common"))
        found = state.settings["recipes"]
        if not isinstance(found, Mapping):
            raise ValueError("the recipes of the series must be given by name")
        recipes = {State.text(name, _LONGEST): _restored(own) for name, own in found.items()}
        return cls(recipes, _restored(state.settings["common"]))


def _places(task: Task) -> int:
    """How many recipes a series has at most."""
    seasons = max(len(s.season_lengths) for s in task.series)
    return 2 * len(_COUNTS) * min(seasons, _MOST_SEASONS) + len(_WINDOWS)


def _recipe(series: Series, place: int) -> MedianRecipe:
    """The one in this place of those that a series can have; the last of them where it has not so many."""
    seasons = [m for m in series.season_lengths[:_MOST_SEASONS] if 1 < m <= len(series) // 3]
    every = [MedianRecipe(1, n, levelled=False) for n in _WINDOWS]
    every += [MedianRecipe(int(m), n, levelled) for m in seasons for n in _COUNTS for levelled in (False, True)]
    return every[min(place, len(every) - 1)]


def _ahead(rows: FloatArray, recipe: MedianRecipe, horizon: int) -> FloatArray:
    """Forecast `(step, channel)` of a history `(time, channel)`; what is missing in it is not counted."""
    season, taken, levelled = recipe
    n_channels = rows.shape[1]
    kept = rows[-season * taken :]
    if season == 1 or len(kept) < season:
        return np.repeat(_median(kept)[None], horizon, axis=0)
    kept = kept[len(kept) % season :].reshape(-1, season, n_channels)
    level: FloatArray = np.zeros((len(kept), 1, n_channels))
    if levelled:
        level = np.stack([_median(own) for own in kept])[:, None]
    profile = _median(kept - level) + level[-1]
    return np.asarray(profile[np.arange(horizon) % season])


def _median(values: FloatArray) -> FloatArray:
    """Over the first axis, of what is there; 0 where nothing is."""
    if not np.isnan(values).any():
        return np.asarray(np.median(values, axis=0))
    there = ~np.isnan(values)
    ordered = np.sort(np.where(there, values, np.inf), axis=0)
    count = there.sum(axis=0)
    low, high = (np.take_along_axis(ordered, np.maximum(k, 0)[None], axis=0)[0] for k in ((count - 1) // 2, count // 2))
    return np.where(count > 0, (low + np.where(np.isfinite(high), high, low)) / 2, 0.0)


def _restored(found: Any) -> MedianRecipe:
    if not isinstance(found, list) or len(found) != 3 or not isinstance(found[2], bool):
        raise ValueError("a recipe is a season, a count, and whether the level wanders")
    return MedianRecipe(State.whole(found[0], 1, _LONGEST), State.whole(found[1], 1, max(_WINDOWS)), found[2])
