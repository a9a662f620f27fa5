"""A table of forecasts read back: as `forecast` and `predict` write it, in any of the formats."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsforecast.config import ReadConfig
from tsforecast.data.panel import Schema, Table
from tsforecast.errors import DataError
from tsforecast.io.formats import read_grid
from tsforecast.io.reading import interpret
from tsforecast.io.sheet import Column
from tsforecast.io.source import load

POINT, CHANNEL = "yhat", "channel"
_INTERVAL = re.compile(r"yhat_(?:lo|hi)_(\d+(?:\.\d+)?)")
_MOST_NAMED = 8


@dataclass(frozen=True)
class ForecastFile:
    """Forecasts as they were written.

    Attributes:
        frame: `unique_id, channel, ds, yhat`, then `yhat_lo_L, yhat_hi_L` of every level; "" where the file has no such
            column. Sorted by series and stamp, one row a series, channel and stamp.
        levels: Nominal coverage of the intervals, per cent, ascending.
        schema: Its names and zone.
        table: What the reader made of it.
    """

    frame: pd.DataFrame
    levels: tuple[float, ...]
    schema: Schema
    table: Table


def read_forecast(source: str, config: ReadConfig) -> ForecastFile:
    """Read a table of forecasts from a path, or from stdin where `source` is "-".

    What stands before the column `yhat` are the series' id where there are several, the channel where there are
    several, and the time: the order in which they are written.

    Args:
        source: A path or "-".
        config: How to read the file; zone and size are heeded.

    Raises:
        DataError: It is no table of forecasts, or has two forecasts of one stamp.
    """
    config = ReadConfig(zone=config.zone, max_size=config.max_size)
    grid = read_grid(load(source, config.max_size), config)
    names = [column.name for column in grid.columns]
    before = names[: names.index(POINT)] if POINT in names else []
    if not 1 <= len(before) <= 3:
        told = ", ".join(names[:_MOST_NAMED])
        raise DataError(
            f"{source} is no table of forecasts: it has the columns {told}",
            "give what forecast or predict wrote, with the time before the column yhat",
        )
    keys, at = _keys(grid.columns, before[:-1])
    kept = [column for column in grid.columns if column.name not in before[:-1] and column.name != "beyond_horizon"]
    grid.columns = [Column("unique_id", texts=[str(k) for k in at]), *kept]
    levels = sorted({float(found[1]) for name in names if (found := _INTERVAL.fullmatch(name))})
    asked = ReadConfig(time_col=before[-1], target_col=("yhat*",), zone=config.zone, id_col="unique_id")
    table = interpret(grid, asked)
    frame = _with_keys(table.frame, keys, levels)
    twice = frame.duplicated(["unique_id", CHANNEL, "ds"])
    if twice.any():
        row = frame[twice].iloc[0]
        raise DataError(
            f"{source} has two forecasts of {row['ds']}{' of ' + row['unique_id'] if row['unique_id'] else ''}",
            "score one forecast at a time",
        )
    id_col = next((name for name in before[:-1] if name != CHANNEL or len(before) == 3), None)
    schema = Schema(before[-1], id_col, table.schema.zone)
    return ForecastFile(frame, tuple(levels), schema, table)


def _keys(columns: list[Column], names: list[str]) -> tuple[list[tuple[str, str]], list[int]]:
    """Id and channel of each series, in their order, and which series each row is of."""
    from tsforecast.io.ids import id_texts

    texts = {column.name: id_texts(column) for column in columns if column.name in names}
    rows = len(id_texts(columns[0])) if columns else 0
    channels = texts.get(CHANNEL, [""] * rows) if names and names[-1] == CHANNEL else [""] * rows
    ids = texts[names[0]] if names and (len(names) == 2 or names[-1] != CHANNEL) else [""] * rows
    number: dict[tuple[str, str], int] = {}
    at = [number.setdefault(key, len(number)) for key in zip(ids, channels, strict=True)]
    return list(number), at


def _with_keys(frame: pd.DataFrame, keys: list[tuple[str, str]], levels: list[float]) -> pd.DataFrame:
    """The rows under their ids and channels, every level with both ends, sorted."""
    of = frame["unique_id"].astype(int).to_numpy()
    columns = {
        "unique_id": np.array([uid for uid, _ in keys], dtype=object)[of],
        CHANNEL: np.array([channel for _, channel in keys], dtype=object)[of],
        "ds": frame["ds"].to_numpy(),
    }
    nothing = np.full(len(frame), np.nan)
    wanted = [POINT, *(f"yhat_{end}_{level:g}" for level in levels for end in ("lo", "hi"))]
    columns |= {name: frame[name].to_numpy() if name in frame else nothing for name in wanted}
    made = pd.DataFrame(columns).assign(series=of)
    return made.sort_values(["series", "ds"], kind="stable").drop(columns="series").reset_index(drop=True)
