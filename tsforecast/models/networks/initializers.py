"""The first weights of what layers are fed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tsforecast.model_config import NetworkConfig
from tsforecast.models.networks.backend import keras

Seeds = Iterator[int]
_NAMES = {"glorot": "GlorotUniform", "he": "HeUniform", "lecun": "LecunUniform", "orthogonal": "Orthogonal"}
"""Glorot & Bengio 2010; He et al. 2015; LeCun et al. 1998; Saxe et al. 2014."""


def initializer(settings: NetworkConfig, seeds: Seeds) -> Any:
    """What `settings.initializer` names, Glorot's where it names none."""
    return getattr(keras().initializers, _NAMES[settings.initializer or "glorot"])(seed=next(seeds))


def many(seeds: Seeds) -> Seeds:
    """As many seeds as it takes from one: blocks need more than a recurrent layer does."""
    first = next(seeds)
    return iter(range(first, first + 10**6))
