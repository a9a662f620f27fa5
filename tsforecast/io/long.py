"""Several series in one long file: told apart only by the column that the user names."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from tsforecast.errors import DataError
from tsforecast.io.axis import TimeAxis
from tsforecast.io.cells import Column, Grid
from tsforecast.panel import IntArray

_COUNT_NAME = re.compile(r"^(t|time|step|index|idx|period|date|ds|year|month|week|day)$", re.IGNORECASE)
_MAX_IDS = 0.5


def refuse_long(grid: Grid, axis: TimeAxis) -> None:
    """Stop where stamps repeat and another column tells the repeats apart.

    Raises:
        DataError: Naming that column, the one with the fewest values if there are several.
    """
    n = len(grid)
    times = [pd.factorize(axis.ds)[0]] if axis.columns else _counts(grid)
    for stamps in times:
        if n < 4 or stamps.max() + 1 > _MAX_IDS * n:
            continue
        found = [(k, c.name) for c in grid.columns if c.name not in axis.columns and (k := _series(c, stamps))]
        if found:
            series, name = min(found)
            raise DataError(
                f"stamps repeat, once for each of the {series} values of '{name}': these are several series",
                f"--id-col {name if name.isidentifier() else repr(name)}",
            )


def _counts(grid: Grid) -> list[IntArray]:
    """Codes of columns that may count time within each series, where no column is the time."""
    return [
        pd.factorize(np.asarray(c.texts if c.texts is not None else c.numbers))[0]
        for c in grid.columns
        if c.stamps is None and _COUNT_NAME.match(c.name.strip())
    ]


def _series(column: Column, stamps: IntArray) -> int:
    """How many series the column makes of the rows, 0 where its values do not tell repeated stamps apart."""
    if column.texts is not None:
        codes, values = pd.factorize(np.array(column.texts, dtype=object))
    elif column.numbers is not None and (column.numbers == np.round(column.numbers)).all():
        codes, values = pd.factorize(column.numbers)
    else:
        return 0
    if not 1 < len(values) <= _MAX_IDS * len(codes):
        return 0
    pairs = len(np.unique(stamps.astype("int64") * len(values) + codes))
    return len(values) if pairs >= 0.98 * len(codes) else 0
