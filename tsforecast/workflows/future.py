"""`--future FILE`: what is known ahead, joined to the data by series and time, and the table to fill in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.data.beside import wall_times
from tsforecast.data.panel import Panel, Table
from tsforecast.errors import DataError
from tsforecast.workflows.usable import usable

if TYPE_CHECKING:
    from tsforecast.preparation import Prepared

_MOST_NAMED = 6


def with_future(
    panel: Panel,
    source: str | Path | pd.DataFrame,
    reading: ReadConfig,
    dayfirst: bool | None = None,
    unused: Collection[str] = (),
) -> tuple[Panel, list[str]]:
    """The panel with rows of what is known ahead; columns of the source are known ahead from then on.

    Args:
        panel: With the columns beside its targets.
        source: A file, or a frame: the time, the series where there are several, and columns of the data.
        reading: How the data were read.
        dayfirst: Which the order of day and month was found to be.
        unused: Columns that the source may have beside these.

    Returns:
        The panel, and notes on what had to be aligned.

    Raises:
        DataError: The source has columns that the data have not, or none of theirs.
    """
    from tsforecast.preparation import prepare

    given = _read(source, panel, reading, dayfirst, unused)
    notes = [f"--future: {note}" for note in given.facts["notes"]]
    if told := [name for name in panel.columns("target") if name in given.channels]:
        notes.append(f"--future: {_quoted(told)} is forecast: its values there are not looked at")
    alike = _in_zone(_of_columns(given, panel), panel, notes)
    if isinstance(panel.freq, int) or len(alike.frame) == alike.frame["unique_id"].nunique():
        rows = alike.frame
    else:
        prepared = prepare(alike, PrepareConfig(freq=panel.freq, impute="none"))
        rows = prepared.panel.frame
        repaired = prepared.report.summary_lines()[1]
        own = [] if repaired.endswith(": nothing") else [repaired]
        notes += [f"--future: {note}" for note in [*own, *prepared.report.notes]]
    return _joined(panel, rows, alike, notes), notes


def template(data: Prepared | Panel, horizon: int, names: Sequence[str] = ()) -> pd.DataFrame:
    """The rows of the future to fill in: `unique_id`, `ds` and an empty column for each that could be known ahead.

    Args:
        data: What is forecast from.
        horizon: Steps ahead.
        names: The columns; empty for all that are, or could be, known ahead.
    """
    panel, series, _ = usable(data, fewest=1)
    columns = names or [name for name, role in panel.roles.items() if role in ("future", "")]
    sources = list(dict.fromkeys(panel.sources.get(name, name) for name in columns))
    if not sources:
        raise DataError("there is no column that could be known ahead", "--future-col names one")
    ends = {own.unique_id: own.cutoff for own in reversed(series)}
    parts = [
        pd.DataFrame({"unique_id": uid, "ds": panel.frequency.after(end, horizon)}) for uid, end in sorted(ends.items())
    ]
    return pd.concat(parts, ignore_index=True).assign(**dict.fromkeys(sources, np.nan))


def _read(
    source: str | Path | pd.DataFrame,
    panel: Panel,
    reading: ReadConfig,
    dayfirst: bool | None,
    unused: Collection[str],
) -> Table:
    from tsforecast.io.reading import read_beside

    known = list(dict.fromkeys(panel.sources.get(name, name) for name in panel.roles))
    config = ReadConfig(
        encoding=None,
        time_col=reading.time_col,
        id_col=reading.id_col,
        dayfirst=reading.dayfirst if dayfirst is None else dayfirst,
        zone=reading.zone or panel.schema.zone,
        na_value=reading.na_value,
        future_col=("*",),
        max_size=reading.max_size,
    )
    given = read_beside(source, config, panel.schema)
    sources = list(dict.fromkeys(given.sources.get(name, name) for name in given.channels))
    targets = panel.columns("target")
    unknown = [name for name in sources if name not in {*known, *targets, *unused}]
    if unknown:
        listed = ", ".join(known[:_MOST_NAMED]) or "no column beside the target"
        told = f"--future has {_quoted(unknown)}, which the data have not (they have {listed})"
        raise DataError(told, "--write-future-template FILE writes the table to fill in")
    kept = [name for name in given.channels if given.sources.get(name, name) in known]
    empty = [name for name in known if name in given.facts["ignored"]]
    if not kept and not unused and not empty:
        raise DataError("--future has no column of the data beside its time", "--write-future-template FILE writes it")
    return given


def _of_columns(given: Table, panel: Panel) -> Table:
    """What was read without the columns that are not beside the targets of the panel."""
    known = {panel.sources.get(name, name) for name in panel.roles}
    kept = [name for name in given.channels if given.sources.get(name, name) in known]
    return replace(given, frame=given.frame[["unique_id", "ds", *kept]], roles=dict.fromkeys(kept, "future"))


def _in_zone(given: Table, panel: Panel, notes: list[str]) -> Table:
    """The rows with stamps as the panel has them: UTC where it has a zone, wall times where it has none."""
    zone, own = panel.schema.zone, given.schema.zone
    if zone == own or isinstance(panel.freq, int):
        return given
    frame = given.frame.copy()
    stamps = frame["ds"].to_numpy()
    if own is not None and zone is None:
        notes.append(f"--future: stamps are of {own}, those of the data have no zone: taken as clocks there show them")
        frame["ds"] = wall_times(stamps, own)
    elif own is None and zone is not None:
        wall = pd.DatetimeIndex(stamps).tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward")
        frame["ds"] = wall.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
    return replace(given, frame=frame)


def _joined(panel: Panel, rows: pd.DataFrame, given: Table, notes: list[str]) -> Panel:
    """The panel with rows to the last stamp that something is known of; a level that the source lacks is none."""
    names = [name for name in panel.roles if panel.sources.get(name, name) in _sources(given)]
    new = [name for name in given.frame.columns[2:] if name not in panel.roles]
    if new:
        notes.append(f"--future: {_quoted(new)} never occurred: nothing is known of it, and it has no effect")
    rows = rows.copy()
    for name in names:
        if name not in rows:
            source = panel.sources.get(name, name)
            beside = [other for other in rows.columns[2:] if given.sources.get(other, other) == source]
            rows[name] = np.where(rows[beside].notna().any(axis=1), 0.0, np.nan)
    ids = panel.ids
    if set(rows["unique_id"]) == {""} and ids != [""]:
        notes.append(f"--future has no column of series: it is taken for each of the {len(ids):,} series")
        rows = pd.concat([rows.assign(unique_id=uid) for uid in ids], ignore_index=True)
    strange = sorted(set(rows["unique_id"]) - set(ids))
    if strange:
        notes.append(f"--future: {len(strange):,} series are not in the data, {strange[0]!r} among them")
    parts, counts = [], np.zeros(3, dtype=int)
    for uid, old in panel:
        part, own_counts = _continued(panel, uid, old, rows[rows["unique_id"] == uid].set_index("ds")[names])
        parts.append(part)
        counts += own_counts
    notes += _said_of_rows(*counts.tolist())
    # a column that is there and empty is meant to be known ahead, and is missed
    said = [*names, *(n for n in panel.roles if panel.sources.get(n, n) in given.facts["ignored"])]
    roles = {**panel.roles, **{name: "future" for name in said if panel.roles[name] != "static"}}
    return replace(panel, frame=pd.concat(parts, ignore_index=True), roles=roles)


def _continued(
    panel: Panel, uid: str, old: pd.DataFrame, given: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[int, int, int]]:
    """The rows of one series with what is given of it, by stamp, and rows to its last stamp.

    Returns:
        The rows, and how many given ones repeat a stamp, are not on the grid, and say something else than the series.
    """
    twice = given.index.duplicated(keep="last")
    own = given[~twice].dropna(how="all")
    last, frame = old["ds"].iloc[-1], old
    later = own.index[own.index > last]
    if len(later):
        n = panel.frequency.between(last, later.max())
        after = pd.DataFrame({"unique_id": uid, "ds": panel.frequency.after(last, n)})
        frame = pd.concat([old, after.reindex(columns=old.columns)], ignore_index=True)
        frame[old.columns[2:]] = frame[old.columns[2:]].astype("float64")
    off = len(own) - int(own.index.isin(frame["ds"]).sum())
    known, before = own.reindex(pd.Index(frame["ds"])).to_numpy(), frame[own.columns].to_numpy()
    both = ~np.isnan(known) & ~np.isnan(before)
    other = int((both & ~np.isclose(known, before, rtol=1e-9, atol=0)).any(axis=1).sum())
    frame = frame.assign(**dict(zip(own.columns, np.where(np.isnan(known), before, known).T, strict=True)))
    return frame, (int(twice.sum()), off, other)


def _said_of_rows(twice: int, off: int, other: int) -> list[str]:
    notes = []
    if twice:
        notes.append(f"--future: {twice:,} rows repeat a stamp; of each stamp the last row counts")
    if off:
        notes.append(f"--future: {off:,} stamps are not on the grid of the data, or before it; they are left out")
    if other:
        notes.append(f"--future: at {other:,} stamps the data have other values; those of --future take their place")
    return notes


def _sources(table: Table) -> set[str]:
    return {table.sources.get(str(name), str(name)) for name in table.frame.columns[2:]}


def _quoted(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(f"'{name}'" for name in names[:_MOST_NAMED]) + more
