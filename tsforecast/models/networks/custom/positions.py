"""Where a step stands, learnt: a vector for each step, added to what stands there. Importing this imports Keras."""

from __future__ import annotations

from typing import Any

from tsforecast.models.networks.backend import keras
from tsforecast.models.networks.layers import PACKAGE

_DEVIATION = 0.02
"""Of the first vectors, as Nie et al. 2023 have it."""


@keras().saving.register_keras_serializable(PACKAGE)
class Positions(keras().layers.Layer):  # type: ignore[misc]
    """`x + P`, both `(window, step, feature)`, P the same for all windows."""

    def __init__(self, *, seed: int | None = None, **rest: Any) -> None:
        super().__init__(**rest)
        self.seed = seed

    def build(self, input_shape: Any) -> None:
        first = keras().initializers.RandomUniform(-_DEVIATION, _DEVIATION, seed=self.seed)
        self.vectors = self.add_weight(shape=tuple(input_shape[1:]), initializer=first, name="vectors")
        self.built = True

    def call(self, inputs: Any) -> Any:
        return inputs + self.vectors

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}
