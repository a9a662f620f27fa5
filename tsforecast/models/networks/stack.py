"""Stacks of recurrent layers, as the textbooks have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tsforecast.errors import UsageError
from tsforecast.model_config import NetworkConfig, TimeSkipConfig
from tsforecast.models.networks.backend import keras
from tsforecast.models.networks.initializers import Seeds, initializer

_IRNN_DEVIATION = 0.001


@dataclass(frozen=True)
class Cell:
    """What a stack is made of.

    Attributes:
        name: Of the model, for the names of the layers.
        standard: Keras' layer.
        own: Our cell, where Keras has none of the kind; see `custom/cells.py`.
        kind: What both are told.
        connected: What only ours is told; it is taken where there is any, or a connection through time.
    """

    name: str
    standard: str
    own: str
    kind: Mapping[str, Any] = field(default_factory=dict)
    connected: Mapping[str, Any] = field(default_factory=dict)


def recurrent_stack(
    cell: Cell, x: Any, settings: NetworkConfig, *, units: int, dropout: float, seeds: Seeds, sequences: bool = False
) -> Any:
    """Recurrent layers over `(window, step, feature)`, each with dropout after it.

    Args:
        cell: What they are made of.
        x: Keras tensor `(window, step, feature)`.
        settings: Layers, direction, connections through time.
        units: Width.
        dropout: Share of units left out in training; the layer is there wherever it may be, 0 included.
        seeds: Of weights and dropout: four a layer at most.
        sequences: All states `(window, step, unit)` instead of the last ones `(window, unit)`.

    Raises:
        UsageError: Where a connection reaches back beyond the first step.
    """
    layers = keras(f"training {cell.standard}").layers
    connected = {**cell.connected, **_through_time(settings, x.shape[1])}
    for i in range(settings.layers):
        name, all_states = f"{cell.name}_{i + 1}", sequences or i < settings.layers - 1
        weights = _first_weights(settings, seeds, irnn=cell.kind.get("activation") == "relu")
        if connected:
            if "time_skip" in connected:
                weights["skip_initializer"] = keras().initializers.Orthogonal(seed=next(seeds))
            own = _own(cell.own)(units, name=f"{name}_cell", **cell.kind, **connected, **weights)
            layer = layers.RNN(own, return_sequences=all_states, name=name)
        else:
            made = getattr(layers, cell.standard)
            layer = made(units, return_sequences=all_states, name=name, **cell.kind, **weights)
        x = (layers.Bidirectional(layer, name=f"both_ways_{i + 1}") if settings.bidirectional else layer)(x)
        if not sequences or dropout:
            x = layers.Dropout(dropout, seed=next(seeds), name=f"dropout_{i + 1}")(x)
    return x


def _own(name: str) -> Any:
    from tsforecast.models.networks.custom import cells

    return getattr(cells, name)


def _first_weights(settings: NetworkConfig, seeds: Seeds, *, irnn: bool) -> dict[str, Any]:
    initializers = keras().initializers
    if not irnn:
        fed = initializer(settings, seeds)
        return {"kernel_initializer": fed, "recurrent_initializer": initializers.Orthogonal(seed=next(seeds))}
    # Le, Jaitly & Hinton 2015 (arXiv:1504.00941): the state is carried on as it is, and little comes in
    small = initializers.RandomNormal(stddev=_IRNN_DEVIATION, seed=next(seeds))
    fed = small if settings.initializer is None else initializer(settings, seeds)
    return {"kernel_initializer": fed, "recurrent_initializer": initializers.Identity()}


def _through_time(settings: NetworkConfig, n_steps: int) -> dict[str, int]:
    """Settings of a cell that sees its state of some steps ago."""
    if not isinstance(settings, TimeSkipConfig) or settings.time_skip is None:
        return {}
    if settings.time_skip >= n_steps:
        raise UsageError(
            f"--time-skip {settings.time_skip} reaches back beyond the {n_steps} steps that the network is fed",
            "take a smaller one, or --plain or --segment-length 1, with which each row is a step",
        )
    return {"time_skip": settings.time_skip}
