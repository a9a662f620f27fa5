"""A network that forecasts alone, without the ridge regression beneath it and the gate that weighs it.

`--no-skip`: `last value + G(x - last value)`, the network of `correction.py` by itself. `--plain`: `G(x)` on scaled
values, as the textbooks have it. What comes of each choice of the default is seen by leaving it out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.data.windows import Windows
from tsforecast.errors import DataError
from tsforecast.model_config import NetworkConfig
from tsforecast.models.contract import Progress, State
from tsforecast.models.networks.net import KerasNet, Net, restored_net
from tsforecast.models.networks.patches import Architecture, patched, textbook
from tsforecast.models.networks.training import train
from tsforecast.models.scale import SeriesScaler
from tsforecast.models.shape import Shape
from tsforecast.models.task import Deadline, Task
from tsforecast.models.training_curve import TrainingCurve
from tsforecast.models.windowed import training_windows, validation_windows


@dataclass(frozen=True)
class Alone:
    """See the top of the file.

    Attributes:
        net: From contexts `(window, time, channel)` to segments `(window, step, channel)`.
        relative: Whether both are relative to the last value of the context.
        curve: How its training went, where it was trained just now.
    """

    net: Net
    relative: bool
    curve: TrainingCurve | None = None

    kind: ClassVar = "alone"
    SETTINGS: ClassVar = ("relative",)
    ARRAYS: ClassVar = ()

    def segment(self, inputs: FloatArray) -> FloatArray:
        """The next segment of scaled contexts; see `Windowed.segment`."""
        answer = self.net(self.fed(inputs))
        return inputs[:, -1:] + answer if self.relative else answer

    def fed(self, inputs: FloatArray) -> FloatArray:
        """What the network sees of scaled contexts."""
        return inputs - inputs[:, -1:] if self.relative else inputs

    def updated(
        self,
        windows: Windows,
        settings: NetworkConfig,
        *,
        seed: int,
        tell: Progress,
        validation: Windows | None = None,
        deadline: Deadline | None = None,
    ) -> Alone:
        """The same after training, or after more of it; see `train`."""
        net = self.net.trainable()
        curve = train(net.model, self._pairs, windows, validation, settings, seed=seed, tell=tell, deadline=deadline)
        return replace(self, net=net, curve=curve)

    def refit(self, windows: Windows) -> Alone:  # noqa: ARG002 - nothing of it is in closed form
        """Itself."""
        return self

    def state(self) -> State:
        """What `restored` needs."""
        return State({"relative": self.relative}, {}, self.net.blobs())

    @classmethod
    def restored(cls, state: State, context_length: int, segment_length: int, n_channels: int) -> Alone:
        """The network in a state, checked."""
        relative = state.settings["relative"]
        if not isinstance(relative, bool):
            raise TypeError("relative must be true or false")
        return cls(restored_net(state, context_length, segment_length, n_channels), relative)

    def _pairs(self, windows: Windows, indices: IntArray) -> tuple[FloatArray, FloatArray]:
        """What the network sees and what it is to answer, float32."""
        inputs, targets = windows.batch(indices)
        if self.relative:
            targets = targets - inputs[:, -1:]
        return self.fed(inputs).astype("float32"), targets.astype("float32")


def fit_alone(
    kind: type[Architecture], task: Task, scaler: SeriesScaler, settings: NetworkConfig, *, seed: int, tell: Progress
) -> tuple[Alone, Shape]:
    """Train a network by itself.

    Raises:
        DataError: No series is long enough.
        MissingDependencyError: If TensorFlow is not installed.
    """
    shape = task.shape(settings)
    windows = training_windows(task, scaler, shape.context_length, shape.segment_length)
    if not len(windows):
        raise DataError("no series has a training window without a gap", "fill gaps, or take --model naive")
    held = validation_windows(task, scaler, shape.context_length, min(shape.segment_length, task.horizon))
    build = textbook if settings.plain else patched
    untrained = Alone(KerasNet(build(kind, task.n_channels, shape, settings, seed)), relative=not settings.plain)
    trained = untrained.updated(windows, settings, seed=seed, tell=tell, validation=held, deadline=task.deadline)
    return trained, shape
