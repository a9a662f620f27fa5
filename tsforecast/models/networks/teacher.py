"""A decoder in training: fed what it said itself, or what was observed.

A teacher feeds each step what was observed the step before (Williams & Zipser 1989), always; or, scheduled, with a
probability that falls linearly from 1 to 0 over the epochs, a coin for each step (Bengio et al. 2015, Scheduled
sampling for sequence prediction with recurrent neural networks, arXiv:1506.03099). At prediction there is no teacher.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.model_config import NetworkConfig, Seq2seqConfig
from tsforecast.models.networks.backend import keras


@dataclass(frozen=True)
class Lessons:
    """A network with an input for the teacher, its weights those of the one that has none.

    Attributes:
        model: The Keras model to fit.
        scheduled: Whether the teacher falls silent over the epochs.
        epochs: Of the training.
        seed: Of the coins.
    """

    model: Any
    scheduled: bool
    epochs: int
    seed: int

    def share(self, epoch: int) -> float:
        """The share of steps that are taught in an epoch, counted from 0."""
        return max(0.0, 1 - epoch / max(1, self.epochs - 1)) if self.scheduled else 1.0

    def given(self, inputs: FloatArray, targets: FloatArray, epoch: int, index: int) -> tuple[FloatArray, FloatArray]:
        """What the network is fed: the context, and the teacher `(window, step, feature + 1)`, float32."""
        n_windows, n_steps, n_features = targets.shape
        teacher = np.zeros((n_windows, n_steps, n_features + 1), dtype="float32")
        teacher[:, 1:, :n_features] = targets[:, :-1]
        coins = np.random.default_rng((self.seed, epoch, index)).random((n_windows, n_steps - 1))
        teacher[:, 1:, n_features] = coins < self.share(epoch)
        return inputs, teacher


def lessons(model: Any, settings: NetworkConfig, epochs: int, seed: int) -> Lessons | None:
    """How a network is taught; None where it goes on from its own words, or says all at once."""
    if not isinstance(settings, Seq2seqConfig) or settings.teacher_forcing == "never":
        return None
    (decoder,) = (layer for layer in model.layers if layer.name == "decoder")
    _, n_steps, n_features = model.output_shape
    teacher = keras().layers.Input((n_steps, n_features + 1), name="teacher")
    taught = keras().Model([model.input, teacher], decoder([*decoder.input, teacher]))
    return Lessons(taught, settings.teacher_forcing == "scheduled", epochs, seed)
