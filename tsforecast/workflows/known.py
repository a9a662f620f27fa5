"""What is known beside the targets: roles settled by what is known ahead, the calendar, and no future left unsaid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tsforecast.data.arrays import FloatArray
from tsforecast.data.beside import CALENDAR, Beside, time_of_day, wall_times
from tsforecast.data.event import Event
from tsforecast.data.frequency import DAY
from tsforecast.data.panel import Panel
from tsforecast.data.series import Series
from tsforecast.errors import DataError
from tsforecast.insight.calendar import calendar_columns, event_columns, holiday_columns
from tsforecast.models.covariates.features import Featured

GENERATED = (CALENDAR, "holidays ", "event ")
"""What the sources of columns begin with that are worked out from stamps."""
TEMPLATE = "--future FILE gives them; --write-future-template FILE writes the table to fill in"
_MOST_NAMED = 4


@dataclass(frozen=True)
class Wanted:
    """What the calendar is asked for, and whether the future has to be known.

    Attributes:
        calendar: "auto" tries it beside other columns, "on" always, "none" never.
        holidays: Regions.
        events: Of one's own.
        ahead: Whether the columns known ahead must be known for the horizon.
    """

    calendar: str = "auto"
    holidays: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    ahead: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, for a saved model."""
        events = [[event.name, str(event.start), str(event.end)] for event in self.events]
        return {"calendar": self.calendar, "holidays": list(self.holidays), "events": events}

    @classmethod
    def from_dict(cls, given: Any) -> Wanted:
        """What `to_dict` wrote.

        Raises:
            ValueError, KeyError, TypeError: It is not that.
        """
        events = tuple(Event(str(n), np.datetime64(a, "us"), np.datetime64(b, "us")) for n, a, b in given["events"])
        regions = tuple(str(region) for region in given["holidays"])
        return cls(str(given["calendar"]), regions, events, ahead=True)


class Settled(NamedTuple):
    """Series with what is known beside them to the end of the horizon.

    Attributes:
        panel: With settled roles.
        series: Each with its columns; as they were where there are none.
        notes: Facts for the report, one line each.
    """

    panel: Panel
    series: list[Series]
    notes: list[str]


def settled(panel: Panel, series: Sequence[Series], horizon: int, wanted: Wanted) -> Settled:
    """Settle the roles of columns, see that the future is known, and add what the calendar says.

    Args:
        panel: Has roles, "" where a column decides by what is known of it ahead.
        series: Of the panel.
        horizon: Steps that are forecast.
        wanted: Of the calendar, and whether the future is needed.

    Raises:
        DataError: A column that is known ahead is not, at stamps that are named.
    """
    notes: list[str] = []
    roles = {name: role for name, role in panel.roles.items() if role != ""}
    undecided = [name for name, role in panel.roles.items() if role == ""]
    missing = _missing(series, horizon)
    short: dict[str, None] = {}
    for name in undecided:
        source = panel.sources.get(name, name)
        known = any(n < horizon for n in missing.get(name, {}).values())
        roles[name] = "future" if missing.get(name) is not None and not any(missing[name].values()) else "past"
        if roles[name] == "past":
            short[f"'{source}' is known for a part of the {horizon:,} steps ahead" if known else source] = None
    notes += [f"{told}: it is used as known until now" for told in short if told.startswith("'")]
    listed = [f"'{name}'" for name in short if not name.startswith("'")]
    if listed:
        are = "is" if len(listed) == 1 else "are"
        notes.append(f"{_several(listed)} {are} used as known until now: no future is given (--future FILE gives one)")
    panel = replace(panel, roles=roles)
    future = [name for name in panel.columns("future") if any(missing.get(name, {}).values())]
    if future and wanted.ahead:
        raise unknown_ahead(panel, series, horizon, future, missing)
    ahead = frozenset(panel.columns("future"))
    made = [_to_the_end(s, horizon, ahead, future) for s in series]
    made = with_calendar(made, panel, wanted, horizon)
    return Settled(panel, made, notes)


def matched(series: Series, columns: Sequence[Featured]) -> Series:
    """The series with just the columns that a regression looks at, those of the calendar left to be added.

    Raises:
        DataError: One is not there.
    """
    table = series.beside
    there = {} if table is None else {name: table.values[:, j] for j, name in enumerate(table.names)}
    levels = {} if table is None else {source: table.values[:, j] for j, source in enumerate(table.sources)}
    kept: dict[str, FloatArray] = {}
    for column in columns:
        if column.name in there:
            kept[column.name] = there[column.name]
        elif column.source in levels and column.source != column.name:
            # a level that does not occur in these data is none
            kept[column.name] = np.where(np.isnan(levels[column.source]), np.nan, 0.0)
        elif not column.source.startswith(GENERATED):
            raise DataError(
                f"the model looks at the column '{column.source}', which the data have not",
                f"they have {_several(list(there) or ['none beside the target'])}",
            )
    if not kept:
        return replace(series, beside=None, at=0)
    sources = {column.name: column.source for column in columns}
    ahead = {column.name: not column.lag for column in columns}
    phase = None if table is None else table.phase
    values = np.column_stack(list(kept.values()))
    own = Beside(tuple(kept), tuple(map(sources.__getitem__, kept)), tuple(map(ahead.__getitem__, kept)), values, phase)
    return replace(series, beside=own)


