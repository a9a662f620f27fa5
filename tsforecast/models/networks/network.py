"""A neural model: a network behind a scaler, correcting a ridge regression, alone, or reading delay vectors.

A new architecture is a subclass with an `info` and a `body`; everything else is here and in the three ways of using it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.errors import UsageError
from tsforecast.model_config import NetworkConfig, Strategy
from tsforecast.models.contract import Progress, State
from tsforecast.models.networks.alone import Alone, fit_alone
from tsforecast.models.networks.correction import GATES, Correction
from tsforecast.models.networks.initializers import Seeds
from tsforecast.models.networks.patches import Frame, headed
from tsforecast.models.networks.readout import Readout, fit_readout
from tsforecast.models.ridge import Ridge, n_windows
from tsforecast.models.scale import SeriesScaler
from tsforecast.models.task import Task, group_means
from tsforecast.models.training_curve import TrainingCurve
from tsforecast.models.windowed import Windowed

FEWEST_WINDOWS = 300
# benchmarks/etth2.py: of 7 series validation gave it no weight; benchmarks/m4_weekly.py: 359 are worth its time
FEWEST_SERIES = 30
Core = Correction | Readout | Alone


@dataclass(frozen=True)
class NetworkModel(Windowed):
    """See the top of the file.

    Attributes:
        core: What answers on scaled values.
        said: Facts for the report.
    """

    core: Core
    said: tuple[str, ...] = ()

    Settings: ClassVar = NetworkConfig
    embeds: ClassVar[bool] = False
    """Whether it can be fed delay vectors: `body` then gives all of its states, `sequences=True`."""

    textbook_strategy: ClassVar[Strategy] = "recursive"
    """How `--plain` reaches a long horizon."""

    @classmethod
    def body(
        cls, x: Any, settings: NetworkConfig, *, units: int, dropout: float, seeds: Seeds, sequences: bool = False
    ) -> Any:
        """Keras layers from `(window, step, feature)` to `(window, feature)`, or to `(window, step, feature)`."""
        raise NotImplementedError

    @classmethod
    def emitted(cls, x: Any, context: Any, frame: Frame) -> Any:  # noqa: ARG003 - of what goes on from its last row
        """Keras layers from what the network is fed `(window, step, feature)` to a segment `(window, step, channel)`.

        Args:
            x: Patches of the context, embedded; or its rows as they are.
            context: The rows as they are `(window, time, channel)`.
            frame: What it is built for.
        """
        state = cls.body(x, frame.settings, units=frame.units, dropout=frame.dropout, seeds=frame.seeds)
        return headed(state, frame)

    @property
    def notes(self) -> tuple[str, ...]:
        """See `Model.notes`."""
        return self.said

    @property
    def training(self) -> TrainingCurve | None:
        """See `Model.training`."""
        return self.core.curve

    @classmethod
    def unsuitable(cls, task: Task, settings: NetworkConfig) -> str | None:
        """See `Model.unsuitable`; by itself it also needs windows enough, of many series."""
        name = cls.info.name
        if settings.embed != "none":
            return None if cls.embeds else "it cannot be fed delay vectors (leave out --embed)"
        settings = cls._as_asked(settings)
        if Ridge.info.name not in task.fitted:
            return Ridge.unsuitable(task, settings)
        return None if task.asked == name else cls._not_by_itself(task, settings)

    @classmethod
    def _as_asked(cls, settings: NetworkConfig) -> NetworkConfig:
        """The settings with the strategy of the textbooks, where `--plain` and no other is asked for."""
        asked = settings.strategy != "auto" or settings.segment_length is not None
        return settings if asked or not settings.plain else replace(settings, strategy=cls.textbook_strategy)

    @classmethod
    def _not_by_itself(cls, task: Task, settings: NetworkConfig) -> str | None:
        """Why it should not be used where nobody asked for it."""
        shape = task.shape(settings)
        if settings.train:
            return None
        count = n_windows(task, shape.context_length, shape.segment_length)
        if count < FEWEST_WINDOWS:
            return f"{count} training windows are fewer than {FEWEST_WINDOWS} (--train insists)"
        if len(task.series) < FEWEST_SERIES and not _alone(settings):
            return f"networks are trained where {FEWEST_SERIES} series or more teach them, or with --train"
        return None

    @classmethod
    def fit(cls, task: Task, settings: NetworkConfig, *, seed: int, tell: Progress) -> Self:
        """Train, and choose by validation what the network is allowed to say."""
        if settings.embed != "none":
            check_embedding(settings)
            return cls._chosen_readout(task, *fit_readout(cls.body, task, settings, seed=seed, tell=tell))
        if settings.plain:
            told = "alone, on scaled values, as the textbooks have it (--plain)"
            return cls._by_itself(task, SeriesScaler.fit(task.training), settings, told, seed=seed, tell=tell)
        ridge = task.fitted.get(Ridge.info.name)
        if not isinstance(ridge, Ridge) or ridge.lags is not None:
            # a network corrects one that sees the context it sees itself
            whole = replace(settings, context_length=task.shape(settings).context_length)
            ridge = Ridge.fit(task, whole, seed=seed, tell=tell)
        if not settings.skip:
            told = "alone, without the ridge regression beneath it (--no-skip)"
            return cls._by_itself(task, ridge.scaler, settings, told, seed=seed, tell=tell)
        core = Correction.build(cls, ridge, task, settings, seed)
        core = core.trained(task, settings, seed=seed, tell=tell)
        tried = [cls(ridge.scaler, ridge.context_length, ridge.segment_length, core.gated(w)) for w in GATES]
        errors = np.stack([group_means(task.errors(model), task.blocks) for model in tried])
        # who asks for a network gets it wherever it helps at all; by itself, it has to earn each quarter of its weight
        insisted = task.asked == cls.info.name
        chosen = int(np.argmin(errors.mean(axis=1))) if insisted else _cautious(errors)
        name = cls.info.name
        if GATES[chosen] == 0:
            told = f"{name}: validation gave the network no weight, so its forecast is the ridge regression's"
        else:
            told = f"{name}: the network's correction of the ridge regression has weight {GATES[chosen]:g}"
        model = replace(tried[chosen], said=(told,))
        if core.curve is None:
            return model
        gates = tuple(zip(GATES, errors.mean(axis=1).tolist(), strict=True))
        return replace(model, core=replace(model.core, curve=replace(core.curve, gates=gates, gate=GATES[chosen])))

    @classmethod
    def _by_itself(
        cls, task: Task, scaler: SeriesScaler, settings: NetworkConfig, told: str, *, seed: int, tell: Progress
    ) -> Self:
        core, shape = fit_alone(cls, task, scaler, cls._as_asked(settings), seed=seed, tell=tell)
        return cls(scaler, shape.context_length, shape.segment_length, core, (f"{cls.info.name}: {told}",))

    @classmethod
    def _chosen_readout(cls, task: Task, scaler: SeriesScaler, path: list[Readout], told: str) -> Self:
        """The penalty of the head by free runs over the validation rows."""
        tried = [cls(scaler, core.context_length, 1, core) for core in path]
        judge = task.thinned(64)
        best = tried[int(np.argmin([judge.score(model) for model in tried]))]
        return replace(best, said=(f"{cls.info.name}: {told}",))

    def segment(self, inputs: FloatArray) -> FloatArray:
        """See `Windowed.segment`."""
        return self.core.segment(inputs)

    def refit(self, task: Task) -> Self:
        """The part in closed form fitted anew; the network stays."""
        windows = self.windows(task)
        return replace(self, core=self.core.refit(windows)) if len(windows) else self

    def update(self, task: Task, settings: NetworkConfig, *, seed: int, tell: Progress) -> Self:
        """The network trained further; a ridge regression that it corrects stays as it is."""
        windows = self.windows(task)
        if not len(windows):
            return self
        core = self.core.updated(windows, settings, seed=seed, tell=tell, deadline=task.deadline)
        return replace(self, core=core)

    def state(self) -> State:
        """See `Model.state`."""
        core = self.core.state()
        settings = {**self.described(), "core": type(self.core).kind, **core.settings}
        return State(settings, {**self.scaler.arrays(), **core.arrays}, core.blobs)

    @classmethod
    def restored(cls, state: State) -> Self:
        """See `Model.restored`."""
        kinds: dict[str, type[Core]] = {kind.kind: kind for kind in (Correction, Readout, Alone)}
        core = kinds[State.text(state.settings["core"])]
        state.checked(
            settings=("context_length", "segment_length", "core", *SeriesScaler.SETTINGS, *core.SETTINGS),
            arrays=(*SeriesScaler.ARRAYS, *core.ARRAYS),
            blobs=state.blobs,
        )
        scaler, context, segment = cls.lengths(state)
        return cls(scaler, context, segment, core.restored(state, context, segment, scaler.centre.shape[1]))


def _cautious(errors: FloatArray) -> int:
    """The first of several rows of errors `(choice, block)` that is not significantly worse than the best.

    In the spirit of the one-standard-error rule (Breiman et al. 1984, section 3.4.3), with two standard errors of the
    paired differences.
    """
    best = int(np.argmin(errors.mean(axis=1)))
    worse = errors - errors[best]
    n_blocks = errors.shape[1]
    if n_blocks == 1:
        return best
    limit = 2 * worse.std(axis=1, ddof=1) / np.sqrt(n_blocks)
    return int(np.argmax(worse.mean(axis=1) <= limit))


def _alone(settings: NetworkConfig) -> bool:
    """Whether the network is asked for without what it corrects."""
    return settings.plain or not settings.skip


def check_embedding(settings: NetworkConfig) -> None:
    """Raise UsageError where the settings of the embedding contradict others."""
    if settings.context_length is not None:
        raise UsageError("with --embed, delay and dimension decide the context", "leave out --context-length")
    if _alone(settings):
        raise UsageError(
            "with --embed a network corrects nothing, and reads no rows one by one", "leave out --no-skip and --plain"
        )
    if settings.strategy == "direct" or settings.segment_length not in (None, 1):
        raise UsageError("with --embed a network emits one step at a time", "leave out --strategy and --segment-length")
