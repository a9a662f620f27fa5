"""A recurrent network that is fed delay vectors: `next row = last row + scale * head(its states)`.

A context is cut into a sequence of delay vectors (Takens 1981), the network runs over them, and a linear head reads all
its states. The recurrent part learns by gradient descent; the head is then solved in closed form, as the readout of a
reservoir is (Jaeger 2001, The "echo state" approach), which gradient descent does not reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tsforecast.config import FitConfig, ModelConfig
from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.data.windows import Windows
from tsforecast.models.networks.backend import export_onnx, keras
from tsforecast.models.networks.recurrent_training import Progress, train
from tsforecast.models.rollout import rollout

PENALTIES = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-2, 1.0, 100.0)
N_VECTORS = 12
UNITS = 96
STEPS = 5000
MOST_EPOCHS = 60
BATCH = 64
_AT_ONCE = 2048


def context_length(delay: int, dimension: int) -> int:
    """Steps that `N_VECTORS` delay vectors, one step apart, reach back."""
    return delay * (dimension - 1) + N_VECTORS


@dataclass(frozen=True)
class EmbeddedNetwork:
    """A recurrent network over delay vectors; see the top of the file.

    Attributes:
        states: A Keras model from contexts `(window, time, channel)` to the states after each vector, end to end
            `(window, feature)`.
        head: Weights of the states, and in the last row those of 1 `(feature + 1, channel)`.
        scale: Standard deviation of the steps of each channel `(channel,)`.
        penalty: Weight of the squared weights of the head, in squared states summed over windows.
    """

    states: Any
    head: FloatArray
    scale: FloatArray
    penalty: float
    segment_length: int = 1

    @classmethod
    def build(
        cls, cell: str, delay: int, dimension: int, windows: Windows, model: ModelConfig, seed: int
    ) -> EmbeddedNetwork:
        """An untrained network, whose head is 0.

        Args:
            cell: "rnn", "lstm" or "gru".
            delay: Steps between the elements of a vector.
            dimension: Elements of a vector, for each channel.
            windows: What it will be trained on, of one step.
            model: Layers, units, dropout, direction.
            seed: Of initial weights and dropout.

        Raises:
            MissingDependencyError: If TensorFlow is not installed.
        """
        n_channels = windows.values.shape[1]
        states = _states(cell, delay, dimension, n_channels, model, seed)
        inputs, targets = windows.batch(slice(None))
        spread = (targets - inputs[:, -1:]).std(axis=(0, 1))
        head = np.zeros((states.output_shape[1] + 1, n_channels))
        return cls(states, head, np.where(spread > 0, spread, 1.0), PENALTIES[-1])

    @property
    def context_length(self) -> int:
        """Steps it sees."""
        return int(self.states.input_shape[1])

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """See `Forecaster.predict`."""
        return rollout(self.predict_segment, inputs, horizon)

    def predict_segment(self, inputs: FloatArray) -> FloatArray:
        """The next row `(window, 1, channel)` of contexts `(window, context_length, channel)`."""
        return inputs[:, -1:] + (self._features(inputs) @ self.head * self.scale)[:, None]

    def trained(self, windows: Windows, validation: Windows | None, fit: FitConfig, say: Progress) -> EmbeddedNetwork:
        """This network after its recurrent part has learnt the next step, and its head has been solved for it."""
        layers = keras().layers
        guess = layers.Dense(len(self.scale), name="head")
        model = keras().Model(self.states.input, guess(self.states.output))
        guess.set_weights([self.head[:-1].astype("float32"), self.head[-1].astype("float32")])
        size = min(fit.batch_size, BATCH)
        epochs = fit.epochs or max(1, min(MOST_EPOCHS, STEPS * size // max(1, len(windows))))
        train(model, self._pairs, windows, validation, replace(fit, batch_size=size, epochs=epochs), say)
        return self.refit(windows)

    def refit(self, windows: Windows) -> EmbeddedNetwork:
        """The same network with its head solved anew."""
        return self.path(windows, [self.penalty])[0]

    def path(self, windows: Windows, penalties: Sequence[float] = PENALTIES) -> list[EmbeddedNetwork]:
        """The same network with its head solved anew, once a penalty."""
        n_features, n_channels = self.head.shape
        gram, moment = np.zeros((n_features, n_features)), np.zeros((n_features, n_channels))
        for low in range(0, len(windows), _AT_ONCE):
            inputs, targets = windows.batch(slice(low, low + _AT_ONCE))
            features = self._features(inputs)
            gram += features.T @ features
            moment += features.T @ ((targets - inputs[:, -1:])[:, 0] / self.scale)
        eigenvalues, vectors = np.linalg.eigh(gram)
        # rounding can leave tiny negative eigenvalues
        eigenvalues = np.maximum(eigenvalues, 0.0)[:, None]
        projected = vectors.T @ moment
        return [replace(self, head=vectors @ (projected / (eigenvalues + p)), penalty=p) for p in penalties]

    def settings(self) -> dict[str, float]:
        """What was chosen for it: the `penalty` of its head."""
        return {"penalty": self.penalty}

    def export_onnx(self, path: str | Path) -> None:
        """Write it as ONNX: input `context` `(window, time, channel)`, float32, scaled; output the next row."""
        export_onnx(self._whole(), path)

    def save_keras(self, path: str | Path) -> None:
        """Write it as a `.keras` file, same input and output as the ONNX one."""
        self._whole().save(path)

    @classmethod
    def of_keras(cls, whole: Any) -> EmbeddedNetwork:
        """The network of which `save_keras` wrote this Keras model."""
        head = whole.get_layer("increment")
        kernel, bias = (np.asarray(weights, dtype="float64") for weights in (head.kernel, head.bias))
        scale = np.asarray(whole.get_layer("scale").scale, dtype="float64")
        return cls(whole.get_layer("states"), np.vstack([kernel, bias]), scale, float(head.kernel_regularizer.l2))

    def _whole(self) -> Any:
        """One Keras model from the scaled context to the next row, of Keras' own layers alone."""
        layers, regularizers = keras().layers, keras().regularizers
        _, context_length, n_channels = self.states.input_shape
        context = layers.Input((context_length, n_channels), name="context")
        last = layers.Cropping1D((context_length - 1, 0), name="last_value")(context)
        # the penalty is kept where it belongs, so that the file alone is enough to solve for the head anew
        head = layers.Dense(n_channels, kernel_regularizer=regularizers.L2(self.penalty), name="increment")
        step = layers.Rescaling(self.scale.tolist(), name="scale")(head(self.states(context)))
        output = layers.Add(name="segment")([last, layers.Reshape((1, n_channels), name="step")(step)])
        head.set_weights([self.head[:-1].astype("float32"), self.head[-1].astype("float32")])
        return keras().Model(context, output, name="forecaster")

    def _features(self, inputs: FloatArray) -> FloatArray:
        """States and a 1 `(window, feature + 1)`."""
        states = np.asarray(self.states.predict_on_batch(inputs.astype("float32")), dtype="float64")
        return np.column_stack([states, np.ones(len(states))])

    def _pairs(self, windows: Windows, indices: IntArray) -> tuple[FloatArray, FloatArray]:
        """What the network sees and the step it is to learn, in units of its scale, float32."""
        inputs, targets = windows.batch(indices)
        steps = (targets - inputs[:, -1:])[:, 0] / self.scale
        return inputs.astype("float32"), steps.astype("float32")


