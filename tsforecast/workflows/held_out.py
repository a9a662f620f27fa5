"""What was forecast of the held-out rows, by series: from each origin, with intervals, and what these held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.evaluate import metrics
from tsforecast.evaluate.metrics import skill
from tsforecast.workflows.usable import series_scale

if TYPE_CHECKING:
    from tsforecast.evaluate.rolling import Backtest
    from tsforecast.workflows.fit import Fit


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The held-out forecasts of one series and channel.

    Attributes:
        cutoff: Rows of the series seen at each origin `(origin,)`.
        actual: What was observed `(origin, step)`; NaN where nothing was.
        predicted: By candidate `(origin, step)`.
        bands: By level, the lower and upper ends of the intervals around the chosen candidate `(origin, step)`.
        skill: 1 − mean absolute error of the chosen one / that of the reference, on this series; NaN where the
            reference makes no error or nothing was held out.
        covered: By level, how many of the observed values lay within, and how many there were.
    """

    cutoff: IntArray
    actual: FloatArray
    predicted: Mapping[str, FloatArray]
    bands: Mapping[float, tuple[FloatArray, FloatArray]]
    skill: float
    covered: Mapping[float, tuple[int, int]]


def held_out(fitted: Fit, channel: int = 0) -> Iterator[HeldOut | None]:
    """Of each series in their order; None where nothing of it was held out."""
    whole = fitted.holdout
    if not whole.n_origins:
        yield from (None for _ in fitted.series)
        return
    bands = {level: _edges(fitted, level, channel) for level in fitted.trial.levels}
    order = np.argsort(whole.sequence, kind="stable")
    ends = np.searchsorted(whole.sequence[order], np.arange(len(fitted.series) + 1))
    judged = (fitted.chosen, fitted.reference)
    for first, last in pairwise(ends.tolist()):
        rows = order[first:last]
        own = {level: (low[rows], high[rows]) for level, (low, high) in bands.items()}
        yield _of_rows(whole, rows, own, judged, channel) if len(rows) else None


def _edges(fitted: Fit, level: float, channel: int) -> tuple[FloatArray, FloatArray]:
    """The interval of a level around each held-out forecast of the chosen candidate `(origin, step)`."""
    whole = fitted.holdout
    first = np.full(len(fitted.series), np.iinfo("int64").max)
    np.minimum.at(first, whole.sequence, whole.cutoff)
    # The scale that the widths were measured in is that of the training rows: as many rows validate as are held out.
    training = np.clip(2 * first - np.array([len(own) for own in fitted.series]), 1, None)
    scale = np.stack([series_scale(own.until(int(n))) for own, n in zip(fitted.series, training, strict=True)])
    histories = [fitted.series[i].until(int(n)) for i, n in zip(whole.sequence, whole.cutoff, strict=True)]
    factor = np.stack([fitted.trial.factor(history) for history in histories])[:, None, :]
    edges = fitted.trial.interval(whole.predicted[fitted.chosen], scale[whole.sequence][:, None, :], level, factor)
    # all at once: each call looks at the edges of all series
    low = fitted.bounds.hold(histories, edges[0], "low")
    high = fitted.bounds.hold(histories, edges[1], "high")
    return low[:, :, channel], high[:, :, channel]


def _of_rows(
    whole: Backtest,
    rows: IntArray,
    bands: Mapping[float, tuple[FloatArray, FloatArray]],
    judged: tuple[str, str],
    channel: int,
) -> HeldOut:
    """The origins of one series, which are these rows of all."""
    actual = whole.actual[rows][:, :, channel]
    predicted = {name: values[rows][:, :, channel] for name, values in whole.predicted.items()}
    kept, covered = {}, {}
    for level, (low, high) in bands.items():
        counted = np.isfinite(actual) & np.isfinite(low) & np.isfinite(high)
        if counted.any():
            kept[level] = (low, high)
            covered[level] = (int(((actual >= low) & (actual <= high) & counted).sum()), int(counted.sum()))
    errors = (float(metrics.mae(actual, predicted[name])) for name in judged)
    return HeldOut(whole.cutoff[rows], actual, predicted, kept, skill(*errors), covered)


def covered_of_all(fitted: Fit) -> dict[float, tuple[int, int]]:
    """By level, how many of the held-out values the intervals held, of how many; what was not measured is left out."""
    of = int(np.isfinite(fitted.holdout.actual).sum())
    return {level: (round(of * got / 100), of) for level, got in fitted.coverage.items() if of and np.isfinite(got)}
