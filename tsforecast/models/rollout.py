"""Recursion: a forecaster that emits a segment reaches any horizon by being fed its own segments."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tsforecast.data.panel import FloatArray


def rollout(predict: Callable[[FloatArray], FloatArray], inputs: FloatArray, horizon: int) -> FloatArray:
    """Forecast `horizon` steps, a segment at a time, each seen as if it had been observed.

    Contexts slide over one buffer, so the cost is linear in the horizon.

    Args:
        predict: From contexts `(window, time, channel)` to the segments that follow `(window, segment, channel)`.
        inputs: Contexts `(window, time, channel)`.
        horizon: Steps ahead, at least 1; the last segment is cut where it reaches further.

    Returns:
        Forecast `(window, horizon, channel)`.
    """
    n_windows, context_length, n_channels = inputs.shape
    buffer = np.empty((n_windows, context_length + horizon, n_channels))
    buffer[:, :context_length] = inputs
    done = 0
    while done < horizon:
        segment = predict(buffer[:, done : done + context_length])
        n_steps = min(segment.shape[1], horizon - done)
        buffer[:, context_length + done : context_length + done + n_steps] = segment[:, :n_steps]
        done += n_steps
    return buffer[:, context_length:]
