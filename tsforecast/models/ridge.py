"""Ridge regression from a context to the segment that follows, relative to the last value; in closed form.

`segment = last value + (context - last value) @ coefficients`. Normalising by the last value as NLinear does (Zeng et
al. 2023, "Are Transformers Effective for Time Series Forecasting?").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.data.windows import Windows
from tsforecast.errors import DataError
from tsforecast.model_config import WindowConfig
from tsforecast.models.contract import ModelInfo, Progress, State
from tsforecast.models.least_squares import moments, ridge_coefficients, weighted
from tsforecast.models.scale import SeriesScaler
from tsforecast.models.shape import MOST_INPUTS
from tsforecast.models.sliding import sliding_moments, stretches
from tsforecast.models.task import Task
from tsforecast.models.windowed import Windowed, training_windows

PENALTIES = (0.1, 1.0, 10.0, 50.0, 200.0, 1000.0)
_BATCH = 4096


@dataclass(frozen=True)
class Ridge(Windowed):
    """See the top of the file.

    Attributes:
        penalty: Weight of the squared coefficients, in squared units of the scaled data summed over windows.
        coefficients: `(context_length * channel, segment_length * channel)`, time-major.
    """

    penalty: float
    coefficients: FloatArray

    info: ClassVar = ModelInfo(
        "ridge",
        "linear regression on the context, shrunk",
        "seasons and trends; fast, hard to beat",
        scope="global",
        always=True,
        turn=10,
    )
    Settings: ClassVar = WindowConfig

    @property
    def notes(self) -> tuple[str, ...]:
        """See `Model.notes`."""
        return ("logarithms: they did better in validation than plain values",) if self.scaler.log else ()

    @classmethod
    def unsuitable(cls, task: Task, settings: WindowConfig) -> str | None:
        """See `Model.unsuitable`."""
        shape = task.shape(settings)
        channels = task.n_channels
        if shape.context_length * channels > MOST_INPUTS:
            return (
                f"{shape.context_length:,} steps of {channels} channel{'s' * (channels > 1)} are more than the"
                f" {MOST_INPUTS:,} numbers it takes in (give --context-length {MOST_INPUTS // channels} or less"
                f"{', or leave out --joint' * (channels > 1)})"
            )
        if n_windows(task, shape.context_length, shape.segment_length):
            return None
        return (
            f"no series is long enough for a training window of {shape.context_length} steps seen and"
            f" {shape.segment_length} learnt (give more rows or a shorter --context-length)"
        )

    @classmethod
    def fit(cls, task: Task, settings: WindowConfig, *, seed: int, tell: Progress) -> Ridge:  # noqa: ARG003
        """The best over penalties, on logarithms too where all values are positive."""
        shape = task.shape(settings)
        best: Ridge | None = None
        lowest = np.inf
        positive = all((s.values[s.observed] > 0).all() for s in task.series)
        for log in (False, True) if positive else (False,):
            exponent = 0.0 if log and len(task.series) > 1 else 1.0
            scaler = SeriesScaler.fit(task.training, log=log, exponent=exponent)
            windows = training_windows(task, scaler, shape.context_length, shape.segment_length)
            for model in cls.path(windows, scaler, PENALTIES) if len(windows) else ():
                score = task.score(model)
                if best is None or score < lowest:
                    best, lowest = model, score
        if best is None:
            raise DataError("no series has a training window without a gap", "fill gaps, or take --model naive")
        return best

    @classmethod
    def path(
        cls, windows: Windows, scaler: SeriesScaler, penalties: Sequence[float], prior: FloatArray | None = None
    ) -> list[Ridge]:
        """Ridge regressions on the same scaled windows, one a penalty; see `ridge_coefficients`."""
        found = ridge_coefficients(*_moments(windows), penalties, prior)
        lengths = windows.context_length, windows.horizon
        return [cls(scaler, *lengths, penalty, own) for penalty, own in zip(penalties, found, strict=True)]

    def segment(self, inputs: FloatArray) -> FloatArray:
        """See `Windowed.segment`."""
        last = inputs[:, -1:]
        flat = (inputs - last).reshape(len(inputs), -1) @ self.coefficients
        return last + flat.reshape(len(inputs), self.segment_length, inputs.shape[2])

    def refit(self, task: Task) -> Ridge:
        """See `Model.refit`."""
        windows = self.windows(task)
        return self.path(windows, self.scaler, [self.penalty])[0] if len(windows) else self

    def update(self, task: Task, settings: WindowConfig, *, seed: int, tell: Progress) -> Ridge:  # noqa: ARG002
        """Shrunk towards what it was, not towards zero: a few new rows correct what was learnt from many."""
        windows = self.windows(task)
        if not len(windows):
            return self
        return self.path(windows, self.scaler, [self.penalty], self.coefficients)[0]

    def state(self) -> State:
        """See `Model.state`."""
        settings = {**self.described(), "penalty": self.penalty}
        return State(settings, {**self.scaler.arrays(), "coefficients": self.coefficients})

    @classmethod
    def restored(cls, state: State) -> Ridge:
        """See `Model.restored`."""
        state.checked(
            settings=("context_length", "segment_length", "penalty", *SeriesScaler.SETTINGS),
            arrays=("coefficients", *SeriesScaler.ARRAYS),
        )
        scaler, context, segment = cls.lengths(state)
        n_channels = scaler.centre.shape[1]
        coefficients = state.array("coefficients", context * n_channels, segment * n_channels)
        return cls(scaler, context, segment, State.number(state.settings["penalty"]), coefficients)


def n_windows(task: Task, context_length: int, segment_length: int) -> int:
    """How many windows there are to learn from, gaps aside."""
    count = 0
    for series in task.training:
        n = len(series)
        first = context_length - 1 if n >= context_length + segment_length else n // 2
        count += max(0, n - segment_length - first)
    return count


def _moments(windows: Windows) -> tuple[FloatArray, FloatArray]:
    """Moments of contexts and segments relative to the last value, by sliding where windows are very many."""
    runs, rest = stretches(windows)
    parts = [sliding_moments(windows, low, high) for low, high in runs]
    if len(rest):
        parts.append(moments(_pairs(windows, rest)))
    return np.sum([gram for gram, _ in parts], axis=0), np.sum([moment for _, moment in parts], axis=0)


def _pairs(windows: Windows, places: IntArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Contexts and segments relative to the last value `(window, time * channel)`, in batches."""
    for low in range(0, len(places), _BATCH):
        chosen = places[low : low + _BATCH]
        inputs, targets = windows.batch(chosen)
        last = inputs[:, -1:]
        x, y = (inputs - last).reshape(len(inputs), -1), (targets - last).reshape(len(inputs), -1)
        yield weighted(x, y, windows, chosen)
