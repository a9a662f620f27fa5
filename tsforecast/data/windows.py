"""The only code that slices windows: contexts to learn from, targets to learn, contexts to forecast from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tsforecast.data.arrays import BoolArray, FloatArray, IntArray
from tsforecast.errors import DataError


@dataclass(frozen=True)
class Windows:
    """Pairs of a context and what followed it, gathered only when asked for.

    Attributes:
        values: All sequences end to end, each with its first row repeated in front where windows reach further
            back than the sequence `(row, channel)`.
        ends: Row of `values` just after the last input step of each window `(window,)`.
        sequence: Sequence of each window `(window,)`.
        cutoffs: Row, within its sequence, of the last input step of each window `(window,)`.
        context_length: Input steps of a window.
        horizon: Target steps of a window.
        weights: How much each window is worth to learn from `(window,)`: the observed share of its targets. None where
            every value was observed.
    """

    values: FloatArray
    ends: IntArray
    sequence: IntArray
    cutoffs: IntArray
    context_length: int
    horizon: int
    weights: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.ends)

    def batch(self, indices: IntArray | slice) -> tuple[FloatArray, FloatArray]:
        """Inputs `(window, time, channel)` and targets `(window, horizon, channel)` of some windows."""
        both = self._gather(self.ends[indices] - self.context_length, self.context_length + self.horizon)
        return both[:, : self.context_length], both[:, self.context_length :]

    def lagged(self, indices: IntArray, steps: IntArray) -> tuple[FloatArray, FloatArray]:
        """Of some windows the rows so many steps before the last input step, 0 being that itself, and the targets.

        Returns:
            `(window, lag, channel)`, in the order of `steps`, and `(window, horizon, channel)`.
        """
        return self.values[(self.ends[indices] - 1)[:, None] - steps], self._gather(self.ends[indices], self.horizon)

    @property
    def inputs(self) -> FloatArray:
        """Inputs of all windows, in memory at once `(window, time, channel)`."""
        return self._gather(self.ends - self.context_length, self.context_length)

    @property
    def targets(self) -> FloatArray:
        """Targets of all windows, in memory at once `(window, horizon, channel)`."""
        return self._gather(self.ends, self.horizon)

    def _gather(self, starts: IntArray, length: int) -> FloatArray:
        if len(starts) == 0 or length == 0:
            return np.empty((len(starts), length, self.values.shape[1]))
        view = np.lib.stride_tricks.sliding_window_view(self.values, length, axis=0)
        return view[starts].transpose(0, 2, 1)


def make_windows(
    values: Sequence[FloatArray],
    context_length: int,
    horizon: int,
    *,
    first_cutoff: Sequence[int] | IntArray | None = None,
    last_cutoff: Sequence[int] | IntArray | None = None,
    step: int = 1,
    observed: Sequence[BoolArray] | None = None,
) -> Windows:
    """Cut windows out of sequences; those that touch a missing value are left out.

    Args:
        values: One float64 array `(time, channel)` a sequence, missing values are NaN.
        context_length: Steps a window sees.
        horizon: Steps that follow it.
        first_cutoff: Row of the last input step of the first window, for each sequence. Default: the first with a
            full context. Earlier ones see the first row repeated in front.
        last_cutoff: The same of the last window, for each sequence. Default: the last with complete targets, and
            never later than that.
        step: Rows between the cutoffs of neighbouring windows, counted back from the last one.
        observed: Where values were observed, not filled, for each sequence `(time, channel)`. Windows whose last input
            step or whose targets were all filled are left out: what fills a gap knows what comes after it.

    Returns:
        Windows in the order of sequences and cutoffs.
    """
    n_channels = values[0].shape[1]
    parts: list[FloatArray] = [np.empty((0, n_channels))]
    ends, sequence, cutoffs, weights = [], [], [], []
    offset = 0
    for i, rows in enumerate(values):
        low = context_length - 1 if first_cutoff is None else max(0, int(first_cutoff[i]))
        high = len(rows) - horizon - 1
        if last_cutoff is not None:
            high = min(high, int(last_cutoff[i]))
        chosen = np.arange(high, low - 1, -step, dtype="int64")[::-1]
        if len(chosen) == 0:
            continue
        n_front = max(0, context_length - 1 - int(chosen[0]))
        parts += [np.repeat(rows[:1], n_front, axis=0), rows]
        missing = np.isnan(rows).any(axis=1)
        if missing.any():
            before = np.concatenate([[0], np.cumsum(missing)])
            seen_from = np.maximum(chosen + 1 - context_length, 0)
            chosen = chosen[before[chosen + 1 + horizon] == before[seen_from]]
        if observed is not None:
            share = _observed_share(observed[i], chosen, horizon)
            chosen, share = chosen[share > 0], share[share > 0]
            weights.append(share)
        ends.append(chosen + 1 + offset + n_front)
        sequence.append(np.full(len(chosen), i, dtype="int64"))
        cutoffs.append(chosen)
        offset += n_front + len(rows)
    none = [np.empty(0, dtype="int64")]
    return Windows(
        np.concatenate(parts),
        np.concatenate(ends or none),
        np.concatenate(sequence or none),
        np.concatenate(cutoffs or none),
        context_length,
        horizon,
        None if observed is None else np.concatenate(weights or [np.empty(0)]),
    )


def _observed_share(observed: BoolArray, cutoffs: IntArray, horizon: int) -> FloatArray:
    """Share of the targets of each window that was observed, 0 where its last input step was not `(window,)`."""
    seen = np.concatenate([[0], np.cumsum(observed.mean(axis=1))])
    share = (seen[cutoffs + 1 + horizon] - seen[cutoffs + 1]) / horizon
    return np.asarray(np.where(observed[cutoffs].any(axis=1), share, 0.0))


def last_contexts(histories: Sequence[FloatArray], context_length: int) -> FloatArray:
    """The newest context of each history `(history, time, channel)`; shorter ones have their first row repeated.

    Raises:
        DataError: Where a history is empty, or misses a value within its newest context.
    """
    contexts = np.empty((len(histories), context_length, histories[0].shape[1]))
    for i, rows in enumerate(histories):
        n_seen = min(len(rows), context_length)
        if n_seen == 0:
            raise DataError(f"history {i + 1} of {len(histories)} is empty", "give at least one observed row")
        contexts[i, context_length - n_seen :] = rows[len(rows) - n_seen :]
        contexts[i, : context_length - n_seen] = rows[len(rows) - n_seen]
    _refuse_missing(contexts, context_length)
    return contexts


def last_rows(histories: Sequence[FloatArray], steps: IntArray) -> FloatArray:
    """The rows so many steps before the last of each history `(history, step, channel)`, as `last_contexts` has them.

    Raises:
        DataError: Where a history is empty, or misses one of these rows.
    """
    if not all(len(rows) for rows in histories):
        last_contexts(histories, 1)
    found = np.stack([rows[np.maximum(len(rows) - 1 - steps, 0)] for rows in histories])
    _refuse_missing(found, int(steps.max()) + 1)
    return found


def _refuse_missing(contexts: FloatArray, n_rows: int) -> None:
    missing = np.isnan(contexts).any(axis=(1, 2))
    if missing.any():
        i = int(np.argmax(missing))
        raise DataError(
            f"history {i + 1} of {len(contexts)} misses values within its last {n_rows} rows",
            "fill them (--impute) or forecast from after the gap",
        )
