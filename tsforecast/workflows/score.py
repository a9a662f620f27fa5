"""Score: a forecast as it was written, beside what has come since and the naive forecasts that could be made then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsforecast.config import PrepareConfig
from tsforecast.data.frequency import Frequency
from tsforecast.data.panel import Panel, Table
from tsforecast.data.series import Series
from tsforecast.errors import DataError
from tsforecast.evaluate.scoring import Score
from tsforecast.evaluate.scoring import score as scored
from tsforecast.models.references import references
from tsforecast.models.task import Task
from tsforecast.workflows.usable import numbered, with_seasons

if TYPE_CHECKING:
    from tsforecast.io.forecast_file import ForecastFile
    from tsforecast.preparation import Prepared

_MOST_NAMED = 3
Key = tuple[str, str]


@dataclass(frozen=True)
class Matched:
    """What came of a forecast.

    Attributes:
        score: The numbers.
        rows: Every row of the forecast beside what came, and the naive forecasts.
        notes: What was not matched and why, one line each.
    """

    score: Score
    rows: pd.DataFrame
    notes: Sequence[str]


def actuals(table: Table, forecast: ForecastFile, config: PrepareConfig) -> Prepared:
    """What came, on its own grid; on that of the forecast where it has no step or a shorter one.

    Raises:
        DataError: It cannot be brought onto a grid.
    """
    from tsforecast.preparation import prepare

    config = replace(config, impute="none")
    wanted = config.freq or _step_of(forecast)
    try:
        found = prepare(table, config)
    except DataError:
        if config.freq or wanted is None:
            raise
        return prepare(table, replace(config, freq=wanted))
    if config.freq or wanted is None or isinstance(found.panel.freq, int) or wanted.isdigit():
        return found
    finer = found.panel.frequency.seconds < 0.999 * Frequency.of(wanted).seconds
    return prepare(table, replace(config, freq=wanted)) if finer else found


def score(forecast: ForecastFile, came: Prepared, season_length: int | None = None) -> Matched:
    """Match a forecast with what has come and score it.

    The naive forecasts are made from the rows before the first stamp of each series, where there are any.

    Args:
        forecast: As it was written.
        came: On a grid, gaps open.
        season_length: Of the seasonal naive forecast; None to find it in the rows before.

    Raises:
        DataError: None of its rows has come, or none that has come has a number.
    """
    panel = _alike(came.panel, forecast)
    own = _by_key(panel, forecast)
    rows, missing = _matched(forecast.frame, own)
    notes = _notes(rows, own, missing)
    if not rows["actual"].notna().any():
        raise DataError(
            f"none of the {len(rows):,} rows of the forecast has come: {'; '.join(notes)}", _hint(rows, own)
        )
    if not (rows["actual"].notna() & rows["yhat"].notna()).any():
        told = f"no row of the forecast that has come has a number: {'; '.join(notes)}"
        raise DataError(told, "give what forecast or predict wrote, unchanged")
    names = _with_naive(rows, panel, own, season_length)
    if not names:
        notes.append("no skill: the actuals hold no rows from before the forecast to make a naive one from")
    return Matched(scored(rows, forecast.levels, names), rows, notes)


def _step_of(forecast: ForecastFile) -> str | None:
    """The step of the forecast; None where it is too short to have one."""
    from tsforecast.preparation import prepare

    try:
        return str(prepare(forecast.table, PrepareConfig(impute="none")).panel.freq)
    except DataError:
        return None


def _alike(panel: Panel, forecast: ForecastFile) -> Panel:
    """The actuals, whose stamps are of the kind that those of the forecast are.

    Raises:
        DataError: They are not.
    """
    theirs, ours = forecast.frame["ds"].dtype.kind, panel.frame["ds"].dtype.kind
    if theirs != ours:
        kinds = {"M": "stamps", "i": "row numbers"}
        raise DataError(
            f"the forecast has {kinds.get(theirs, 'numbers')}, the actuals have {kinds.get(ours, 'numbers')}",
            "name the time of the actuals with --time-col",
        )
    return panel if not panel.schema.joint else replace(panel, schema=replace(panel.schema, joint=False))


def _by_key(panel: Panel, forecast: ForecastFile) -> dict[Key, Series]:
    """The series of the actuals by the id and channel that the forecast knows them by.

    Raises:
        DataError: The forecast is of one column, the actuals have several.
    """
    from tsforecast.preparation import with_filling

    filled = with_filling(panel, PrepareConfig())
    single = set(forecast.frame["channel"]) == {""}
    if single and len(panel.channels) > 1:
        raise DataError(
            f"the forecast is of one column, the actuals have {len(panel.channels)}: {', '.join(panel.channels[:8])}",
            "name the one that was forecast with --target-col",
        )
    return {(s.unique_id, "" if single else s.channels[0]): s for s in numbered(filled)}


def _matched(frame: pd.DataFrame, own: Mapping[Key, Series]) -> tuple[pd.DataFrame, dict[str, int]]:
    """The forecast with its steps and what came, and why the other rows have no actual value."""
    rows = frame.copy()
    rows["step"] = rows.groupby(["unique_id", "channel"], sort=False).cumcount() + 1
    actual, ds = np.full(len(rows), np.nan), rows["ds"].to_numpy()
    why = {"absent": 0, "ahead": 0, "missing": 0}
    for key, at in _places(rows):
        series = own.get(key)
        if series is None:
            why["absent"] += len(at)
            continue
        stamps = ds[at]
        place = np.minimum(np.searchsorted(series.stamps, stamps), len(series) - 1)
        found = np.where(series.stamps[place] == stamps, series.values[place, 0], np.nan)
        actual[at] = found
        ahead = stamps > series.cutoff
        why["ahead"] += int(ahead.sum())
        why["missing"] += int((np.isnan(found) & ~ahead).sum())
    rows["actual"] = actual
    return rows, why


def _places(rows: pd.DataFrame) -> Iterator[tuple[Key, npt.NDArray[np.intp]]]:
    """Id and channel of each forecast, and where its rows are."""
    for key, at in rows.groupby(["unique_id", "channel"], sort=False).indices.items():
        uid, channel = cast("tuple[Any, Any]", key)
        yield (str(uid), str(channel)), np.asarray(at, dtype=np.intp)


def _notes(rows: pd.DataFrame, own: Mapping[Key, Series], why: Mapping[str, int]) -> list[str]:
    """What was not matched, in words."""
    notes = []
    if why["ahead"]:
        notes.append(f"{why['ahead']:,} of {len(rows):,} rows have not come yet: the actuals end before them")
    if why["missing"]:
        notes.append(f"{why['missing']:,} of {len(rows):,} rows have no actual value although later ones have")
    empty = int(rows["yhat"].isna().sum())
    if empty:
        notes.append(f"{empty:,} of {len(rows):,} rows of the forecast have no number, and are not judged")
    wanted = dict.fromkeys(zip(rows["unique_id"], rows["channel"], strict=True))
    absent, more = [k for k in wanted if k not in own], [k for k in own if k not in wanted]
    if absent:
        notes.append(f"{len(absent):,} of {len(wanted):,} series are not in the actuals: {_named(absent)}")
    if more:
        notes.append(f"{len(more):,} series of the actuals were not forecast: {_named(more)}")
    return notes


def _named(keys: Sequence[Key]) -> str:
    names = ["/".join(filter(None, key)) or "the only one" for key in keys[:_MOST_NAMED]]
    return ", ".join(names) + (", ..." if len(keys) > _MOST_NAMED else "")


def _hint(rows: pd.DataFrame, own: Mapping[Key, Series]) -> str:
    if not any(key in own for key in zip(rows["unique_id"], rows["channel"], strict=True)):
        return "name the series of the actuals with --id-col"
    first, last = (pd.Series([stamp])[0] for stamp in (rows["ds"].min(), max(s.cutoff for s in own.values())))
    return f"the forecast begins at {first}, the actuals end at {last}"


def _with_naive(rows: pd.DataFrame, panel: Panel, own: Mapping[Key, Series], season_length: int | None) -> list[str]:
    """Put the naive forecasts made then beside the rows, a column each; their names."""
    places, histories = [], []
    for key, at in _places(rows):
        series = own.get(key)
        if series is None:
            continue
        first = rows["ds"].to_numpy()[at[0]]
        before = series.until(int(np.searchsorted(series.stamps, first)))
        if len(before) and not np.isnan(before.filled[-1]).any():
            places.append(at)
            histories.append(before)
    if not histories:
        return []
    histories = with_seasons(histories, [len(s) for s in histories], panel.frequency, season_length)
    ds = rows["ds"].to_numpy()
    between = panel.frequency.between
    steps = [np.array([between(s.cutoff, t) for t in ds[at]]) for at, s in zip(places, histories, strict=True)]
    horizon = max(1, *(int(own.max()) for own in steps))
    fitted = references(Task.whole(histories, horizon))
    for name, model in fitted.items():
        yhat = model.predict(histories, horizon).point
        column = np.full(len(rows), np.nan)
        for at, of, ahead in zip(places, steps, yhat, strict=True):
            column[at] = np.where(of > 0, ahead[np.maximum(of, 1) - 1, 0], np.nan)
        rows[f"naive:{name}"] = column
    return list(fitted)
