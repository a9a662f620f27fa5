"""What was forecast of the held-out rows, by series: forecasts from each origin, their intervals, and what these held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.evaluate import metrics
from tsforecast.evaluate.metrics import skill
from tsforecast.workflows.usable import series_scale

if TYPE_CHECKING:
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
    order = np.argsort(whole.sequence, kind="stable")
    ends = np.searchsorted(whole.sequence[order], np.arange(len(fitted.series) + 1))
    for i, (first, last) in enumerate(zip(ends[:-1], ends[1:], strict=True)):
        yield _of_series(fitted, i, order[first:last], channel) if last > first else None


def _of_series(fitted: Fit, index: int, rows: IntArray, channel: int) -> HeldOut:
    whole, series = fitted.holdout, fitted.series[index]
    cutoff = whole.cutoff[rows]
    actual = whole.actual[rows]
    predicted = {name: values[rows] for name, values in whole.predicted.items()}
    # the scale that the widths were measured in: that of the training rows, as many before the first cutoff less as
    # come after it
    training = max(2 * int(cutoff[0]) - len(series), 1)
    scale = series_scale(series.until(training))[None, None, :]
    histories = [series.until(int(n)) for n in cutoff]
    factor = np.stack([fitted.trial.factor(history) for history in histories])[:, None, :]
    bands, covered = {}, {}
    for level in fitted.trial.levels:
        edges = fitted.trial.interval(predicted[fitted.chosen], scale, level, factor)
        low, high = (fitted.bounds.hold(histories, edge)[:, :, channel] for edge in edges)
        counted = np.isfinite(actual[:, :, channel]) & np.isfinite(low) & np.isfinite(high)
        if not counted.any():
            continue
        bands[level] = (low, high)
        inside = (actual[:, :, channel] >= low) & (actual[:, :, channel] <= high) & counted
        covered[level] = (int(inside.sum()), int(counted.sum()))
    own = {name: values[:, :, channel] for name, values in predicted.items()}
    errors = (float(metrics.mae(actual[:, :, channel], own[name])) for name in (fitted.chosen, fitted.reference))
    return HeldOut(cutoff, actual[:, :, channel], own, bands, skill(*errors), covered)


def covered_of_all(fitted: Fit) -> dict[float, tuple[int, int]]:
    """By level, how many of the held-out values the intervals held, of how many; levels that were not measured left out."""
    of = int(np.isfinite(fitted.holdout.actual).sum())
    return {
        level: (round(of * got / 100), of) for level, got in fitted.coverage.items() if of and np.isfinite(got)
    }
