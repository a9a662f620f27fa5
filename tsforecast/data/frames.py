"""Frames of users as panels, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tsforecast.data.frequency import (
    DAY,
    EDGES,
    Frequency,
    IntArray,
    alias_of,
    day_in_month,
    month_of,
    monthly_alias,
)
from tsforecast.errors import DataError, UsageError

ROLES = ("target", "past", "future", "static")


def panel_from(
    frame: pd.DataFrame, id_col: str | None, time_col: str | None, freq: str | int | None, roles: Mapping[str, str]
) -> tuple[pd.DataFrame, Frequency, dict[str, str | None]]:
    """What `Panel.from_frame` makes a panel of: rows on a grid, their frequency, and names of columns and zone."""
    if id_col is None and "unique_id" in frame.columns:
        id_col = "unique_id"
    frame, time_col = _with_time(frame, time_col, id_col)
    names = [str(c) for c in frame.columns if c not in (id_col, time_col)]
    _check_roles(roles, names)
    stamps, zone = _stamps(frame[time_col], time_col)
    long = pd.DataFrame({"unique_id": frame[id_col].astype(str) if id_col else "", "ds": stamps})
    for name in names:
        try:
            long[name] = pd.to_numeric(frame[name]).to_numpy(dtype="float64", na_value=np.nan)
        except (ValueError, TypeError) as error:
            raise DataError(f"column '{name}' is not of numbers", "leave it out, or number its categories") from error
    if not names or not len(long):
        raise DataError("there are no rows" if names else "there is no column of values")
    if np.isinf(long[names].to_numpy()).any():
        raise DataError("a panel must not hold infinite values")
    long = long.sort_values(["unique_id", "ds"], kind="stable", ignore_index=True)
    frequency = Frequency.of(freq) if freq is not None else _commonest(long)
    groups = [_on_grid(str(uid), rows, frequency) for uid, rows in long.groupby("unique_id", sort=False)]
    return pd.concat(groups, ignore_index=True), frequency, {"time": time_col, "id": id_col, "zone": zone}


def frame_of(frame: pd.DataFrame, time: str, id_col: str | None, zone: str | None) -> pd.DataFrame:
    """What `Panel.to_frame` returns; see there."""
    frame = frame.rename(columns={"ds": time, **({"unique_id": id_col} if id_col else {})})
    if zone and pd.api.types.is_datetime64_any_dtype(frame[time]):
        frame[time] = frame[time].dt.tz_localize("UTC").dt.tz_convert(zone)
    return frame if id_col else frame.drop(columns="unique_id")


def _with_time(frame: pd.DataFrame, time_col: str | None, id_col: str | None) -> tuple[pd.DataFrame, str]:
    """The frame with its stamps in a column, and the name of it."""
    for name in (time_col, id_col):
        if name is not None and name not in frame.columns and name != frame.index.name:
            raise DataError(f"there is no column '{name}'", f"there are {', '.join(map(str, frame.columns))}")
    if time_col is None and "ds" in frame.columns:
        time_col = "ds"
    if time_col is None and isinstance(frame.index, pd.DatetimeIndex | pd.PeriodIndex):
        time_col = "ds" if frame.index.name is None else str(frame.index.name)
        return frame.rename_axis(time_col).reset_index(), time_col
    if time_col is None:
        time_col = next((str(c) for c in frame.columns if pd.api.types.is_datetime64_any_dtype(frame[c])), None)
    if time_col is None:
        raise DataError("there is no column of stamps", "name it with time_col, or give the frame an index of stamps")
    return (frame if time_col in frame.columns else frame.reset_index()), time_col


def _stamps(column: pd.Series, name: str) -> tuple[pd.Series, str | None]:
    """Whole numbers, or stamps in UTC without zone; and the zone they were in."""
    if column.isna().any():
        raise DataError(f"column '{name}' has a missing stamp")
    if pd.api.types.is_integer_dtype(column):
        return column.astype("int64"), None
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    if not pd.api.types.is_datetime64_any_dtype(column):
        try:
            column = pd.to_datetime(column)
        except (ValueError, TypeError) as error:
            raise DataError(f"column '{name}' is not of stamps or whole numbers") from error
    zone = None if column.dt.tz is None else str(column.dt.tz)
    if zone is not None:
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    return column.astype("datetime64[us]"), zone


def _check_roles(roles: Mapping[str, str], names: list[str]) -> None:
    for name, role in roles.items():
        if name not in names:
            raise DataError(f"there is no column '{name}' to have a role", f"there are {', '.join(names)}")
        if role not in ROLES:
            raise UsageError(f"the role of '{name}' must be one of {', '.join(ROLES)}, received '{role}'")


def _commonest(long: pd.DataFrame) -> Frequency:
    """The step of most rows: of constant length, or of months or business days."""
    steps: pd.Series = long.groupby("unique_id", sort=False)["ds"].diff().dropna()
    if len(steps) == 0:
        raise DataError("no series has two stamps, so no step can be seen", "give it with freq")
    if pd.api.types.is_integer_dtype(long["ds"]):
        return Frequency.of(max(1, int(steps.mode().iloc[0])))
    step = int(steps.mode().iloc[0] / pd.Timedelta(1, "us"))
    if step < 1:
        raise DataError("a stamp is there twice", "tsforecast.prepare merges them")
    longest = long.loc[long["unique_id"] == long["unique_id"].value_counts().index[0], "ds"]
    stamps = longest.to_numpy().astype("datetime64[us]").astype("int64")
    if step >= 28 * DAY and (alias := _months_apart(stamps)):
        return Frequency.of(alias)
    weekday = (stamps // DAY + 3) % 7
    if step == DAY and (weekday < 5).all() and (np.diff(stamps) == 3 * DAY).any():
        return Frequency.of("B")
    return Frequency.of(alias_of(step, int(stamps[0])))


def _months_apart(stamps: IntArray) -> str:
    """The alias of stamps that all lie on one day of the month, "" where they do not."""
    months, days = month_of(stamps), stamps // DAY
    same = int((days - day_in_month(months, "start")).max()) + 1
    edges: list[str | int] = [*EDGES, *([same] if 1 < same < 31 else [])]
    edge = next((e for e in edges if (day_in_month(months, e) == days).all()), None)
    apart = int(np.gcd.reduce(np.diff(months)))
    return monthly_alias(apart, int(months[0] % apart), edge) if edge is not None and apart else ""


def _on_grid(uid: str, rows: pd.DataFrame, frequency: Frequency) -> pd.DataFrame:
    """One series with a row for every step from its first to its last."""
    stamps: Any = rows["ds"].to_numpy()
    double = stamps[1:] == stamps[:-1]
    hint = "tsforecast.prepare makes series regular"
    if double.any():
        raise DataError(f"series '{uid}' has the stamp {stamps[1:][double][0]} twice", hint)
    grid = frequency.stamps(stamps[0], frequency.between(stamps[0], stamps[-1]) + 1)
    at = np.searchsorted(grid, stamps)
    if len(grid) < len(stamps) or (grid[np.minimum(at, len(grid) - 1)] != stamps).any():
        raise DataError(f"series '{uid}' is not on a regular grid of {frequency}", hint)
    values = np.full((len(grid), rows.shape[1] - 2), np.nan)
    values[at] = rows.iloc[:, 2:].to_numpy()
    whole = pd.DataFrame({"unique_id": uid, "ds": grid})
    return pd.concat([whole, pd.DataFrame(values, columns=rows.columns[2:])], axis=1)
