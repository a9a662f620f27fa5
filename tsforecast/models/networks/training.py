"""How a network learns: batches gathered by index, absolute error, a full cosine schedule, the best epoch kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.data.windows import Windows
from tsforecast.model_config import NetworkConfig
from tsforecast.models.contract import Progress
from tsforecast.models.doing import Doing
from tsforecast.models.networks.backend import keras
from tsforecast.models.networks.teacher import Lessons, lessons
from tsforecast.models.task import Deadline
from tsforecast.models.training_curve import TrainingCurve

_STEPS = 1000
_MOST_EPOCHS = 60
_MOST_BATCHES = 200
_MOST_VALIDATION_WINDOWS = 8192
# of a training: TensorFlow takes .1 to .3 s for a step that it does not trace, and 1.6 to 4 s to trace one (two cores
# of 2026, networks of three patches)
_FEW_STEPS = 4


Pairs = Callable[[Windows, IntArray], tuple[FloatArray, FloatArray]]
"""From the indices of some windows to what a network sees and what it is to answer, float32."""


def train(
    model: Any,
    pairs: Pairs,
    windows: Windows,
    validation: Windows | None,
    settings: NetworkConfig,
    *,
    seed: int,
    tell: Progress,
    deadline: Deadline | None = None,
) -> TrainingCurve:
    """Train a Keras model in place, and say how it went.

    An epoch is one pass over the windows, or 200 batches of them at most; by default there are so many epochs as make
    1,000 steps, 60 at most. The learning rate falls along the whole cosine; there is no early stopping, since the best
    epochs are the last ones, with a small learning rate.

    Args:
        model: To be trained.
        pairs: What it is to learn.
        windows: To learn from, their horizon the segment.
        validation: To choose the epoch by, their horizon at most the segment; None or empty keeps the last epoch.
        settings: Epochs, batch size, learning rate.
        seed: Of the order of the batches.
        tell: Told the errors after each epoch.
        deadline: The epoch under way then is the last.
    """
    size = min(settings.batch_size, len(windows))
    n_batches = min(max(1, len(windows) // size), _MOST_BATCHES)
    epochs = settings.epochs or min(_MOST_EPOCHS, -(-_STEPS // n_batches))
    schedule = keras().optimizers.schedules.CosineDecay(settings.learning_rate, epochs * n_batches)
    adam = keras().optimizers.Adam(schedule, clipnorm=settings.clipnorm or None)
    taught = lessons(model, settings, epochs, seed)
    student = model if taught is None else taught.model
    few = epochs * n_batches <= _FEW_STEPS
    student.compile(optimizer=adam, loss="mae", jit_compile=False, run_eagerly=few)
    held = pairs(validation, _spread(validation)) if validation is not None and len(validation) else None
    watch = _watch(model, held, epochs, tell, deadline)
    batches = _batches(pairs, windows, (n_batches, size), seed, taught)
    student.fit(batches, epochs=epochs, callbacks=[watch], shuffle=False, verbose=0)
    if watch.weights is not None:
        model.set_weights(watch.weights)
    return TrainingCurve(tuple(watch.training), tuple(watch.validation), tuple(watch.rate), watch.kept)


def _batches(pairs: Pairs, windows: Windows, shape: tuple[int, int], seed: int, taught: Lessons | None) -> Any:
    """The windows in a new order each epoch, gathered a batch at a time, as Keras takes them."""
    random = np.random.default_rng(seed)
    n_batches, size = shape

    class Batches(keras().utils.PyDataset):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            # Keras looks at a batch before the first epoch begins, to build by
            self.order = np.arange(n_batches * size).reshape(n_batches, size)
            self.epoch = -1

        def __len__(self) -> int:
            return n_batches

        def __getitem__(self, index: int) -> tuple[Any, ...]:
            inputs, targets = pairs(windows, self.order[index])
            batch = (inputs if taught is None else taught.given(inputs, targets, max(0, self.epoch), index), targets)
            if windows.weights is None:
                return batch
            # one weight a window; Keras multiplies the error of each step `(window, step)` by it
            return *batch, windows.weights[self.order[index], None].astype("float32")

        def on_epoch_begin(self) -> None:
            self.epoch += 1
            self.order = random.permutation(len(windows))[: n_batches * size].reshape(n_batches, size)

    return Batches()


def _watch(
    model: Any, held: tuple[FloatArray, FloatArray] | None, epochs: int, tell: Progress, deadline: Deadline | None
) -> Any:
    """A callback that keeps the weights of the epoch with the least error on held-out windows, until the deadline."""

    class Watch(keras().callbacks.Callback):  # type: ignore[misc]
        weights: Any = None

        def __init__(self) -> None:
            super().__init__()
            self.training: list[float] = []
            self.validation: list[float] = []
            self.rate: list[float] = []

        @property
        def kept(self) -> int:
            return int(np.argmin(self.validation)) if self.validation else len(self.training) - 1

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            self.training.append(float((logs or {}).get("loss", np.nan)))
            self.rate.append(float(self.model.optimizer.learning_rate))
            line = f"epoch {epoch + 1}/{epochs}, training error {self.training[-1]:.4f}"
            if held is not None:
                error = _error(model, *held)
                line += f", validation error {error:.4f}"
                # an error that is no number is never the least
                self.validation.append(error if np.isfinite(error) else np.inf)
                if self.kept == epoch and np.isfinite(error):
                    self.weights = model.get_weights()
            tell(Doing(line, share=(epoch + 1) / epochs))
            if deadline is not None and deadline.passed:
                self.model.stop_training = True

    return Watch()


def _spread(windows: Windows) -> IntArray:
    n = min(len(windows), _MOST_VALIDATION_WINDOWS)
    return np.linspace(0, len(windows) - 1, n).astype("int64")


def _error(model: Any, inputs: FloatArray, targets: FloatArray) -> float:
    predicted = np.concatenate([model.predict_on_batch(inputs[i : i + 2048]) for i in range(0, len(inputs), 2048)])
    return float(np.abs(targets - predicted[:, : targets.shape[1]]).mean())
