"""Ridge regression plus a recurrent network's gated correction of it: `last value + R(x) + gate * G(x)`.

R is closed-form and frozen while G learns its residuals. G cuts the context, relative to the last value, into patches
(after SegRNN, Lin et al. 2023, arXiv:2308.11200): Dense, then RNN, LSTM or GRU over patches, then Dense to a segment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tsforecast.config import FitConfig, ModelConfig
from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.data.windows import Windows
from tsforecast.models.linear import Ridge, ridge_path
from tsforecast.models.networks.backend import export_onnx, keras, load_keras
from tsforecast.models.networks.recurrent_training import Progress, train
from tsforecast.models.rollout import rollout
from tsforecast.models.shape import Shape


@dataclass(frozen=True)
class Network:
    """A ridge regression and the network that corrects it.

    Attributes:
        ridge: R.
        correction: G, a Keras model from `context - last value` `(window, time, channel)` to what the ridge
            regression misses `(window, segment, channel)`.
        gate: Weight of the correction, 0 to 1.
    """

    ridge: Ridge
    correction: Any
    gate: float = 1.0

    @classmethod
    def build(cls, cell: str, ridge: Ridge, n_channels: int, shape: Shape, model: ModelConfig, seed: int) -> Network:
        """An untrained network, whose correction is 0.

        Args:
            cell: "rnn", "lstm" or "gru".
            ridge: What it corrects.
            n_channels: Channels of input and output.
            shape: Context, segment and patch; units and dropout where `model` leaves them open.
            model: Layers, units, dropout, direction.
            seed: Of initial weights and dropout.

        Raises:
            MissingDependencyError: If TensorFlow is not installed.
        """
        return cls(ridge, _correction(cell, n_channels, shape, model, seed))

    @property
    def context_length(self) -> int:
        """Steps it sees."""
        return self.ridge.context_length

    @property
    def segment_length(self) -> int:
        """Steps it emits at once."""
        return self.ridge.segment_length

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """See `Forecaster.predict`."""
        return rollout(self.predict_segment, inputs, horizon)

    def predict_segment(self, inputs: FloatArray) -> FloatArray:
        """The next segment `(window, segment_length, channel)` of contexts `(window, context_length, channel)`."""
        linear = self.ridge.predict_segment(inputs)
        if self.gate == 0:
            return linear
        relative = (inputs - inputs[:, -1:]).astype("float32")
        return linear + self.gate * np.asarray(self.correction.predict_on_batch(relative), dtype="float64")

    def trained(self, windows: Windows, validation: Windows | None, fit: FitConfig, say: Progress) -> Network:
        """This network after its correction has learnt what the ridge regression leaves over; see `train`."""
        train(self.correction, self._pairs, windows, validation, fit, say)
        return self

    def gated(self, gate: float) -> Network:
        """The same network with another weight of its correction."""
        return replace(self, gate=gate)

    def refit(self, windows: Windows) -> Network:
        """The same network with the ridge regression fitted anew."""
        return replace(self, ridge=ridge_path(windows, [self.ridge.penalty])[0])

    def settings(self) -> dict[str, float]:
        """What was chosen for it: the ridge regression's `penalty` and the correction's `gate`."""
        return {"penalty": self.ridge.penalty, "gate": self.gate}

    def export_onnx(self, path: str | Path) -> None:
        """Write it as ONNX: input `context` `(window, time, channel)`, float32, scaled; output the next segment."""
        export_onnx(self._whole(), path)

    def save_keras(self, path: str | Path) -> None:
        """Write it as a `.keras` file, same input and output as the ONNX one."""
        self._whole().save(path)

    @classmethod
    def load(cls, content: bytes) -> Network:
        """Restore from the bytes of a `.keras` file; see `backend.load_keras`."""
        return cls.of_keras(load_keras(content))

    @classmethod
    def of_keras(cls, whole: Any) -> Network:
        """The network of which `save_keras` wrote this Keras model."""
        linear = whole.get_layer("ridge")
        _, context_length, _ = whole.input_shape
        ridge = Ridge(
            context_length,
            whole.output_shape[1],
            float(linear.kernel_regularizer.l2),
            np.asarray(linear.kernel, dtype="float64"),
        )
        return cls(ridge, whole.get_layer("correction"), float(whole.get_layer("gate").scale))

    def _pairs(self, windows: Windows, indices: IntArray) -> tuple[FloatArray, FloatArray]:
        """What the correction sees and what the ridge regression leaves over, float32."""
        inputs, targets = windows.batch(indices)
        residuals = targets - self.ridge.predict_segment(inputs)[:, : targets.shape[1]]
        return (inputs - inputs[:, -1:]).astype("float32"), residuals.astype("float32")

    def _whole(self) -> Any:
        """One Keras model from the scaled context to the scaled segment, of Keras' own layers alone."""
        layers, regularizers = keras().layers, keras().regularizers
        _, context_length, n_channels = self.correction.input_shape
        n_outputs = self.segment_length * n_channels
        context = layers.Input((context_length, n_channels), name="context")
        last = layers.Cropping1D((context_length - 1, 0), name="last_value")(context)
        relative = layers.Subtract(name="relative")([context, last])
        flat = layers.Flatten(name="flat")(relative)
        # the penalty is kept where it belongs, so that the file alone is enough to fit it anew
        linear = layers.Dense(
            n_outputs,
            use_bias=False,
            trainable=False,
            kernel_regularizer=regularizers.L2(self.ridge.penalty),
            name="ridge",
        )
        segment = layers.Reshape((self.segment_length, n_channels), name="linear_segment")(linear(flat))
        correction = layers.Rescaling(self.gate, name="gate")(self.correction(relative))
        output = layers.Add(name="segment")([last, segment, correction])
        linear.set_weights([self.ridge.coefficients.astype("float32")])
        return keras().Model(context, output, name="forecaster")


