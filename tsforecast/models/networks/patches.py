"""What stands around the body of a network: patches before it, a head after it; or, as the textbooks have it, less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tsforecast.model_config import NetworkConfig
from tsforecast.models.networks.backend import keras
from tsforecast.models.networks.initializers import Seeds, initializer
from tsforecast.models.shape import Shape


@dataclass(frozen=True)
class Frame:
    """What a network is to be built for.

    Attributes:
        settings: Its own.
        units: Width.
        dropout: Share of units left out in training.
        seeds: Of its first weights.
        steps: That it emits.
        channels: Values of a row.
        from_zero: Whether it answers 0 until it is trained.
    """

    settings: NetworkConfig
    units: int
    dropout: float
    seeds: Seeds
    steps: int
    channels: int
    from_zero: bool


class Architecture(Protocol):
    """As much of a network's class as building one needs; see `NetworkModel`."""

    @classmethod
    def emitted(cls, x: Any, context: Any, frame: Frame) -> Any:
        """See `NetworkModel.emitted`."""
        ...


def patched(kind: type[Architecture], n_channels: int, shape: Shape, settings: NetworkConfig, seed: int) -> Any:
    """A network over patches of the context, relative to the last value, that answers 0 until it is trained.

    Args:
        kind: Of network.
        n_channels: Values of a row.
        shape: Steps seen and emitted, and the size where the settings leave it open.
        settings: Size and first weights.
        seed: Of the first weights.
    """
    layers = keras().layers
    seeds = _seeds(settings, seed)
    units = settings.units or shape.units
    dropout = shape.dropout if settings.dropout is None else settings.dropout
    n_patches = max(1, shape.context_length // shape.patch_length)
    patch_length = min(shape.patch_length, shape.context_length)

    relative = layers.Input((shape.context_length, n_channels), name="relative_context")
    # steps that do not fill a patch are the oldest, and only the ridge regression sees them
    x = layers.Cropping1D((shape.context_length - n_patches * patch_length, 0), name="newest")(relative)
    x = layers.Reshape((n_patches, patch_length * n_channels), name="patches")(x)
    x = layers.Dense(units, activation="relu", kernel_initializer=initializer(settings, seeds), name="embedding")(x)
    # zeros: training begins at the ridge regression, or at the last value
    frame = Frame(settings, units, dropout, seeds, shape.segment_length, n_channels, from_zero=True)
    return keras().Model(relative, kind.emitted(x, relative, frame), name="correction")


def textbook(kind: type[Architecture], n_channels: int, shape: Shape, settings: NetworkConfig, seed: int) -> Any:
    """A network that is fed scaled rows one by one, as they are, and emits what follows; see `patched`."""
    units, dropout, seeds = settings.units or shape.units, settings.dropout or 0.0, _seeds(settings, seed)
    context = keras().layers.Input((shape.context_length, n_channels), name="context")
    frame = Frame(settings, units, dropout, seeds, shape.segment_length, n_channels, from_zero=False)
    return keras().Model(context, kind.emitted(context, context, frame), name="plain")


def headed(x: Any, frame: Frame) -> Any:
    """A linear head over `(window, feature)` that emits a segment `(window, step, channel)`."""
    layers = keras().layers
    kernel = "zeros" if frame.from_zero else initializer(frame.settings, frame.seeds)
    x = layers.Dense(frame.steps * frame.channels, kernel_initializer=kernel, name="head")(x)
    return layers.Reshape((frame.steps, frame.channels), name="segment")(x)


def widened(x: Any, units: int, settings: NetworkConfig, seeds: Seeds) -> Any:
    """`(window, step, unit)` for blocks that add to what they are fed; as it is where it is as wide."""
    if x.shape[2] == units:
        return x
    return keras().layers.Dense(units, kernel_initializer=initializer(settings, seeds), name="widened")(x)


def last_state(x: Any) -> Any:
    """`(window, feature)` of the last step of `(window, step, feature)`."""
    layers = keras().layers
    _, n_steps, n_features = x.shape
    return layers.Reshape((n_features,), name="last_state")(layers.Cropping1D((n_steps - 1, 0), name="last_step")(x))


def _seeds(settings: NetworkConfig, seed: int) -> Any:
    return iter(np.random.SeedSequence(seed).generate_state(4 + 8 * settings.layers).tolist())
