"""The forecasts that cost nothing, which everything else has to beat.

Definitions as in Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), section 5.2; the drift is
that of the context, so that it sees what the other forecasters see.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray


@dataclass(frozen=True)
class Naive:
    """The last value, for ever."""

    context_length: int = 1
    segment_length: int = 1

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """See `Forecaster.predict`."""
        return np.repeat(inputs[:, -1:], horizon, axis=1)


@dataclass(frozen=True)
class SeasonalNaive:
    """The last season, again and again. `context_length` and `segment_length` are the season's length."""

    context_length: int
    segment_length: int

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """See `Forecaster.predict`."""
        season = inputs[:, -self.segment_length :]
        return season[:, np.arange(horizon) % self.segment_length]


@dataclass(frozen=True)
class Drift:
    """The straight line from the first to the last value of the context, continued."""

    context_length: int
    segment_length: int = 1

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """See `Forecaster.predict`."""
        slope = (inputs[:, -1:] - inputs[:, :1]) / max(1, inputs.shape[1] - 1)
        steps = np.arange(1.0, horizon + 1)[:, None]
        return np.asarray(inputs[:, -1:] + slope * steps)
