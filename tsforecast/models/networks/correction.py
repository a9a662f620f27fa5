"""Ridge regression plus a network's gated correction of it: `last value + R(x) + gate * G(x)`.

R is closed-form and frozen while G learns its residuals. G cuts the context, relative to the last value, into patches
(after SegRNN, Lin et al. 2023, arXiv:2308.11200): Dense, then the body over patches, then Dense to a segment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.data.windows import Windows
from tsforecast.model_config import NetworkConfig
from tsforecast.models.contract import Progress, State
from tsforecast.models.networks.net import KerasNet, Net, restored_net
from tsforecast.models.networks.patches import Architecture, patched
from tsforecast.models.networks.training import train
from tsforecast.models.ridge import Ridge
from tsforecast.models.task import Deadline, Task
from tsforecast.models.training_curve import TrainingCurve
from tsforecast.models.windowed import validation_windows

GATES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Correction:
    """A ridge regression and the network that corrects it.

    Attributes:
        ridge: R.
        net: G, from `context - last value` `(window, time, channel)` to what the ridge regression misses
            `(window, segment, channel)`; None where it was saved without weight.
        gate: Weight of the correction, 0 to 1.
        curve: How its training went, where it was trained just now.
    """

    ridge: Ridge
    net: Net | None
    gate: float = 1.0
    curve: TrainingCurve | None = None

    kind: ClassVar = "correction"
    SETTINGS: ClassVar = ("penalty", "gate")
    ARRAYS: ClassVar = ("coefficients",)

    @classmethod
    def build(
        cls, kind: type[Architecture], ridge: Ridge, task: Task, settings: NetworkConfig, seed: int
    ) -> Correction:
        """An untrained network, whose correction is 0.

        Raises:
            MissingDependencyError: If TensorFlow is not installed.
        """
        return cls(ridge, KerasNet(patched(kind, task.n_channels, task.shape(settings), settings, seed)))

    def segment(self, inputs: FloatArray) -> FloatArray:
        """The next segment of scaled contexts; see `Windowed.segment`."""
        linear = self.ridge.segment(inputs)
        if self.gate == 0 or self.net is None:
            return linear
        return linear + self.gate * self.net(self.fed(inputs))

    def fed(self, inputs: FloatArray) -> FloatArray:
        """What the network sees of scaled contexts: what lies between them and their last value."""
        return inputs - inputs[:, -1:]

    def trained(self, task: Task, settings: NetworkConfig, *, seed: int, tell: Progress) -> Correction:
        """This one after its network has learnt what the ridge regression leaves over; see `train`."""
        segment = min(self.ridge.segment_length, task.horizon)
        held = validation_windows(task, self.ridge.scaler, self.ridge.context_length, segment)
        net = self._trainable()
        curve = train(
            net.model,
            self._pairs,
            self.ridge.windows(task),
            held,
            settings,
            seed=seed,
            tell=tell,
            deadline=task.deadline,
        )
        return replace(self, net=net, curve=curve)

    def updated(
        self,
        windows: Windows,
        settings: NetworkConfig,
        *,
        seed: int,
        tell: Progress,
        deadline: Deadline | None = None,
    ) -> Correction:
        """The same with its network trained further."""
        if self.net is None:
            return self
        net = self._trainable()
        curve = train(net.model, self._pairs, windows, None, settings, seed=seed, tell=tell, deadline=deadline)
        return replace(self, net=net, curve=curve)

    def gated(self, gate: float) -> Correction:
        """The same network with another weight of its correction."""
        return replace(self, gate=gate)

    def refit(self, windows: Windows) -> Correction:
        """The same network with the ridge regression fitted anew."""
        return replace(self, ridge=Ridge.path(windows, self.ridge.scaler, [self.ridge.penalty])[0])

    def state(self) -> State:
        """What `restored` needs; a network without weight is left out."""
        blobs = {} if self.net is None or self.gate == 0 else self.net.blobs()
        settings = {"penalty": self.ridge.penalty, "gate": self.gate}
        return State(settings, {"coefficients": self.ridge.coefficients}, blobs)

    @classmethod
    def restored(cls, state: State, context_length: int, segment_length: int, n_channels: int) -> Correction:
        """The correction in a state, checked."""
        gate = State.number(state.settings["gate"], 0.0, 1.0)
        bare = {name: value for name, value in state.settings.items() if name not in ("gate", "core")}
        ridge = Ridge.restored(State(bare, state.arrays))
        if (gate == 0) != (not state.blobs):
            raise ValueError("a network must be there if and only if it has weight")
        net = restored_net(state, context_length, segment_length, n_channels) if gate else None
        return cls(ridge, net, gate)

    def _trainable(self) -> KerasNet:
        if self.net is None:
            raise TypeError("there is no network to train")
        return self.net.trainable()

    def _pairs(self, windows: Windows, indices: IntArray) -> tuple[FloatArray, FloatArray]:
        """What the network sees and what the ridge regression leaves over, float32."""
        inputs, targets = windows.batch(indices)
        residuals = targets - self.ridge.segment(inputs)[:, : targets.shape[1]]
        return self.fed(inputs).astype("float32"), residuals.astype("float32")
