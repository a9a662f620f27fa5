"""Tiny models: a saved model is tested without a network, and without knowing one that is real."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tsforecast.errors import UsageError
from tsforecast.models.contract import Ahead, ModelInfo, State


@dataclass(frozen=True)
class PlusOne:
    """One more each step: a model that is nothing but a setting."""

    step: float = 1.0

    info: ClassVar = ModelInfo("plus-one", "adds one", "tests", "local")

    def predict(self, series, horizon: int, future: Any = None) -> Ahead:
        steps = self.step * np.arange(1, horizon + 1)
        return Ahead(np.stack([s.values[-1] + steps[:, None] for s in series]))

    def state(self) -> State:
        return State({"step": self.step})

    @classmethod
    def restored(cls, state: State) -> PlusOne:
        if set(state.settings) != {"step"} or type(state.settings["step"]) is not float:
            raise ValueError("a step is needed")
        return cls(state.settings["step"])


@dataclass(frozen=True)
class LastValue:
    """Arrays of every kind there is."""

    values: np.ndarray
    counts: np.ndarray

    info: ClassVar = ModelInfo("last-value", "repeats", "tests", "local")

    def predict(self, series, horizon: int, future: Any = None) -> Ahead:
        return Ahead(np.stack([np.tile(self.values, (horizon, 1)) for _ in series]))

    def state(self) -> State:
        return State({}, {"values": self.values, "counts": self.counts, "small": self.values.astype("float32")})

    @classmethod
    def restored(cls, state: State) -> LastValue:
        values, counts = state.arrays["values"], state.arrays["counts"]
        if not np.isfinite(values).all() or counts.dtype != "int64":
            raise ValueError("the last values are needed")
        return cls(values, counts)


@dataclass(frozen=True)
class WithBlob:
    """A file in a format of its own."""

    content: bytes

    info: ClassVar = ModelInfo("with-blob", "keeps a file", "tests", "global")

    def state(self) -> State:
        return State({"of": "tests"}, {}, {"model.blob": self.content})

    @classmethod
    def restored(cls, state: State) -> WithBlob:
        return cls(state.blobs["model.blob"])


MODELS = {model.info.name: model for model in (PlusOne, LastValue, WithBlob)}


def find(name: str):
    """As `registry.find`."""
    if name not in MODELS:
        raise UsageError(f"there is no model '{name[:80]}'", f"one of {', '.join(MODELS)}")
    return MODELS[name]
