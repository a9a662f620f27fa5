"""How a network learns: batches gathered by index, absolute error, a full cosine schedule, the best epoch kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tsforecast.config import FitConfig
from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.data.windows import Windows
from tsforecast.models.networks.backend import keras

_STEPS = 1000
_MOST_EPOCHS = 60
_MOST_BATCHES = 200
_MOST_VALIDATION_WINDOWS = 8192

Progress = Callable[[str], None]


Pairs = Callable[[Windows, IntArray], tuple[FloatArray, FloatArray]]
"""From the indices of some windows to what a network sees and what it is to answer, float32."""


def train(
    model: Any, pairs: Pairs, windows: Windows, validation: Windows | None, fit: FitConfig, say: Progress
) -> None:
    """Train a Keras model in place.

    An epoch is one pass over the windows, or 200 batches of them at most; by default there are so many epochs as make
    1,000 steps, 60 at most. The learning rate falls along the whole
    cosine; there is no early stopping, since the best epochs are the last ones, with a small learning rate.

    Args:
        model: To be trained.
        pairs: What it is to learn.
        windows: To learn from, their horizon the segment.
        validation: To choose the epoch by, their horizon at most the segment; None or empty keeps the last epoch.
        fit: Epochs, batch size, learning rate, seed.
        say: Told the errors after each epoch.
    """
    size = min(fit.batch_size, len(windows))
    n_batches = min(max(1, len(windows) // size), _MOST_BATCHES)
    epochs = fit.epochs or min(_MOST_EPOCHS, -(-_STEPS // n_batches))
    schedule = keras().optimizers.schedules.CosineDecay(fit.learning_rate, epochs * n_batches)
    optimizer = keras().optimizers.Adam(schedule, clipnorm=1.0)
    model.compile(optimizer=optimizer, loss="mae", jit_compile=False)
    random = np.random.default_rng(fit.seed)
    held = pairs(validation, _spread(validation)) if validation is not None and len(validation) else None
    lowest, best = np.inf, model.get_weights()
    for epoch in range(epochs):
        order = random.permutation(len(windows))[: n_batches * size]
        losses = [model.train_on_batch(*pairs(windows, indices)) for indices in order.reshape(n_batches, size)]
        line = f"epoch {epoch + 1}/{epochs}, training error {float(losses[-1]):.4f}"
        if held is not None:
            error = _error(model, *held)
            line += f", validation error {error:.4f}"
            if error < lowest:
                lowest, best = error, model.get_weights()
        say(line)
    if held is not None:
        model.set_weights(best)


def _spread(windows: Windows) -> IntArray:
    n = min(len(windows), _MOST_VALIDATION_WINDOWS)
    return np.linspace(0, len(windows) - 1, n).astype("int64")


def _error(model: Any, inputs: FloatArray, targets: FloatArray) -> float:
    predicted = np.concatenate([model.predict_on_batch(inputs[i : i + 2048]) for i in range(0, len(inputs), 2048)])
    return float(np.abs(targets - predicted[:, : targets.shape[1]]).mean())
