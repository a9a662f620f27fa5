"""The series of a panel that can be forecast, each with its season and its scale, and what became of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from tsforecast.data.panel import FloatArray, Freq, Panel
from tsforecast.data.series import Series
from tsforecast.data.status import SeriesStatus, State
from tsforecast.errors import DataError
from tsforecast.evaluate.metrics import naive_scale

MOST_SEASONS = 50
FEWEST_ROWS = 4  # one to learn the scale from, one to validate on, one to judge on, and one to come from


def usable(panel: Panel) -> tuple[list[Series], list[SeriesStatus]]:
    """The series that can be forecast, and the status of all.

    Raises:
        DataError: There is none, for the reason of the first.
    """
    kept, status = [], list(_empty(panel))
    for series in numbered(panel):
        series, state, reason = _after_the_last_gap(series)
        if len(series) < FEWEST_ROWS:
            state, reason = "left out", f"{len(series)} usable row{'s' * (len(series) != 1)}, {FEWEST_ROWS} are needed"
        if state != "left out":
            kept.append(series)
        status.append(SeriesStatus.of(series, state, reason))
    if not kept:
        if len(status) == 1:
            raise DataError(f"{status[0].name or 'the series'}: {status[0].reason}", "give more rows, or fill gaps")
        told = f"; the first, {status[0].name}: {status[0].reason}" if status else ""
        raise DataError(f"none of {len(status)} series can be forecast{told}", "give more rows, or fill gaps")
    return kept, status


def numbered(panel: Panel) -> list[Series]:
    """The series of a panel, their rows numbered from the beginning of the calendar, so that phases go on in any file."""
    origin = 0 if isinstance(panel.freq, int) else np.datetime64(0, "us")
    return [replace(s, start=panel.frequency.between(origin, s.stamps[0])) for s in panel.series()]


def _empty(panel: Panel) -> Iterator[SeriesStatus]:
    """The channels of series that have no value at all."""
    found = {(s.unique_id, channel) for s in panel.series() for channel in s.channels}
    for uid in panel.ids:
        for channel in panel.columns("target"):
            if (uid, channel) not in found:
                yield SeriesStatus(uid, channel, "left out", "it has no value")


def _after_the_last_gap(series: Series) -> tuple[Series, State, str]:
    """The rows after the last gap that repair left open, which is what models can look back on without a hole."""
    open_rows = np.flatnonzero(np.isnan(series.filled).any(axis=1))
    if not len(open_rows):
        return series, "ok", ""
    first = int(open_rows[-1]) + 1
    rest = replace(series, values=series.values[first:], stamps=series.stamps[first:], start=series.start + first)
    n = len(open_rows)
    told = f"{n} missing value{'s' * (n > 1)} left after repair (--impute, --max-gap); only what follows is used"
    return rest, "doubtful", told


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
