"""Networks that were never trained, whose answers are not nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from series_of import FloatArray, several, sine

from tsforecast.config import ModelConfig
from tsforecast.models.networks.correction import Correction
from tsforecast.models.registry import find
from tsforecast.models.ridge import Ridge
from tsforecast.models.scale import SeriesScaler
from tsforecast.models.task import Task

CONTEXT, SEGMENT = 26, 12


def seasonal(n: int = 150, seed: int = 0) -> FloatArray:
    return sine(n, seed)


def learnt(asked: str, n: int = 150) -> Task:
    return Task(several([seasonal(n)], 12), 24, [48], asked)


def sizes(**given: Any) -> ModelConfig:
    return ModelConfig(**{"units": 4, "context_length": CONTEXT, "segment_length": SEGMENT, "epochs": 1, **given})


def ridge(channels: int = 1) -> Ridge:
    """A ridge regression on plain values."""
    scaler = SeriesScaler(("y0",), np.zeros((1, channels)), np.ones((1, channels)))
    coefficients = 0.1 * np.random.default_rng(5).standard_normal((CONTEXT * channels, SEGMENT * channels))
    return Ridge(scaler, CONTEXT, SEGMENT, 50.0, coefficients)


def correction(name: str, gate: float = 0.5, channels: int = 1, **given: Any) -> Correction:
    """A correction of that ridge regression which is not 0."""
    values = np.random.default_rng(4).standard_normal((150, channels)).cumsum(axis=0)
    task = Task(several([values], 12), 24, [48])
    built = Correction.build(find(name), ridge(channels), task, sizes(**given), seed=1)
    head = built.net.model.get_layer("decoder" if name == "seq2seq" else "head")
    rng = np.random.default_rng(5)
    head.set_weights([rng.normal(0, 0.5, weights.shape) for weights in head.get_weights()])
    return built.gated(gate)


def contexts(channels: int = 1) -> FloatArray:
    """Five contexts `(window, time, channel)`."""
    return np.random.default_rng(6).standard_normal((5, CONTEXT, channels)).cumsum(axis=1)
