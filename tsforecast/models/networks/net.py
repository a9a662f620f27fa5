"""The two forms of a network: in Keras, to train, and in ONNX, to predict without TensorFlow. Both are called alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.errors import UsageError
from tsforecast.models.networks.serving import OnnxNetwork
from tsforecast.models.state import State

ONNX, KERAS = "network.onnx", "network.keras"


@dataclass(frozen=True)
class KerasNet:
    """A Keras model from `(window, time, channel)` to `(window, step, feature)`."""

    model: Any

    def __call__(self, inputs: FloatArray) -> FloatArray:
        """Answers, float64."""
        return np.asarray(self.model.predict_on_batch(inputs.astype("float32")), dtype="float64")

    @property
    def n_features(self) -> int:
        """Features of an answer."""
        return int(self.model.output_shape[2])

    def trainable(self) -> KerasNet:
        """A copy of it: what is trained further is another network."""
        from tsforecast.models.networks.backend import keras

        copy = keras().models.clone_model(self.model)
        copy.set_weights(self.model.get_weights())
        return KerasNet(copy)

    def blobs(self) -> Mapping[str, bytes]:
        """What `restored_net` reads again."""
        from tsforecast.models.networks.archive import exported

        onnx, keras = exported(self.model)
        return {ONNX: onnx, KERAS: keras}


@dataclass(frozen=True)
class OnnxNet:
    """A saved network, with the Keras model it was made from, to go on training; None where that was left out."""

    served: OnnxNetwork
    archive: bytes | None

    def __call__(self, inputs: FloatArray) -> FloatArray:
        """Answers, float64."""
        return self.served.predict_segment(inputs)

    @property
    def n_features(self) -> int:
        """Features of an answer."""
        return self.served.channels

    def trainable(self) -> KerasNet:
        """The network in Keras.

        Raises:
            UsageError: It was quantized.
            MissingDependencyError: TensorFlow is not installed.
            BundleError: Keras refuses it, or it would take too much memory to train.
        """
        from tsforecast.models.networks.archive import trainable

        if self.archive is None:
            raise UsageError("a quantized model cannot be trained further", "update the model it was made from")
        return KerasNet(trainable(self.archive))

    def blobs(self) -> Mapping[str, bytes]:
        """What `restored_net` reads again."""
        archive = {} if self.archive is None else {KERAS: self.archive}
        return {ONNX: self.served.content, **archive}


Net = KerasNet | OnnxNet


def restored_net(state: State, context_length: int, n_steps: int, n_features: int) -> OnnxNet:
    """The network in a state, checked.

    Raises:
        BundleError: It is not what `blobs` gives for a network of this shape.
        ValueError: There is none, or more than that.
    """
    from tsforecast.models.networks.archive import check_archive

    if not {ONNX} <= set(state.blobs) <= {ONNX, KERAS}:
        raise ValueError(f"its files must be {ONNX} and {KERAS}")
    archive = state.blobs.get(KERAS)
    if archive is not None:
        check_archive(archive)
    return OnnxNet(OnnxNetwork.checked(state.blobs[ONNX], context_length, n_steps, n_features), archive)
