"""The series of a panel that can be forecast, each with its season and its scale, and what became of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tsforecast.data.panel import FloatArray, Freq, Panel
from tsforecast.data.series import Series
from tsforecast.data.status import SeriesStatus
from tsforecast.errors import DataError
from tsforecast.evaluate.metrics import naive_scale

MOST_SEASONS = 50
FEWEST_ROWS = 4  # one to learn the scale from, one to validate on, one to judge on, and one to come from


def usable(panel: Panel) -> tuple[list[Series], list[SeriesStatus]]:
    """The series that can be forecast, and the status of all.

    Raises:
        DataError: There is none, for the reason of the first.
    """
    kept, status = [], []
    for series in panel.series():
        reason = _unusable(series)
        if reason is None:
            kept.append(series)
            status.append(SeriesStatus.of(series, "ok"))
        else:
            status.append(SeriesStatus.of(series, "left out", reason))
    if not kept:
        if not status:
            raise DataError("there is no value to learn from: every value is missing")
        first = status[0]
        raise DataError(f"{first.name or 'the series'}: {first.reason}", "give more rows, or fill gaps with --impute")
    return kept, status


def _unusable(series: Series) -> str | None:
    """Why nothing can be forecast from a series; None where something can."""
    if len(series) < FEWEST_ROWS:
        return f"{len(series)} row{'s' if len(series) > 1 else ''}; a forecast needs {FEWEST_ROWS}"
    missing = int(np.isnan(series.filled).any(axis=1).sum())
    if missing:
        return f"{missing} missing value{'s' if missing > 1 else ''} left after repair (--max-gap, --impute)"
    return None


def with_seasons(series: Sequence[Series], training: Sequence[int], freq: Freq, given: int | None) -> list[Series]:
    """The series with the season that was given, or the commonest found in (a sample of) their training rows."""
    from tsforecast.insight.season import find_season_length

    length = given
    if length is None:
        sample = range(0, len(series), max(1, len(series) // MOST_SEASONS))
        found = [find_season_length(series[i].until(training[i]).filled[:, 0], freq) for i in sample]
        length = common_season(found)
    return [replace(s, season_lengths=(length,) if length > 1 else ()) for s in series]


def common_season(lengths: Sequence[int]) -> int:
    """The commonest of some seasons, the longest of those."""
    return max(Counter(lengths).items(), key=lambda item: (item[1], item[0]))[0]


def series_scale(series: Series) -> FloatArray:
    """What errors of a series are measured in: mean absolute step of each channel `(channel,)`, 0 if constant."""
    scale = np.array([naive_scale(column) for column in series.filled.T])
    return np.where(np.isfinite(scale), scale, 0.0)
