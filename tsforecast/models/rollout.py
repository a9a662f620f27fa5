"""Recursion: a forecaster that emits a segment reaches any horizon by being fed its own segments."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tsforecast.data.arrays import FloatArray


def rollout(
    predict: Callable[..., FloatArray], inputs: FloatArray, horizon: int, known: FloatArray | None = None
) -> FloatArray:
    """Forecast `horizon` steps, a segment at a time, each seen as if it had been observed.

    Contexts slide over one buffer, so the cost is linear in the horizon. What is known ahead is never part of that
    buffer: outputs are fed back, known columns are looked up.

    Args:
        predict: From contexts `(window, time, channel)` to the segments that follow `(window, segment, channel)`; where
            columns are known ahead, a second argument gives them from the first row of the context to the last step of
            the horizon `(window, time + ..., column)`.
        inputs: Contexts `(window, time, channel)`.
        horizon: Steps ahead, at least 1; the last segment is cut where it reaches further.
        known: Columns known ahead, over context and horizon `(window, time + horizon, column)`.

    Returns:
        Forecast `(window, horizon, channel)`.
    """
    n_windows, context_length, n_channels = inputs.shape
    buffer = np.empty((n_windows, context_length + horizon, n_channels))
    buffer[:, :context_length] = inputs
    done = 0
    while done < horizon:
        context = buffer[:, done : done + context_length]
        segment = predict(context) if known is None else predict(context, known[:, done:])
        n_steps = min(segment.shape[1], horizon - done)
        buffer[:, context_length + done : context_length + done + n_steps] = segment[:, :n_steps]
        done += n_steps
    return buffer[:, context_length:]