def unknown_ahead(
    panel: Panel, series: Sequence[Series], horizon: int, names: Sequence[str], missing: Mapping[str, Mapping[int, int]]
) -> DataError:
    """The error that names the stamps at which columns must be known and are not."""
    sources = [f"'{source}'" for source in dict.fromkeys(panel.sources.get(name, name) for name in names)]
    worst = names[0]
    which, lacking = next((i, n) for i, n in missing[worst].items() if n)
    own = series[which]
    stamps = _shown(panel.frequency.after(own.cutoff, horizon), panel.schema.zone)
    span = stamps[0] if horizon == 1 else f"{stamps[0]} to {stamps[-1]}"
    whose = f" of series '{own.unique_id}'" if own.unique_id else ""
    given = f"{horizon - lacking:,} of {horizon:,} are given" if lacking < horizon else "none is given"
    told = (
        f"{_several(sources)} must be known ahead{whose} at {horizon:,}"
        f" stamp{'s' * (horizon > 1)}, {span} ({panel.frequency.words}): {given}"
    )
    return DataError(told, TEMPLATE)


def with_calendar(series: Sequence[Series], panel: Panel, wanted: Wanted, horizon: int) -> list[Series]:
    """The series with columns of the calendar, holidays and events beside them, to the end of the horizon."""
    if isinstance(panel.freq, int) and not wanted.holidays:
        return list(series)
    company = bool(wanted.holidays or wanted.events) or any(s.beside is not None for s in series)
    regular = wanted.calendar == "on" or (wanted.calendar == "auto" and company)
    if not regular and not wanted.holidays and not wanted.events:
        return list(series)
    days = max((s.stamps[-1] - s.stamps[0]) / np.timedelta64(1, "D") for s in series)
    return [_dated(s, panel, wanted, horizon, float(days), regular=regular) for s in series]


def _dated(series: Series, panel: Panel, wanted: Wanted, horizon: int, days: float, *, regular: bool) -> Series:
    table = series.beside
    if table is None:
        stamps = _stamps(series, panel, len(series) + horizon)
        phase = time_of_day(stamps, panel.freq, panel.schema.zone)
        table = Beside((), (), (), np.empty((len(stamps), 0)), phase)
    beside = table
    wall = wall_times(_stamps(series, panel, len(beside.values)), panel.schema.zone)
    if regular:
        names, values = calendar_columns(wall, panel.freq, days)
        beside = beside.with_columns(names, CALENDAR, values)
    for region in wanted.holidays:
        names, values = holiday_columns(wall, panel.freq, region)
        beside = beside.with_columns(names, f"holidays {region}", values)
    for name in dict.fromkeys(event.name for event in wanted.events):
        beside = beside.with_columns([f"event {name}"], f"event {name}", event_columns(wall, wanted.events, name))
    return replace(series, beside=beside, at=0 if series.beside is None else series.at)


def _stamps(series: Series, panel: Panel, rows: int) -> npt.NDArray[Any]:
    """The stamps of so many rows from the first of the series on."""
    return panel.frequency.stamps(series.stamps[0], rows)


def _missing(series: Sequence[Series], horizon: int) -> dict[str, dict[int, int]]:
    """By column, of how many of the steps ahead of each series nothing is known."""
    found: dict[str, dict[int, int]] = {}
    for i, own in enumerate(series):
        if own.beside is None:
            continue
        end = own.at + len(own)
        ahead = own.beside.values[end : end + horizon]
        for j, name in enumerate(own.beside.names):
            found.setdefault(name, {})[i] = horizon - int((~np.isnan(ahead[:, j])).sum())
    return found


def _to_the_end(series: Series, horizon: int, ahead: frozenset[str], unknown: Sequence[str]) -> Series:
    """With rows to the end of the horizon; what is not known there repeats the last season where it has to be."""
    table = series.beside
    if table is None:
        return series
    rows = slice(series.at, series.at + len(series) + horizon)
    values = table.values[rows]
    n = len(series)
    whole = np.full((n + horizon, len(table.names)), np.nan)
    whole[: len(values)] = values
    for j, name in enumerate(table.names):
        if name not in ahead:
            whole[n:, j] = np.nan
        elif name in unknown:
            whole[n:, j] = np.where(
                np.isnan(whole[n:, j]), _again(whole[:n, j], series.season_length, horizon), whole[n:, j]
            )
    phase = table.phase
    if phase is not None:
        phase = phase[rows]
        step = (phase[1] - phase[0]) % 1 if len(phase) > 1 else 0.0
        phase = np.concatenate([phase, (phase[-1] + step * np.arange(1, len(whole) - len(phase) + 1)) % 1])
    known = tuple(name in ahead for name in table.names)
    return replace(series, beside=Beside(table.names, table.sources, known, whole, phase), at=0)


def _again(column: FloatArray, season: int, horizon: int) -> FloatArray:
    last = column[-max(1, season) :]
    return np.asarray(np.resize(last, horizon))


def _shown(stamps: npt.NDArray[Any], zone: str | None) -> list[str]:
    if stamps.dtype.kind != "M":
        return [str(stamp) for stamp in stamps]
    wall = wall_times(stamps, zone)
    whole_days = bool((wall.astype("int64") % DAY == 0).all())
    return [str(stamp.astype("datetime64[D]" if whole_days else "datetime64[s]")).replace("T", " ") for stamp in wall]


def _several(names: Sequence[str]) -> str:
    if len(names) > _MOST_NAMED:
        return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED} more columns"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
