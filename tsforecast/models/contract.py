"""What every model promises, whether it copies, is linear, statistical, a network or a combination of dynamics.

A model is one class in one file of this folder. The file bears the model's name (`seasonal-naive` in
`seasonal_naive.py`), the class has an `info`; being there is all it takes to be registered (`registry.py`). Packages of
others register theirs by an entry point of the group `tsforecast.models` whose value is the class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tsforecast.data.series import Series
    from tsforecast.models.task import Task

FloatArray = npt.NDArray[np.floating[Any]]
Role = Literal["target", "past", "future", "static"]
Progress = Callable[[str], None]
"""Told in words, one line at a time, what is being done."""


@dataclass(frozen=True)
class ModelInfo:
    """What is said of a model before it is fitted.

    Attributes:
        name: As given to `--model`; its file bears it.
        words: What it does, one line.
        good_for: Where to use it, one line.
        scope: "local" where each series is learnt by itself, "global" where one model serves all.
        cost: "none" (always fitted), "seconds", or "training" (tried last, where the others leave a reason to).
        roles: Columns it can use.
        needs: The extra that fitting it needs ("train"), or None.
        reference: True for the forecasts that cost nothing, by which the others are judged.
        auto: Whether it is tried where the user names no model.
        builds_on: Name of the model it corrects, or None.
        most_origins: It is so slow to forecast that it, and what competes with it, is scored from at most so many origins.
        self_chosen: It chose itself by several free runs over its training rows, so that a single validation forecast
            does not speak against it.
    """

    name: str
    words: str
    good_for: str
    scope: Literal["local", "global"]
    cost: Literal["none", "seconds", "training"] = "seconds"
    roles: tuple[Role, ...] = ("target",)
    needs: str | None = None
    reference: bool = False
    auto: bool = True
    builds_on: str | None = None
    most_origins: int | None = None
    self_chosen: bool = False


@dataclass(frozen=True)
class State:
    """Everything a fitted model needs to be itself again; what a bundle stores.

    Attributes:
        settings: Plain JSON values.
        arrays: By name (`[a-z][a-z0-9_]*`): float64, float32 or int64, finite unless the model allows otherwise.
        blobs: By file name ("model.onnx"): bytes in a format that the model itself checks on the way in.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    blobs: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Ahead:
    """What a model says comes next, in the unit of the data.

    Attributes:
        point: `(series, step, channel)`.
        quantiles: `(series, step, channel, quantile)`, ascending; None where it has none.
        probabilities: Of the quantiles, 0 to 1.
    """

    point: FloatArray
    quantiles: FloatArray | None = None
    probabilities: tuple[float, ...] = ()


class Model(Protocol):
    """One contract for all. Instances are immutable: `refit` and `update` return new ones."""

    info: ClassVar[ModelInfo]
    Settings: ClassVar[type]
    """A frozen dataclass that checks itself; fields named as the options of the command line are filled from them."""

    @property
    def context_length(self) -> int:
        """Rows of history that `predict` looks at, at least 1; what a saved model has to remember."""
        ...

    @property
    def space(self) -> Literal["plain", "log"]:
        """Where its errors are alike: "log" for a model that works on logarithms."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Facts for the report, one line each."""
        ...

    @classmethod
    def unsuitable(cls, task: Task, settings: Any) -> str | None:
        """Why it cannot or should not be used here, in the user's words; None where it can.

        Where `task.asked` is its name, only what makes it impossible counts.
        """
        ...

    @classmethod
    def fit(cls, task: Task, settings: Any, *, seed: int, tell: Progress) -> Model:
        """Learn from the training rows of the task; choose its own settings by its validation rows.

        Raises:
            DataError: The series cannot be learnt from.
            MissingDependencyError: What `info.needs` names is not installed.
        """
        ...

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:
        """Forecast what follows the last row of each series. It sees nothing else.

        Series that it was fitted on are known by their `name`; others are scaled by themselves.

        Raises:
            DataError: A series cannot be forecast from.
        """
        ...

    def refit(self, task: Task) -> Model:
        """The same model with its closed-form part fitted on all rows of the task; choices are kept."""
        ...

    def update(self, task: Task, *, seed: int, tell: Progress, **training: Any) -> Model:
        """The same model trained further on the rows of the task, its scale frozen."""
        ...

    def state(self) -> State:
        """Everything `restored` needs."""
        ...

    @classmethod
    def restored(cls, state: State) -> Model:
        """The model that `state` described. The state may be hostile: everything in it is checked.

        Raises:
            ValueError, TypeError, KeyError, DataError, BundleError: Where it is not what `state` returns.
        """
        ...
