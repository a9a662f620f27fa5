"""Tiny models of a foreign package: they make choosing testable without a real one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tsforecast.data.series import Series
from tsforecast.errors import DataError, MissingDependencyError
from tsforecast.models.contract import Ahead, Model, ModelInfo, Progress, State
from tsforecast.models.task import Task


@dataclass(frozen=True)
class Step:
    """How much is added at a step."""

    step: float = 1.0


@dataclass(frozen=True)
class PlusOne(Model):
    """The last value and one more each step."""

    step: float = 1.0

    info: ClassVar = ModelInfo("plus-one", "adds one", "tests", scope="local")
    Settings: ClassVar = Step

    @property
    def history_length(self) -> int:
        return 1

    @property
    def notes(self) -> tuple[str, ...]:
        return (f"{self.info.name}: adds {self.step:g}",)

    @classmethod
    def fit(cls, task: Task, settings: Any, *, seed: int, tell: Progress) -> PlusOne:
        return cls(getattr(settings, "step", 1.0))

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:
        steps = self.step * np.arange(1, horizon + 1)[:, None]
        return Ahead(np.stack([s.values[-1] + steps for s in series]))

    def state(self) -> State:
        return State({"step": self.step})

    @classmethod
    def restored(cls, state: State) -> PlusOne:
        return cls(state.checked(settings=("step",)).number(state.settings["step"]))


@dataclass(frozen=True)
class LastValue(PlusOne):
    """The last value, for ever."""

    step: float = 0.0

    info: ClassVar = ModelInfo("last-value", "repeats", "tests", scope="local")

    @classmethod
    def fit(cls, task: Task, settings: Any, *, seed: int, tell: Progress) -> LastValue:
        return cls()


@dataclass(frozen=True)
class Failing(PlusOne):
    """Never suits."""

    info: ClassVar = ModelInfo("failing", "fails", "tests", scope="local", cost="training")

    @classmethod
    def unsuitable(cls, task: Task, settings: Any) -> str | None:
        return "it never suits"


@dataclass(frozen=True)
class Raising(PlusOne):
    """Cannot learn."""

    info: ClassVar = ModelInfo("raising", "raises", "tests", scope="local", auto=False)

    @classmethod
    def fit(cls, task: Task, settings: Any, *, seed: int, tell: Progress) -> Raising:
        raise DataError("it cannot learn from this")


@dataclass(frozen=True)
class NeedsWhatIsNotInstalled(PlusOne):
    """Needs a library."""

    info: ClassVar = ModelInfo("needy", "needs a library", "tests", scope="local", needs="train")

    @classmethod
    def fit(cls, task: Task, settings: Any, *, seed: int, tell: Progress) -> NeedsWhatIsNotInstalled:
        raise MissingDependencyError("a-library", "train", "the needy model")


@dataclass(frozen=True)
class Modest(PlusOne):
    """As good as the best, but only on request."""

    info: ClassVar = ModelInfo("modest", "waits", "tests", scope="local", auto=False)


@dataclass(frozen=True)
class Slow(PlusOne):
    """Scored from few origins."""

    info: ClassVar = ModelInfo("slow", "takes long", "tests", scope="local", most_origins=3)


@dataclass(frozen=True)
class SelfChosen(PlusOne):
    """Not the best of one forecast, but it chose itself by several."""

    step: float = 0.88

    info: ClassVar = ModelInfo("self-chosen", "chose itself", "tests", scope="local", self_chosen=True)

    @classmethod
    def fit(cls, task: Task, settings: Any, *, seed: int, tell: Progress) -> SelfChosen:
        return cls()


@dataclass(frozen=True)
class Dear(PlusOne):
    """Says that it has to be trained."""

    info: ClassVar = ModelInfo("dear", "is trained", "tests", scope="local", cost="training")
