"""What every forecaster promises, whether it copies, is linear or is a network."""

from __future__ import annotations

from typing import Protocol

from tsforecast.data.panel import FloatArray


class Forecaster(Protocol):
    """From contexts to what follows, on whatever scale it was fitted."""

    @property
    def context_length(self) -> int:
        """Steps it sees."""
        ...

    @property
    def segment_length(self) -> int:
        """Steps it emits at once; it reaches further ones by recursion."""
        ...

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """Forecast `(window, horizon, channel)` from contexts `(window, context_length, channel)`, float64."""
        ...