def _states(cell: str, delay: int, dimension: int, n_channels: int, model: ModelConfig, seed: int) -> Any:
    layers, initializers = keras(f"training {cell.upper()}").layers, keras().initializers
    seeds = iter(np.random.SeedSequence(seed).generate_state(4 * model.layers).tolist())
    recurrent = {"rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}[cell]
    context = layers.Input((context_length(delay, dimension), n_channels), name="context")
    # element k of every vector at once: the context without its newest k delays, and as many fewer of its oldest
    lagged = [
        layers.Cropping1D((delay * (dimension - 1 - k), delay * k), name=f"lag_{k}")(context) for k in range(dimension)
    ]
    x = layers.Concatenate(name="delay_vectors")(lagged) if dimension > 1 else lagged[0]
    for i in range(model.layers):
        layer = recurrent(
            model.units or UNITS,
            return_sequences=True,
            kernel_initializer=initializers.GlorotUniform(next(seeds)),
            recurrent_initializer=initializers.Orthogonal(seed=next(seeds)),
            name=f"{cell}_{i + 1}",
        )
        x = (layers.Bidirectional(layer, name=f"both_ways_{i + 1}") if model.bidirectional else layer)(x)
        # noise in the states is error in the forecast of a chaotic series: none unless asked for
        if model.dropout:
            x = layers.Dropout(model.dropout, seed=next(seeds), name=f"dropout_{i + 1}")(x)
    return keras().Model(context, layers.Flatten(name="all_states")(x), name="states")
