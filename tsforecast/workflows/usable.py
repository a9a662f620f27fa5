"""The series of a panel that can be forecast, each with its season and its scale, and what became of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tsforecast.data.frequency import Frequency
from tsforecast.data.panel import FloatArray, Panel
from tsforecast.data.series import Series
from tsforecast.data.status import SeriesStatus
from tsforecast.errors import DataError
from tsforecast.evaluate.metrics import naive_scale
from tsforecast.insight.season import season_lengths

if TYPE_CHECKING:
    from tsforecast.preparation import Prepared

# a thousandth of a second each
MOST_LOOKED_AT = 5000
FEWEST_ROWS = 4  # one to learn the scale from, one to validate on, one to judge on, and one to come from


def usable(data: Prepared | Panel, fewest: int = FEWEST_ROWS) -> tuple[Panel, list[Series], list[SeriesStatus]]:
    """The panel, those of its series that can be forecast, and the status of all.

    What preparing found wrong with a series is part of its status.

    Raises:
        DataError: There is no series to forecast, for the reason of the first.
    """
    panel = data if isinstance(data, Panel) else data.panel
    found = {s.name: s for s in (_empty(panel) if isinstance(data, Panel) else data.status)}
    kept = []
    for series in numbered(panel):
        status = found.get(series.name) or SeriesStatus.of(series)
        if status.state == "left out":
            continue
        series, gap = _after_the_last_gap(series)
        if gap and status.state == "ok":
            status = replace(status, state="doubtful", reason=gap)
        if len(series) < fewest:
            told = f"{len(series)} usable row{'s' * (len(series) != 1)}, {fewest} are needed"
            status = replace(status, state="left out", reason=told)
        else:
            kept.append(series)
        found[series.name] = status
    if not kept:
        first = next(iter(found.values()), None)
        if first is None:
            raise DataError("there is no value to learn from: every value is missing")
        told = f"{first.name or 'the series'}: {first.reason}"
        told = told if len(found) == 1 else f"none of {len(found)} series can be forecast; the first, {told}"
        raise DataError(told, "give more rows, or fill gaps with --impute")
    return panel, kept, list(found.values())


def units_of(data: Prepared | Panel) -> dict[str, str]:
    """The units that the file named, by column."""
    return {} if isinstance(data, Panel) else data.table.facts.get("units", {})


def numbered(panel: Panel) -> list[Series]:
    """The series of a panel, rows numbered from the beginning of the calendar: phases go on in any file."""
    origin = 0 if isinstance(panel.freq, int) else np.datetime64(0, "us")
    return [replace(s, start=panel.frequency.between(origin, s.stamps[0])) for s in panel.series()]


def _empty(panel: Panel) -> Iterator[SeriesStatus]:
    """The channels of series that have no value at all."""
    found = {(s.unique_id, channel) for s in panel.series() for channel in s.channels}
    for uid in panel.ids:
        for channel in panel.columns("target"):
            if (uid, channel) not in found:
                yield SeriesStatus(uid, channel, "left out", "it has no value")


def _after_the_last_gap(series: Series) -> tuple[Series, str]:
    """The rows after the last gap that repair left open, which models can look back on without a hole; and why."""
    open_rows = np.flatnonzero(np.isnan(series.filled).any(axis=1))
    if not len(open_rows):
        return series, ""
    first = int(open_rows[-1]) + 1
    rest = series.since(first)
    n = len(open_rows)
    return rest, f"{n:,} missing value{'s' * (n > 1)} left after repair; only what follows is used"


def with_seasons(
    series: Sequence[Series], training: Sequence[int], frequency: Frequency, given: int | None
) -> list[Series]:
    """The series with the season that was given, or each with its own, found in its training rows.

    Of more than `MOST_LOOKED_AT` series so many are looked at, evenly spread; the others take what is commonest.
    """
    if given is not None:
        return [replace(s, season_lengths=(given,) if given > 1 else ()) for s in series]
    known = [s.until(rows) for s, rows in zip(series, training, strict=True)]
    step = -(-len(known) // MOST_LOOKED_AT)
    looked_at = season_lengths(known[::step], frequency)
    if step == 1:
        return [replace(s, season_lengths=own) for s, own in zip(series, looked_at, strict=True)]
    usual = Counter(looked_at).most_common(1)[0][0]
    own = dict(zip(range(0, len(known), step), looked_at, strict=True))
    return [replace(s, season_lengths=own.get(i, usual)) for i, s in enumerate(series)]


def common_season(lengths: Sequence[int]) -> int:
    """The commonest of some seasons, the longest of those."""
    return max(Counter(lengths).items(), key=lambda item: (item[1], item[0]))[0]


def series_scale(series: Series) -> FloatArray:
    """What errors of a series are measured in: mean absolute step of each channel `(channel,)`, 0 if constant."""
    scale = np.array([naive_scale(column) for column in series.filled.T])
    return np.where(np.isfinite(scale), scale, 0.0)
