"""How a network learns: batches gathered by index, absolute error, a full cosine schedule, the best epoch kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.data.windows import Windows
from tsforecast.model_config import NetworkConfig
from tsforecast.models.contract import Progress
from tsforecast.models.networks.backend import keras
from tsforecast.models.task import Deadline

_STEPS = 1000
_MOST_EPOCHS = 60
_MOST_BATCHES = 200
_MOST_VALIDATION_WINDOWS = 8192


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
) -> None:
    """Train a Keras model in place.

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
    model.compile(optimizer=adam, loss="mae", jit_compile=False)
    held = pairs(validation, _spread(validation)) if validation is not None and len(validation) else None
    best = _best_epoch(held, epochs, tell, deadline)
    batches = _batches(pairs, windows, size, n_batches, seed)
    model.fit(batches, epochs=epochs, callbacks=[best], shuffle=False, verbose=0)
    if best.weights is not None:
        model.set_weights(best.weights)


def _batches(pairs: Pairs, windows: Windows, size: int, n_batches: int, seed: int) -> Any:
    """The windows in a new order each epoch, gathered a batch at a time, as Keras takes them."""
    random = np.random.default_rng(seed)

    class Batches(keras().utils.PyDataset):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            # Keras looks at a batch before the first epoch begins, to build by
            self.order = np.arange(n_batches * size).reshape(n_batches, size)

        def __len__(self) -> int:
            return n_batches

        def __getitem__(self, index: int) -> tuple[FloatArray, ...]:
            batch = pairs(windows, self.order[index])
            if windows.weights is None:
                return batch
            # one weight a window; Keras multiplies the error of each step `(window, step)` by it
            return *batch, windows.weights[self.order[index], None].astype("float32")

        def on_epoch_begin(self) -> None:
            self.order = random.permutation(len(windows))[: n_batches * size].reshape(n_batches, size)

    return Batches()


def _best_epoch(
    held: tuple[FloatArray, FloatArray] | None, epochs: int, tell: Progress, deadline: Deadline | None
) -> Any:
    """A callback that keeps the weights of the epoch with the least error on held-out windows, until the deadline."""

    class BestEpoch(keras().callbacks.Callback):  # type: ignore[misc]
        weights: Any = None
        lowest = np.inf

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            line = f"epoch {epoch + 1}/{epochs}, training error {(logs or {}).get('loss', np.nan):.4f}"
            if held is not None:
                error = _error(self.model, *held)
                line += f", validation error {error:.4f}"
                if error < self.lowest:
                    self.lowest, self.weights = error, self.model.get_weights()
            tell(line)
            if deadline is not None and deadline.passed:
                self.model.stop_training = True

    return BestEpoch()


def _spread(windows: Windows) -> IntArray:
    n = min(len(windows), _MOST_VALIDATION_WINDOWS)
    return np.linspace(0, len(windows) - 1, n).astype("int64")


def _error(model: Any, inputs: FloatArray, targets: FloatArray) -> float:
    predicted = np.concatenate([model.predict_on_batch(inputs[i : i + 2048]) for i in range(0, len(inputs), 2048)])
    return float(np.abs(targets - predicted[:, : targets.shape[1]]).mean())
