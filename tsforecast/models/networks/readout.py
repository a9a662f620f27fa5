"""A network that is fed delay vectors: `next row = last row + scale * head(its states)`.

A context is cut into a sequence of delay vectors (Takens 1981), the network runs over them, and a linear head reads all
its states. The recurrent part learns by gradient descent; the head is then solved in closed form, as the readout of a
reservoir is (Jaeger 2001, The "echo state" approach), which gradient descent does not reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.data.windows import Windows
from tsforecast.errors import DataError
from tsforecast.model_config import NetworkConfig
from tsforecast.models.contract import Progress, State
from tsforecast.models.least_squares import moments, ridge_coefficients, weighted
from tsforecast.models.networks.backend import keras
from tsforecast.models.networks.net import KerasNet, Net, restored_net
from tsforecast.models.networks.training import train
from tsforecast.models.scale import SeriesScaler
from tsforecast.models.task import Deadline, Task
from tsforecast.models.training_curve import TrainingCurve
from tsforecast.models.windowed import training_windows, validation_windows

PENALTIES = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-2, 1.0, 100.0)
N_VECTORS = 12
UNITS = 96
STEPS = 5000
MOST_EPOCHS = 60
BATCH = 64
_AT_ONCE = 2048


@dataclass(frozen=True)
class Readout:
    """A network over delay vectors and its head; see the top of the file.

    Attributes:
        net: From contexts `(window, time, channel)` to the states after each vector, end to end `(window, 1, feature)`.
        context_length: Steps it sees.
        head: Weights of the states, and in the last row those of 1 `(feature + 1, channel)`.
        scale: Standard deviation of the steps of each channel `(channel,)`.
        penalty: Weight of the squared weights of the head, in squared states summed over windows.
        curve: How its training went, where it was trained just now.
    """

    net: Net
    context_length: int
    head: FloatArray
    scale: FloatArray
    penalty: float
    curve: TrainingCurve | None = None

    kind: ClassVar = "readout"
    SETTINGS: ClassVar = ("penalty",)
    ARRAYS: ClassVar = ("head", "step_scale")

    def segment(self, inputs: FloatArray) -> FloatArray:
        """The next row of scaled contexts; see `Windowed.segment`."""
        return inputs[:, -1:] + (self._features(inputs) @ self.head * self.scale)[:, None]

    def updated(
        self,
        windows: Windows,
        settings: NetworkConfig,
        *,
        seed: int,
        tell: Progress,
        validation: Windows | None = None,
        deadline: Deadline | None = None,
    ) -> Readout:
        """The same after its network has learnt the next step, its head solved for it."""
        net = self.net.trainable()
        layers = keras().layers
        guess = layers.Dense(len(self.scale), name="head")
        model = keras().Model(net.model.input, guess(layers.Flatten(name="flat_states")(net.model.output)))
        guess.set_weights([self.head[:-1].astype("float32"), self.head[-1].astype("float32")])
        size = min(settings.batch_size, BATCH)
        epochs = settings.epochs or max(1, min(MOST_EPOCHS, STEPS * size // max(1, len(windows))))
        own = replace(settings, batch_size=size, epochs=epochs)
        curve = train(model, self._pairs, windows, validation, own, seed=seed, tell=tell, deadline=deadline)
        return replace(self, net=net, curve=curve).refit(windows)

    def refit(self, windows: Windows) -> Readout:
        """The same network with its head solved anew."""
        return self.path(windows, [self.penalty])[0]

    def path(self, windows: Windows, penalties: Sequence[float] = PENALTIES) -> list[Readout]:
        """The same network with its head solved anew, once a penalty."""
        heads = ridge_coefficients(*moments(self._states_and_steps(windows)), penalties)
        return [replace(self, head=head, penalty=penalty) for head, penalty in zip(heads, penalties, strict=True)]

    def state(self) -> State:
        """What `restored` needs."""
        return State({"penalty": self.penalty}, {"head": self.head, "step_scale": self.scale}, self.net.blobs())

    @classmethod
    def restored(cls, state: State, context_length: int, segment_length: int, n_channels: int) -> Readout:
        """The readout in a state, checked."""
        if segment_length != 1:
            raise ValueError("a network on delay vectors emits one step at a time")
        head = state.array("head", None, n_channels)
        scale = state.array("step_scale", n_channels)
        if not (scale > 0).all():
            raise ValueError("a scale must be positive")
        net = restored_net(state, context_length, 1, len(head) - 1)
        return cls(net, context_length, head, scale, State.number(state.settings["penalty"]))

    def _states_and_steps(self, windows: Windows) -> Iterator[tuple[FloatArray, FloatArray]]:
        for low in range(0, len(windows), _AT_ONCE):
            inputs, targets = windows.batch(slice(low, low + _AT_ONCE))
            features, steps = self._features(inputs), (targets - inputs[:, -1:])[:, 0] / self.scale
            yield weighted(features, steps, windows, slice(low, low + _AT_ONCE))

    def _features(self, inputs: FloatArray) -> FloatArray:
        """States and a 1 `(window, feature + 1)`."""
        states = self.net(inputs)[:, 0]
        return np.column_stack([states, np.ones(len(states))])

    def _pairs(self, windows: Windows, indices: IntArray) -> tuple[FloatArray, FloatArray]:
        """What the network sees and the step it is to learn, in units of its scale, float32."""
        inputs, targets = windows.batch(indices)
        steps = (targets - inputs[:, -1:])[:, 0] / self.scale
        return inputs.astype("float32"), steps.astype("float32")


def fit_readout(
    body: Callable[..., Any], task: Task, settings: NetworkConfig, *, seed: int, tell: Progress
) -> tuple[SeriesScaler, list[Readout], str]:
    """Train a network on delay vectors of the training rows.

    Returns:
        The scaler, the network with its head once a penalty, and how it embeds, in words.

    Raises:
        DataError: Where no delay can be chosen, or a series is too short.
        MissingDependencyError: Where TensorFlow is not installed.
    """
    delay, dimension = _choose_embedding(task, settings)
    context = delay * (dimension - 1) + N_VECTORS
    shortest = min(len(s) for s in task.training)
    if shortest < context + 2:
        raise DataError(
            f"delay vectors of {dimension} elements {delay} steps apart reach back {context} steps, and the shortest"
            f" series has {shortest} rows to train on",
            "give more rows, a smaller --delay or --dimension, or take --embed none",
        )
    scaler = SeriesScaler.fit(task.training)
    windows = training_windows(task, scaler, context, 1)
    held = validation_windows(task, scaler, context, 1)
    net = KerasNet(_states(body, delay, dimension, task.n_channels, settings, seed))
    inputs, targets = windows.batch(slice(None))
    spread = (targets - inputs[:, -1:]).std(axis=(0, 1))
    head = np.zeros((net.n_features + 1, task.n_channels))
    untrained = Readout(net, context, head, np.where(spread > 0, spread, 1.0), PENALTIES[-1])
    trained = untrained.updated(windows, settings, seed=seed, tell=tell, validation=held, deadline=task.deadline)
    told = f"fed {N_VECTORS} delay vectors of {dimension} elements {delay} step{'s' * (delay > 1)} apart"
    return scaler, trained.path(windows), told


def _choose_embedding(task: Task, settings: NetworkConfig) -> tuple[int, int]:
    """Delay and dimension: what is left open is chosen from the first channel of the longest series.

    Raises:
        DataError: Where no delay can be chosen.
    """
    from tsforecast.insight.chaos.takens import TakensEmbedding

    if settings.delay is not None and settings.dimension is not None:
        return settings.delay, settings.dimension
    try:
        chosen = TakensEmbedding(settings.delay, settings.dimension).fit(max(task.training, key=len).filled)
    except DataError as error:
        raise DataError(error.message, "give --delay and --dimension, or take --embed none") from None
    return chosen.delay_, chosen.dimension_


def _states(
    body: Callable[..., Any], delay: int, dimension: int, n_channels: int, settings: NetworkConfig, seed: int
) -> Any:
    layers = keras().layers
    seeds = iter(np.random.SeedSequence(seed).generate_state(8 * settings.layers).tolist())
    n_steps = delay * (dimension - 1) + N_VECTORS
    context = layers.Input((n_steps, n_channels), name="context")
    # element k of every vector at once: the context without its newest k delays, and as many fewer of its oldest
    lagged = [
        layers.Cropping1D((delay * (dimension - 1 - k), delay * k), name=f"lag_{k}")(context) for k in range(dimension)
    ]
    x = layers.Concatenate(name="delay_vectors")(lagged) if dimension > 1 else lagged[0]
    # noise in the states is error in the forecast of a chaotic series: no dropout unless asked for
    units, dropout = settings.units or UNITS, settings.dropout or 0.0
    x = body(x, settings, units=units, dropout=dropout, seeds=seeds, sequences=True)
    return keras().Model(context, layers.Reshape((1, -1), name="all_states")(x), name="states")
