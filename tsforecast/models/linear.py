"""Ridge regression from a context to the segment that follows, relative to the last value; in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.data.windows import Windows
from tsforecast.models.rollout import rollout

PENALTIES = (0.1, 1.0, 10.0, 50.0, 200.0, 1000.0)
_BATCH = 4096


@dataclass(frozen=True)
class Ridge:
    """`segment = last value + (context - last value) @ coefficients`, coefficients shrunk by an L2 penalty.

    Hoerl & Kennard 1970; normalising by the last value as NLinear does (Zeng et al. 2023, "Are Transformers Effective
    for Time Series Forecasting?").

    Attributes:
        context_length: Steps it sees.
        segment_length: Steps it emits at once.
        penalty: Weight of the squared coefficients, in squared units of the scaled data summed over windows.
        coefficients: `(context_length * channel, segment_length * channel)`, time-major.
    """

    context_length: int
    segment_length: int
    penalty: float
    coefficients: FloatArray

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """See `Forecaster.predict`."""
        return rollout(self.predict_segment, inputs, horizon)

    def predict_segment(self, inputs: FloatArray) -> FloatArray:
        """The next segment `(window, segment_length, channel)` of contexts `(window, context_length, channel)`."""
        last = inputs[:, -1:]
        flat = (inputs - last).reshape(len(inputs), -1) @ self.coefficients
        return last + flat.reshape(len(inputs), self.segment_length, inputs.shape[2])


def ridge_path(windows: Windows, penalties: Sequence[float], prior: FloatArray | None = None) -> list[Ridge]:
    """Ridge regressions on the same windows, one a penalty, for the price of one.

    Coefficients are shrunk towards `prior` (as `Ridge.coefficients`), or towards zero where there is none.

    Windows are gathered in batches; one eigendecomposition of the Gram matrix serves every penalty.
    """
    n_channels = windows.values.shape[1]
    n_inputs, n_outputs = windows.context_length * n_channels, windows.horizon * n_channels
    gram = np.zeros((n_inputs, n_inputs))
    moment = np.zeros((n_inputs, n_outputs))
    for low in range(0, len(windows), _BATCH):
        inputs, targets = windows.batch(slice(low, low + _BATCH))
        last = inputs[:, -1:]
        x = (inputs - last).reshape(len(inputs), -1)
        gram += x.T @ x
        moment += x.T @ (targets - last).reshape(len(inputs), -1)
    start = np.zeros_like(moment) if prior is None else prior
    moment -= gram @ start
    eigenvalues, vectors = np.linalg.eigh(gram)
    # rounding can leave tiny negative eigenvalues
    eigenvalues = np.maximum(eigenvalues, 0.0)[:, None]
    projected = vectors.T @ moment
    return [
        Ridge(
            windows.context_length,
            windows.horizon,
            penalty,
            start + vectors @ (projected / (eigenvalues + penalty)),
        )
        for penalty in penalties
    ]
