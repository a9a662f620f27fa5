"""Ridge regression from a context to the segment that follows, relative to the last value; in closed form.

`segment = last value + (context - last value) @ coefficients`. Normalising by the last value as NLinear does (Zeng et
al. 2023, "Are Transformers Effective for Time Series Forecasting?"). Where a season is longer than the context, a
second one sees the newest rows and those at all seasons, from further back (`season_lags.py`); validation chooses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.data.series import Series
from tsforecast.data.windows import Windows, last_rows
from tsforecast.errors import DataError
from tsforecast.model_config import WindowConfig
from tsforecast.models.contract import Ahead, ModelInfo, Progress, State
from tsforecast.models.least_squares import moments, ridge_coefficients, weighted
from tsforecast.models.scale import SeriesScaler
from tsforecast.models.season_lags import season_lags
from tsforecast.models.shape import MOST_INPUTS
from tsforecast.models.sliding import sliding_moments, stretches
from tsforecast.models.task import Task
from tsforecast.models.windowed import Windowed, training_windows

PENALTIES = (0.1, 1.0, 10.0, 50.0, 200.0, 1000.0)
_BATCH = 4096
# windows of a regression on lags: those of very long series overlap so much that more of them change nothing
_MOST_LAGGED = 50_000
# origins that choose where each looks far back
_FAR, _FEWER_ORIGINS = 2048, 256


@dataclass(frozen=True)
class Ridge(Windowed):
    """See the top of the file.

    Attributes:
        penalty: Weight of the squared coefficients, in squared units of the scaled data summed over windows.
        coefficients: `(input, segment_length * channel)`, where inputs are `context_length * channel`, time-major, or
            of a regression on lags `lag * channel`.
        lags: Steps back from the last row that it looks at, 0 for that itself; None for all of the context.
    """

    penalty: float
    coefficients: FloatArray
    lags: IntArray | None = None

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
        told = ("logarithms: they did better in validation than plain values",) if self.scaler.log else ()
        if self.lags is None:
            return told
        return (*told, f"ridge: {len(self.lags)} rows at the seasons, as far back as {self.context_length:,} steps")

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
        """The best over penalties, on logarithms too where all values are positive, and on lags of the seasons."""
        shape = task.shape(settings)
        best: Ridge | None = None
        lowest = np.inf
        lags = season_lags(task, shape) if settings.context_length is None else None
        positive = all((s.values[s.observed] > 0).all() for s in task.series)
        for log in (False, True) if positive else (False,):
            exponent = 0.0 if log and len(task.series) > 1 else 1.0
            scaler = SeriesScaler.fit(task.training, log=log, exponent=exponent)
            for seen in (None,) if lags is None else (None, lags):
                context = shape.context_length if seen is None else int(seen[-1]) + 1
                windows = training_windows(task, scaler, context, shape.segment_length)
                trial = task.thinned(_FEWER_ORIGINS) if lags is not None and lags[-1] >= _FAR else task
                for model in cls.path(windows, scaler, PENALTIES, lags=seen) if len(windows) else ():
                    score = trial.score(model)
                    if best is None or score < lowest:
                        best, lowest = model, score
        if best is None:
            raise DataError("no series has a training window without a gap", "fill gaps, or take --model naive")
        return best

    @classmethod
    def path(
        cls,
        windows: Windows,
        scaler: SeriesScaler,
        penalties: Sequence[float],
        prior: FloatArray | None = None,
        lags: IntArray | None = None,
    ) -> list[Ridge]:
        """Ridge regressions on the same scaled windows, one a penalty; see `ridge_coefficients`."""
        found = ridge_coefficients(*_moments(windows, lags), penalties, prior)
        lengths = windows.context_length, windows.horizon
        return [cls(scaler, *lengths, penalty, own, lags) for penalty, own in zip(penalties, found, strict=True)]

    def segment(self, inputs: FloatArray) -> FloatArray:
        """See `Windowed.segment`."""
        seen = inputs if self.lags is None else inputs[:, self.context_length - 1 - self.lags]
        return self._after(seen, inputs[:, -1:])

    def _after(self, seen: FloatArray, last: FloatArray) -> FloatArray:
        """The next segment after a last value `(window, 1, channel)`."""
        flat = (seen - last).reshape(len(seen), -1) @ self.coefficients
        return last + flat.reshape(len(seen), self.segment_length, seen.shape[2])

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:
        """See `Model.predict`. Of a long context no more is gathered than the lags."""
        if self.lags is None:
            return super().predict(series, horizon, future)
        starts = np.arange(0, horizon, self.segment_length)
        back = np.unique(self.lags - starts[:, None])
        back = back[back >= 0]
        rows = last_rows([s.filled for s in series], back)
        everything = slice(0, len(series))
        scaler = self.scaler.matching(series)
        seen = scaler.transform_windows(rows, everything)
        made = np.empty((len(series), len(starts) * self.segment_length, rows.shape[2]))
        for start in starts.tolist():
            at = self.lags - start
            known = at >= 0
            inputs = np.empty((len(series), len(at), rows.shape[2]))
            inputs[:, known] = seen[:, np.searchsorted(back, at[known])]
            inputs[:, ~known] = made[:, -1 - at[~known]]
            made[:, start : start + self.segment_length] = self._after(inputs, inputs[:, :1])
        return Ahead(scaler.inverse_windows(made[:, :horizon], everything))

    def refit(self, task: Task) -> Ridge:
        """See `Model.refit`."""
        windows = self.windows(task)
        return self.path(windows, self.scaler, [self.penalty], lags=self.lags)[0] if len(windows) else self

    def update(self, task: Task, settings: WindowConfig, *, seed: int, tell: Progress) -> Ridge:  # noqa: ARG002
        """Shrunk towards what it was, not towards zero: a few new rows correct what was learnt from many."""
        windows = self.windows(task)
        if not len(windows):
            return self
        return self.path(windows, self.scaler, [self.penalty], self.coefficients, self.lags)[0]

    def state(self) -> State:
        """See `Model.state`."""
        settings = {**self.described(), "penalty": self.penalty}
        if self.lags is not None:
            settings["lags"] = self.lags.tolist()
        return State(settings, {**self.scaler.arrays(), "coefficients": self.coefficients})

    @classmethod
    def restored(cls, state: State) -> Ridge:
        """See `Model.restored`."""
        on_lags = ("lags",) * ("lags" in state.settings)
        state.checked(
            settings=("context_length", "segment_length", "penalty", *on_lags, *SeriesScaler.SETTINGS),
            arrays=("coefficients", *SeriesScaler.ARRAYS),
        )
        scaler, context, segment = cls.lengths(state)
        lags = _lags(state.settings["lags"], context) if on_lags else None
        n_channels = scaler.centre.shape[1]
        seen = context if lags is None else len(lags)
        coefficients = state.array("coefficients", seen * n_channels, segment * n_channels)
        return cls(scaler, context, segment, State.number(state.settings["penalty"]), coefficients, lags)


def _lags(found: object, context_length: int) -> IntArray:
    """Lags of a state: ascending steps within the context."""
    if not isinstance(found, list) or not found:
        raise ValueError("lags must be a list of steps")
    lags = np.array([State.whole(lag, 0, context_length - 1) for lag in found], dtype="int64")
    if lags[0] != 0 or (np.diff(lags) <= 0).any() or lags[-1] != context_length - 1:
        raise ValueError("lags must ascend from 0 to the length of the context")
    return lags


def n_windows(task: Task, context_length: int, segment_length: int) -> int:
    """How many windows there are to learn from, gaps aside."""
    count = 0
    for series in task.training:
        n = len(series)
        first = context_length - 1 if n >= context_length + segment_length else n // 2
        count += max(0, n - segment_length - first)
    return count


def _moments(windows: Windows, lags: IntArray | None = None) -> tuple[FloatArray, FloatArray]:
    """Moments of contexts, or lags, and segments relative to the last value; by sliding where windows are very many."""
    if lags is not None:
        every = -(-len(windows) // _MOST_LAGGED)
        return moments(_pairs(windows, np.arange(len(windows))[::-every][::-1], lags))
    runs, rest = stretches(windows)
    parts = [sliding_moments(windows, low, high) for low, high in runs]
    if len(rest):
        parts.append(moments(_pairs(windows, rest)))
    return np.sum([gram for gram, _ in parts], axis=0), np.sum([moment for _, moment in parts], axis=0)


def _pairs(windows: Windows, places: IntArray, lags: IntArray | None = None) -> Iterator[tuple[FloatArray, FloatArray]]:
    """What is seen and the segments, relative to the last value `(window, time * channel)`, in batches."""
    for low in range(0, len(places), _BATCH):
        chosen = places[low : low + _BATCH]
        inputs, targets = windows.batch(chosen) if lags is None else windows.lagged(chosen, lags)
        last = inputs[:, -1:] if lags is None else windows.values[windows.ends[chosen] - 1][:, None]
        x, y = (inputs - last).reshape(len(inputs), -1), (targets - last).reshape(len(inputs), -1)
        yield weighted(x, y, windows, chosen)
