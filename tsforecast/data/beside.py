"""`Beside`: what is known beside the targets of one series, up to now or ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsforecast.data.arrays import FloatArray
from tsforecast.data.frequency import DAY, Frequency

CALENDAR = "calendar"
"""The source of what the calendar says."""


@dataclass(frozen=True, eq=False)
class Beside:
    """Columns beside the targets of one series, shared by all its cutoffs.

    Rows go on after the end of the series as far as something is known ahead. Of a column that is not known ahead,
    only rows before a cutoff may be looked at: whoever computes from it looks back by at least the horizon.

    Attributes:
        names: Of the columns.
        sources: The user's column behind each: that of a category with a column a level, else the column itself.
        ahead: Whether each is known ahead.
        values: `(row, column)`, NaN where nothing is known.
        phase: Time of day of each row, 0 to 1 `(row,)`; None where a step is a day or longer.
    """

    names: tuple[str, ...]
    sources: tuple[str, ...]
    ahead: tuple[bool, ...]
    values: FloatArray
    phase: FloatArray | None = None

    def with_columns(self, names: Sequence[str], source: str, values: FloatArray) -> Beside:
        """Also these columns `(row, column)`, known ahead, which come from one source."""
        n = len(names)
        return Beside(
            (*self.names, *names),
            (*self.sources, *[source] * n),
            (*self.ahead, *[True] * n),
            np.column_stack([self.values, values]),
            self.phase,
        )

    def only(self, sources: Sequence[str]) -> Beside:
        """The columns of these sources."""
        keep = [j for j, source in enumerate(self.sources) if source in sources]

        def kept(given: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(given[j] for j in keep)

        return Beside(kept(self.names), kept(self.sources), kept(self.ahead), self.values[:, keep], self.phase)


def beside(
    stamps: npt.NDArray[Any], values: FloatArray, columns: Mapping[str, tuple[str, bool]], freq: str | int,
    zone: str | None,
) -> Beside:  # fmt: skip
    """The columns of one series.

    Args:
        stamps: Of its rows `(row,)`.
        values: `(row, column)`.
        columns: By name, the source and whether it is known ahead.
        freq: Step of the stamps.
        zone: In which a day begins at midnight; None for stamps that are wall times.
    """
    names = tuple(columns)
    return Beside(
        names,
        tuple(columns[name][0] for name in names),
        tuple(columns[name][1] for name in names),
        values,
        time_of_day(stamps, freq, zone),
    )


def time_of_day(stamps: npt.NDArray[Any], freq: str | int, zone: str | None) -> FloatArray | None:
    """Share of the day that has passed at each stamp, as clocks show it `(row,)`; None for steps of a day or more."""
    frequency = Frequency.of(freq)
    if frequency.unit != "time" or frequency.step >= DAY:
        return None
    wall = wall_times(stamps, zone)
    return np.asarray((wall.astype("datetime64[us]").astype("int64") % DAY) / DAY)


def wall_times(stamps: npt.NDArray[Any], zone: str | None) -> npt.NDArray[np.datetime64]:
    """UTC stamps as clocks in the zone show them; as they are where there is none."""
    if zone is None:
        return stamps.astype("datetime64[us]")
    index = pd.DatetimeIndex(stamps).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    return index.to_numpy().astype("datetime64[us]")
