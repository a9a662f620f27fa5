"""The models `kernel` and `dynamics` of a panel: each sequence has a combination of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.errors import DataError
from tsforecast.models.dynamics.analog import AnalogRecipe
from tsforecast.models.dynamics.blocks import Recipe
from tsforecast.models.dynamics.combination import MOST_ROWS, N_BAGS, TUNING_ROWS, Combination, combine, fit_combination
from tsforecast.models.dynamics.kernel import KernelRecipe
from tsforecast.models.dynamics.nvar import NvarRecipe
from tsforecast.models.dynamics.reservoir import ReservoirRecipe
from tsforecast.models.dynamics.trials import FAMILIES

RECIPES: dict[str, type[KernelRecipe | AnalogRecipe | NvarRecipe | ReservoirRecipe]] = {
    "kernel": KernelRecipe,
    "analog": AnalogRecipe,
    "nvar": NvarRecipe,
    "reservoir": ReservoirRecipe,
}


@dataclass(frozen=True)
class Dynamical:
    """One combination for each sequence.

    Attributes:
        name: "kernel" (kernel ridge regression alone) or "dynamics" (all families combined).
        horizon: Rows its hyperparameters were chosen to forecast.
        combinations: In the order of the sequences.
    """

    name: str
    horizon: int
    combinations: tuple[Combination, ...]
    segment_length: int = 1

    @classmethod
    def fit(cls, name: str, scaled: Sequence[FloatArray], horizon: int) -> Dynamical:
        """Choose and fit on sequences `(time, channel)`.

        Raises:
            DataError: Where one is too short.
        """
        families, n_bags = (("kernel",), 0) if name == "kernel" else (tuple(FAMILIES), N_BAGS)
        combinations = tuple(fit_combination(rows, horizon, families, n_bags) for rows in scaled)
        return cls(name, horizon, combinations)

    @property
    def context_length(self) -> int:
        """Steps it sees: as many as the member that sees most."""
        return max(combination.context_length for combination in self.combinations)

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """See `Forecaster.predict`, for sequences that it was not fitted on.

        Raises:
            DataError: Where it was fitted on several, none of which stands for a new one.
        """
        if len(self.combinations) > 1:
            raise DataError(
                f"{self.name} learnt {len(self.combinations)} series, each by itself, and knows nothing of others",
                "fit it on the new series",
            )
        return self.predict_known(inputs, horizon, np.zeros(len(inputs), dtype="int64"))

    def predict_known(self, inputs: FloatArray, horizon: int, sequence: IntArray) -> FloatArray:
        """As `predict`, for the sequences it was fitted on: `sequence` `(window,)` tells which."""
        forecast = np.empty((len(inputs), horizon, inputs.shape[2]))
        for i in np.unique(sequence):
            own = self.combinations[i]
            contexts = inputs[sequence == i]
            forecast[sequence == i] = own.predict(contexts[:, contexts.shape[1] - own.context_length :], horizon)
        return forecast

    def refit(self, scaled: Sequence[FloatArray]) -> Dynamical:
        """The same model on more rows; chosen anew where they are few, since each then tells much."""
        if any(len(rows) <= TUNING_ROWS for rows in scaled):
            return Dynamical.fit(self.name, scaled, self.horizon)
        combinations = tuple(
            combine([member.recipe for member in old.members], rows)
            for old, rows in zip(self.combinations, scaled, strict=True)
        )
        return Dynamical(self.name, self.horizon, combinations)

    def settings(self) -> dict[str, Any]:
        """Plain JSON values: `horizon`, and for each sequence its rows, bounds, recipes and members by recipe."""
        sequences = []
        for own in self.combinations:
            recipes = list(dict.fromkeys(member.recipe for member in own.members))
            sequences.append(
                {
                    "n_rows": len(_complete(own.values)),
                    "low": own.low.tolist(),
                    "high": own.high.tolist(),
                    "recipes": [_described(recipe) for recipe in recipes],
                    "members": [recipes.index(member.recipe) for member in own.members],
                }
            )
        return {"horizon": self.horizon, "sequences": sequences}

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """`series` `(row, channel)`: the complete rows of all; `rows` `(row,)`: their times; `numbers` `(number,)`."""
        members = [member for own in self.combinations for member in {m.recipe: m for m in own.members}.values()]
        return {
            "series": np.concatenate([own.values[_complete(own.values)] for own in self.combinations]),
            "rows": np.concatenate([_complete(own.values) for own in self.combinations]),
            "numbers": np.concatenate([np.empty(0), *(part.ravel() for m in members for part in m.numbers)]),
        }

    @classmethod
    def from_saved(cls, name: str, settings: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> Dynamical:
        """Restore from `settings` and `to_arrays`.

        Raises:
            ValueError, TypeError, KeyError, DataError: Where they contradict each other or themselves.
        """
        series, rows, numbers = (_Taking(arrays[key]) for key in ("series", "rows", "numbers"))
        n_channels = arrays["series"].shape[1]
        combinations = []
        for saved in settings["sequences"]:
            n_rows = _whole("n_rows", saved["n_rows"])
            values = _spread(series.take((n_rows, n_channels)), rows.take((n_rows,)))
            low, high = (np.asarray(saved[side], dtype="float64") for side in ("low", "high"))
            if low.shape != (n_channels,) or high.shape != (n_channels,) or not (low <= high).all():
                raise ValueError("bounds do not fit the channels")
            members = [_recipe(facts, n_rows).restored(values, numbers.take) for facts in saved["recipes"]]
            chosen = tuple(members[_whole("member", i + 1, len(members)) - 1] for i in saved["members"])
            if not chosen:
                raise ValueError("a sequence without a member")
            combinations.append(Combination(chosen, values, low, high))
        if not combinations or series.left or rows.left or numbers.left:
            raise ValueError("the arrays are not those of the sequences")
        return cls(name, _whole("horizon", settings["horizon"]), tuple(combinations))


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
            _whole(field.name, value, largest)
        elif field.type == "float" and not (isinstance(value, float) and value > 0):
            raise ValueError(f"{field.name} must be positive")
    return kind(**given)


def _whole(name: str, value: Any, largest: int = 10**6) -> int:
    if type(value) is not int or not 1 <= value <= largest:
        raise ValueError(f"{name} must be a whole number from 1 to {largest}")
    return value
