"""Stacks of recurrent layers, as the textbooks have them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from tsforecast.config import NetworkConfig
from tsforecast.models.networks.backend import keras

Cell = Literal["SimpleRNN", "LSTM", "GRU"]


def recurrent_stack(
    cell: Cell,
    name: str,
    x: Any,
    settings: NetworkConfig,
    *,
    units: int,
    dropout: float,
    seeds: Iterator[int],
    sequences: bool = False,
) -> Any:
    """Recurrent layers over `(window, step, feature)`, each with dropout after it.

    Args:
        cell: Keras' name of the layer.
        name: Of the model, for the names of the layers.
        x: Keras tensor `(window, step, feature)`.
        settings: Layers, direction.
        units: Width.
        dropout: Share of units left out in training; the layer is there wherever it may be, 0 included.
        seeds: Of weights and dropout: three a layer.
        sequences: All states `(window, step, unit)` instead of the last ones `(window, unit)`.
    """
    layers, initializers = keras(f"training {cell}").layers, keras().initializers
    for i in range(settings.layers):
        layer = getattr(layers, cell)(
            units,
            return_sequences=sequences or i < settings.layers - 1,
            kernel_initializer=initializers.GlorotUniform(next(seeds)),
            recurrent_initializer=initializers.Orthogonal(seed=next(seeds)),
            name=f"{name}_{i + 1}",
        )
        x = (layers.Bidirectional(layer, name=f"both_ways_{i + 1}") if settings.bidirectional else layer)(x)
        if not sequences or dropout:
            x = layers.Dropout(dropout, seed=next(seeds), name=f"dropout_{i + 1}")(x)
    return x
