"""What every model promises, whether it copies, is linear, statistical, a network or a combination of dynamics.

A model is one class in one file of this folder. The file bears the model's name (`seasonal-naive` in
`seasonal_naive.py`), the class has an `info`; being there is all it takes to be registered (`registry.py`). Packages of
others register theirs by an entry point of the group `tsforecast.models` whose value is the class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from tsforecast.models.points import Ahead
from tsforecast.models.state import State

if TYPE_CHECKING:
    from typing import Self

    from tsforecast.data.arrays import FloatArray
    from tsforecast.data.series import Series
    from tsforecast.models.task import Task
    from tsforecast.models.training_curve import TrainingCurve

__all__ = ["Ahead", "Model", "ModelInfo", "Progress", "Role", "Space", "State"]

Role = Literal["target", "past", "future", "static"]
Space = Literal["plain", "log"]
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
        cost: "none", "seconds", or "training": the dearer, the later its turn.
        roles: Columns it can use; what stands beside the target by the regression in front of it (`covariates`).
        needs: The extra that fitting it needs ("train"), or None.
        reference: True for the forecasts that cost nothing, by which the others are judged.
        always: Whether it is fitted in every run, so that whatever forecasts can be compared with it.
        auto: Whether it is tried where the user names no model.
        turn: Place among those of the same cost, lowest first.
        most_origins: So slow is it to forecast that it, and what competes with it, is scored from at most so many
            origins; None where it is not.
        combines: It is made of those that were fitted before it on the same task, and has the last turn.
        self_chosen: It chose itself by several free runs over its training rows, so that a single validation forecast
            does not speak against it.
    """

    name: str
    words: str
    good_for: str
    scope: Literal["local", "global"]
    cost: Literal["none", "seconds", "training"] = "seconds"
    roles: tuple[Role, ...] = ("target", "past", "future")
    needs: str | None = None
    reference: bool = False
    always: bool = False
    auto: bool = True
    turn: int = 50
    most_origins: int | None = None
    combines: bool = False
    self_chosen: bool = False


class Model(ABC):
    """One contract for all. Instances are immutable: `refit` and `update` return new ones."""

    info: ClassVar[ModelInfo]
    Settings: ClassVar[type]
    """A frozen dataclass that checks itself; its fields are filled from the options of the same name."""

    @property
    @abstractmethod
    def history_length(self) -> int:
        """Rows of history that `predict` looks at, at least 1; what a saved model has to remember."""

    @property
    def space(self) -> Space:
        """Where its errors are alike: "log" for a model that works on logarithms."""
        return "plain"

    @property
    def shares(self) -> Mapping[str, float]:
        """Names of the models that it is made of, and their weights, which add up to 1; empty where it is no blend."""
        return {}

    @property
    def notes(self) -> tuple[str, ...]:
        """Facts for the report, one line each."""
        return ()

    @classmethod
    def volunteers(cls, settings: Any) -> bool:  # noqa: ARG003 - for those whom settings call
        """Whether it is tried where the user names no model."""
        return cls.info.auto

    @classmethod
    def unsuitable(cls, task: Task, settings: Any) -> str | None:  # noqa: ARG003 - most models suit everything
        """Why it cannot, or by itself should not, be used here, in the user's words; None where it can.

        Where `task.asked` is its name, only what makes it impossible counts.
        """
        return None

    @classmethod
    def seconds(cls, task: Task, settings: Any) -> float:  # noqa: ARG003 - hardly any time for most
        """About how long it takes to fit, score, refit and judge it, by counts alone: the same task, the same answer.

        Where a time limit leaves less, it gives up its turn.
        """
        return 0.0

    @classmethod
    @abstractmethod
    def fit(cls, task: Task, settings: Any, *, seed: int, tell: Progress) -> Self:
        """Learn from the training rows of the task; choose its own settings by its validation rows.

        Raises:
            DataError: The series cannot be learnt from.
            MissingDependencyError: What `info.needs` names is not installed.
        """

    @abstractmethod
    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:
        """Forecast what follows the last row of each series. It sees nothing else.

        Series that it was fitted on are known by their `name`; others are scaled by themselves.

        Raises:
            DataError: A series cannot be forecast from.
        """

    @property
    def training(self) -> TrainingCurve | None:
        """How its training went; None where it had none, or was restored."""
        return None

    def attention(self, series: Series) -> FloatArray | None:  # noqa: ARG002 - of those that attend to nothing
        """How much each row of a history counts for each step ahead `(step, row)`, each step's adding up to 1.

        The rows are the last `history_length`, the steps those emitted at once. None where nothing attends.
        """
        return None

    def refit(self, task: Task) -> Self:  # noqa: ARG002 - of what learns nothing
        """The same model with its closed-form part fitted on all rows of the task; some series may be missing."""
        return self

    def update(self, task: Task, settings: Any, *, seed: int, tell: Progress) -> Self:  # noqa: ARG002 - of networks
        """The same model trained further on the rows of the task, its scale frozen."""
        return self.refit(task)

    @abstractmethod
    def state(self) -> State:
        """Everything `restored` needs."""

    @classmethod
    @abstractmethod
    def restored(cls, state: State) -> Self:
        """The model that `state` described. The state may be hostile: everything in it is checked.

        Raises:
            ValueError, TypeError, KeyError, DataError, BundleError: Where it is not what `state` returns.
        """
