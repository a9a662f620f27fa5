"""Combinations of free-running models as one model of a panel: each series has a combination of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.data.series import Series
from tsforecast.data.windows import last_contexts
from tsforecast.errors import DataError
from tsforecast.models.contract import Ahead, Model, Progress, State
from tsforecast.models.dynamics.analog import AnalogRecipe
from tsforecast.models.dynamics.blocks import Recipe
from tsforecast.models.dynamics.combination import (
    MOST_ROWS,
    TUNING_ROWS,
    Combination,
    combine,
    fit_combination,
    forgets,
    memory,
    range_of,
)
from tsforecast.models.dynamics.kernel_ridge import KernelRecipe
from tsforecast.models.dynamics.nonlinearity import ENOUGH, nonlinear_gain
from tsforecast.models.dynamics.nvar import NvarRecipe
from tsforecast.models.dynamics.reservoir import ReservoirRecipe
from tsforecast.models.naive import NoSettings
from tsforecast.models.scale import SeriesScaler
from tsforecast.models.task import Task

_MOST_SERIES = 8
_FEWEST_ROWS = 100
_MOST_UNITS = 1000
_FEW_ROWS = 250
_SECONDS_EACH, _SECONDS_A_STEP = 5.0, 1.5e-7

RECIPES: dict[str, type[KernelRecipe | AnalogRecipe | NvarRecipe | ReservoirRecipe]] = {
    "kernel": KernelRecipe,
    "analog": AnalogRecipe,
    "nvar": NvarRecipe,
    "reservoir": ReservoirRecipe,
}


@dataclass(frozen=True)
class Dynamical(Model):
    """One combination for each series, on scaled values.

    Attributes:
        scaler: Of the series it was fitted on.
        horizon: Rows its hyperparameters were chosen to forecast.
        seed: Of everything random in the choice.
        combinations: In the order of the scaler.
    """

    scaler: SeriesScaler
    horizon: int
    seed: int
    combinations: tuple[Combination, ...]

    Settings: ClassVar = NoSettings
    families: ClassVar[tuple[str, ...]]
    """Some of `trials.FAMILIES`."""
    n_bags: ClassVar[int]
    """How many times members are taken; 0 takes the best one alone."""

    @classmethod
    def unsuitable(cls, task: Task, settings: NoSettings) -> str | None:  # noqa: ARG003
        """By itself it takes part for few scalar series, none too short, that forget themselves within a tenth."""
        if any(np.isnan(s.filled).any() for s in task.series):
            return "it needs series without gaps (fill them with --impute)"
        if task.asked == cls.info.name:
            return None
        if len(task.series) > _MOST_SERIES:
            return f"{len(task.series)} series, each to be learnt by itself, are more than {_MOST_SERIES}"
        for s in task.series:
            if s.values.shape[1] > 1 or len(s) < _FEWEST_ROWS or not forgets(s.filled):
                return "a series is short, of several channels, or does not forget itself within a tenth of its length"
        if not any(_has_dynamics(s, task.horizon) for s in task.training):
            return "what is nonlinear in it forecasts hardly better than a linear rule or its season"
        return None

    @classmethod
    def seconds(cls, task: Task, settings: NoSettings) -> float:  # noqa: ARG003
        """See `Model.seconds`; measured on two cores of 2026, series of 1,000 to 20,000 rows."""
        rows = sum(min(len(s), MOST_ROWS) for s in task.training)
        runs = 2 * (cls.info.most_origins or 0) + len(task.training)
        return float(_SECONDS_EACH * len(task.training) + _SECONDS_A_STEP * runs * task.horizon * rows)

    @classmethod
    def fit(cls, task: Task, settings: NoSettings, *, seed: int, tell: Progress) -> Self:  # noqa: ARG003
        """Choose and fit on the training rows.

        Raises:
            DataError: Where a series is too short.
        """
        scaler = SeriesScaler.fit(task.training)
        return cls._fitted(scaler, scaler.transform(task.training), task.horizon, seed)

    @classmethod
    def _fitted(cls, scaler: SeriesScaler, scaled: Sequence[FloatArray], horizon: int, seed: int) -> Self:
        found = [fit_combination(rows, horizon, cls.families, cls.n_bags, seed) for rows in scaled]
        return cls(scaler, horizon, seed, tuple(found))

    @property
    def history_length(self) -> int:
        """As many steps as the member that sees most."""
        return max(combination.context_length for combination in self.combinations)

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:  # noqa: ARG002
        """See `Model.predict`.

        Raises:
            DataError: Where it was fitted on several series, none of which stands for a new one.
        """
        places = {name: i for i, name in enumerate(self.scaler.names)}
        own = np.array([places.get(s.name, -1) for s in series], dtype="int64")
        if len(places) == 1:
            own[:] = 0
        elif (own < 0).any():
            raise DataError(
                f"{self.info.name} learnt {len(places)} series, each by itself, and knows nothing of others",
                "fit it on the new series",
            )
        scaler = self.scaler.matching(series)
        contexts = last_contexts([s.filled for s in series], self.history_length)
        inputs = scaler.transform_windows(contexts, slice(None))
        ahead = np.empty((len(series), horizon, contexts.shape[2]))
        for i in np.unique(own):
            combination, rows = self.combinations[i], np.flatnonzero(own == i)
            seen = inputs[rows, inputs.shape[1] - combination.context_length :]
            ahead[rows] = combination.predict(seen, horizon)
        return Ahead(scaler.inverse_windows(ahead, slice(None)))

    def refit(self, task: Task) -> Self:
        """The same model on more rows; chosen anew where they are few, since each then tells much."""
        if [s.name for s in task.training] != list(self.scaler.names):
            return self  # some are missing, and each has members of its own
        scaled = self.scaler.transform(task.training)
        if any(len(rows) <= TUNING_ROWS for rows in scaled):
            return self._fitted(self.scaler, scaled, self.horizon, self.seed)
        combinations = tuple(
            combine([member.recipe for member in old.members], rows)
            for old, rows in zip(self.combinations, scaled, strict=True)
        )
        return replace(self, combinations=combinations)

    def state(self) -> State:
        """For each series its rows, bounds, recipes and members by recipe; all series, times and numbers end to end."""
        described = []
        for own in self.combinations:
            recipes = list(dict.fromkeys(member.recipe for member in own.members))
            described.append(
                {
                    "n_rows": len(_complete(own.values)),
                    "low": own.low.tolist(),
                    "high": own.high.tolist(),
                    "recipes": [_described(recipe) for recipe in recipes],
                    "members": [recipes.index(member.recipe) for member in own.members],
                }
            )
        members = [member for own in self.combinations for member in {m.recipe: m for m in own.members}.values()]
        settings = {"horizon": self.horizon, "seed": self.seed, "series": described, **self.scaler.settings()}
        arrays = {
            "rows": np.concatenate([own.values[_complete(own.values)] for own in self.combinations]),
            "times": np.concatenate([_complete(own.values) for own in self.combinations]),
            "numbers": np.concatenate([np.empty(0), *(part.ravel() for m in members for part in m.numbers)]),
        }
        return State(settings, {**arrays, **self.scaler.arrays()})

    @classmethod
    def restored(cls, state: State) -> Self:
        """See `Model.restored`."""
        state.checked(
            settings=("horizon", "seed", "series", *SeriesScaler.SETTINGS),
            arrays=("rows", "times", "numbers", *SeriesScaler.ARRAYS),
        )
        scaler = SeriesScaler.restored(state)
        n_channels = scaler.centre.shape[1]
        rows = _Taking(state.array("rows", None, n_channels))
        times = _Taking(state.array("times", None, dtype="int64"))
        numbers = _Taking(state.array("numbers", None))
        combinations = []
        for saved in state.settings["series"]:
            n_rows = State.whole(saved["n_rows"])
            values = _spread(rows.take((n_rows, n_channels)), times.take((n_rows,)))
            low, high = (np.asarray(saved[side], dtype="float64") for side in ("low", "high"))
            if low.shape != (n_channels,) or high.shape != (n_channels,) or not (low <= high).all():
                raise ValueError("bounds do not fit the channels")
            members = [_recipe(facts, n_rows).restored(values, numbers.take) for facts in saved["recipes"]]
            chosen = tuple(members[State.whole(i, 0, len(members) - 1)] for i in saved["members"])
            if not chosen:
                raise ValueError("a series without a member")
            combinations.append(Combination(chosen, values, low, high))
        if len(combinations) != len(scaler.names) or rows.left or times.left or numbers.left:
            raise ValueError("the arrays are not those of the series")
        horizon, seed = State.whole(state.settings["horizon"]), State.whole(state.settings["seed"], 0, 2**63 - 1)
        return cls(scaler, horizon, seed, tuple(combinations))


def _has_dynamics(series: Series, horizon: int) -> bool:
    """Whether a long search is worth its time; a short series has one in any case, which costs little."""
    if len(series) <= _FEW_ROWS:
        return True
    scaled = SeriesScaler.fit([series]).transform([series])[0]
    rows = scaled[-TUNING_ROWS:]
    return nonlinear_gain(rows, range_of(scaled), horizon, memory(scaled), series.season_lengths) < ENOUGH


class _Taking:
    """An array that is taken piece by piece from the front."""

    def __init__(self, array: npt.NDArray[Any]) -> None:
        self._array, self._row_shape = array, array.shape[1:]

    @property
    def left(self) -> int:
        return len(self._array)

    def take(self, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        count = math.prod(shape) // max(1, math.prod(self._row_shape))
        if count > len(self._array):
            raise ValueError("an array is too short")
        piece, self._array = self._array[:count], self._array[count:]
        return piece.reshape(shape)


def _complete(values: FloatArray) -> IntArray:
    return np.asarray(np.flatnonzero(np.isfinite(values).all(axis=1)), dtype="int64")


def _spread(complete: FloatArray, rows: IntArray) -> FloatArray:
    """The series again, with its gaps."""
    if rows[0] < 0 or (np.diff(rows) < 1).any() or rows[-1] >= MOST_ROWS:
        raise ValueError("rows must ascend")
    values = np.full((int(rows[-1]) + 1, complete.shape[1]), np.nan)
    values[rows] = complete
    return values


def _described(recipe: Recipe) -> dict[str, Any]:
    family = next(name for name, kind in RECIPES.items() if isinstance(recipe, kind))
    return {"family": family, **{f.name: getattr(recipe, f.name) for f in fields(recipe)}}  # type: ignore[arg-type]


def _recipe(facts: dict[str, Any], largest: int) -> Recipe:
    kind = RECIPES[facts["family"]]
    given = {name: value for name, value in facts.items() if name != "family"}
    for field in fields(kind):
        value = given[field.name]
        if field.type == "int" and field.name != "seed":
            # a reservoir may have more units than there are rows; its numbers have to be there
            State.whole(value, 1, _MOST_UNITS if field.name == "units" else largest)
        elif field.type == "float" and not (isinstance(value, float) and value > 0):
            raise ValueError(f"{field.name} must be positive")
    return kind(**given)