def _correction(cell: str, n_channels: int, shape: Shape, model: ModelConfig, seed: int) -> Any:
    layers, initializers = keras(f"training {cell.upper()}").layers, keras().initializers
    seeds = iter(np.random.SeedSequence(seed).generate_state(4 + 4 * model.layers).tolist())
    units = model.units or shape.units
    dropout = shape.dropout if model.dropout is None else model.dropout
    n_patches = max(1, shape.context_length // shape.patch_length)
    patch_length = min(shape.patch_length, shape.context_length)
    recurrent = {"rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}[cell]

    relative = layers.Input((shape.context_length, n_channels), name="relative_context")
    # steps that do not fill a patch are the oldest, and only the ridge regression sees them
    x = layers.Cropping1D((shape.context_length - n_patches * patch_length, 0), name="newest")(relative)
    x = layers.Reshape((n_patches, patch_length * n_channels), name="patches")(x)
    x = layers.Dense(
        units, activation="relu", kernel_initializer=initializers.GlorotUniform(next(seeds)), name="embedding"
    )(x)
    for i in range(model.layers):
        layer = recurrent(
            units,
            return_sequences=i < model.layers - 1,
            kernel_initializer=initializers.GlorotUniform(next(seeds)),
            recurrent_initializer=initializers.Orthogonal(seed=next(seeds)),
            name=f"{cell}_{i + 1}",
        )
        x = (layers.Bidirectional(layer, name=f"both_ways_{i + 1}") if model.bidirectional else layer)(x)
        x = layers.Dropout(dropout, seed=next(seeds), name=f"dropout_{i + 1}")(x)
    # a head of zeros: training begins at the ridge regression
    x = layers.Dense(shape.segment_length * n_channels, kernel_initializer="zeros", name="head")(x)
    x = layers.Reshape((shape.segment_length, n_channels), name="correction_segment")(x)
    return keras().Model(relative, x, name="correction")
